/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/front/commands.h"
#include "bench/front/verbs.h"

/* USAGE: of the names and usages that most commands have. */
enum { USAGE_WIDTH = 26, LINE_WIDTH = 76 };

/* Breaks it between words. */
static void paragraph_print(const char *text) {
  size_t column = 0;
  while (*text != '\0') {
    size_t length = strcspn(text, " ");
    bool fits = column == 0 || column + 1 + length <= LINE_WIDTH;
    if (column > 0)
      putchar(fits ? ' ' : '\n');
    column = column > 0 && fits ? column + 1 + length : length;
    printf("%.*s", (int)length, text);
    text += length;
    text += strspn(text, " ");
  }
  putchar('\n');
}

static void options_print(unsigned command) {
  if (command == 0)
    return;
  fputs("\noptions, and what holds where they are not given:\n", stdout);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const struct option_card *card = &option_cards[i];
    if ((card->commands & command) == 0)
      continue;
    printf("  --%s%s%s\n      %s\n", card->name, card->value != NULL ? " " : "",
           card->value != NULL ? card->value : "", card->help);
  }
}

static void overview_print(void) {
  fputs("sweepstakes races memory managers.\n\nusage:\n", stdout);
  for (const struct verb *v = verbs; v->name != NULL; v++)
    printf("  sweepstakes %s %-*s %s\n", v->name,
           USAGE_WIDTH - (int)strlen(v->name), v->usage, v->summary);
  fputs("\nexit status:\n"
        "  0  fine\n"
        "  1  a run crashed or gave a wrong result\n"
        "  2  an unknown name, or a number that will not do\n"
        "  3  a results folder cannot be read or written\n"
        "  4  a heap was too small\n"
        "  5  so many threads cannot be made\n"
        "  6  a program or library is missing, or does not fit\n"
        "  7  interrupted; finished rows are kept\n"
        "  8  a run took too long\n"
        "  9  the machine was too noisy for a run to be trusted\n",
        stdout);
}

static void verb_print(const struct verb *v) {
  printf("usage: sweepstakes %s %s\n  %s\n", v->name, v->usage, v->summary);
  if (v->more != NULL) {
    putchar('\n');
    paragraph_print(v->more);
  }
  options_print(v->options);
}

int help_command(struct options *options) {
  if (options->operand_count == 0) {
    overview_print();
    return EXIT_FINE;
  }
  const char *name = options->operands[0];
  const struct verb *v = verb_find(name);
  if (v == NULL)
    return complain(EXIT_USAGE, "there is no command '%s'", name);
  verb_print(v);
  return EXIT_FINE;
}
