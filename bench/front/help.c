/* SPDX-License-Identifier: MIT */
#include "bench/front/help.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/paragraph.h"
#include "bench/base/say.h"
#include "bench/front/commands.h"

/* NAME: of a command; OPTION: of its options with their values. */
enum { NAME_WIDTH = 13, OPTION_WIDTH = 29 };

const char *const help_exit_texts[] = {
    [EXIT_FINE] = "success",
    [EXIT_FAILED] = "a run crashed or gave a wrong result, or a chart failed",
    [EXIT_USAGE] = "an unknown name or an invalid number; nothing was run",
    [EXIT_RESULTS] = "a results folder cannot be read or written",
    [EXIT_MEMORY] = "a heap was too small",
    [EXIT_THREADS] = "the system refused to create so many threads",
    [EXIT_MISSING] = "a program or library is missing or does not fit",
    [EXIT_INTERRUPTED] = "interrupted; the rows of finished runs are kept",
    [EXIT_TIMED_OUT] = "a run took too long",
    [EXIT_UNTRUSTED] = "the machine was too noisy to trust a run",
    NULL,
};

static void option_print(const struct option_card *card) {
  char letter[] = {card->letter != 0 ? '-' : ' ', card->letter, ',', '\0'};
  int column = printf("  %s --%s%s%s", card->letter != 0 ? letter : "   ",
                      card->name, card->value != NULL ? "=" : "",
                      card->value != NULL ? card->value : "");
  if (column >= OPTION_WIDTH)
    printf("\n%*s", OPTION_WIDTH + 1, "");
  else
    printf("%*s", OPTION_WIDTH + 1 - column, "");
  paragraph_print(card->help, OPTION_WIDTH + 1, OPTION_WIDTH + 1);
}

int help_print(const struct verb *v) {
  printf("Usage: sweepstakes %s %s\n\n", v->name, v->usage);
  printf("%c%s.\n", toupper((unsigned char)v->summary[0]), v->summary + 1);
  if (v->more != NULL) {
    putchar('\n');
    paragraph_print(v->more, 0, 0);
  }
  puts("\nOptions (default in brackets):");
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if ((option_cards[i].commands & v->options) != 0)
      option_print(&option_cards[i]);
  }
  return EXIT_FINE;
}

int help_version_print(void) {
  puts("sweepstakes " SWEEPSTAKES_VERSION);
  return EXIT_FINE;
}

static void overview_print(void) {
  puts(HELP_PURPOSE "\n\nUsage: sweepstakes COMMAND [OPTION...]\n\nCommands:");
  for (const struct verb *v = verbs; v->name != NULL; v++)
    printf("  %-*s %s\n", NAME_WIDTH, v->name, v->summary);
  puts("\n'sweepstakes COMMAND --help' lists a command's options; 'sweepstakes "
       "--version'\nprints the version.\n\nExit status:");
  for (int i = 0; help_exit_texts[i] != NULL; i++)
    printf("  %d  %s\n", i, help_exit_texts[i]);
}

/* Topics that are no commands. */
static const struct topic {
  const char *name;
  void (*print)(void);
} topics[] = {
    {"man", manual_print},
    {"bash", completion_print_bash},
    {"zsh", completion_print_zsh},
};

int help_command(struct options *options) {
  if (options->operand_count == 0) {
    overview_print();
    return EXIT_FINE;
  }
  const char *name = options->operands[0];
  for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
    if (strcmp(name, topics[i].name) != 0)
      continue;
    topics[i].print();
    return EXIT_FINE;
  }
  const struct verb *v = verb_find(name);
  return v != NULL ? help_print(v) : verb_complain(name);
}
