/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "bench/front/help.h"

/* In troff a backslash, a dash, and a point or quote that begins a line mean
   something else. */
static void text_print(const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '\\' || *text == '-')
      putchar('\\');
    putchar(*text);
  }
}

static void line_print(const char *text) {
  fputs("\\&", stdout);
  text_print(text);
  putchar('\n');
}

static void option_print(const struct option_card *card) {
  fputs(".TP\n", stdout);
  if (card->letter != 0)
    printf("\\fB\\-%c\\fR, ", card->letter);
  fputs("\\fB", stdout);
  text_print("--");
  text_print(card->name);
  fputs("\\fR", stdout);
  if (card->value != NULL) {
    fputs("=\\fI", stdout);
    text_print(card->value);
    fputs("\\fR", stdout);
  }
  putchar('\n');
  line_print(card->help);
}

static void verb_print(const struct verb *v) {
  fputs(".SS sweepstakes ", stdout);
  text_print(v->name);
  putchar(' ');
  text_print(v->usage);
  putchar('\n');
  line_print(v->summary);
  if (v->more != NULL) {
    fputs(".PP\n", stdout);
    line_print(v->more);
  }
  for (size_t i = 0; i < OPTION_HELP; i++) {
    if ((option_cards[i].commands & v->options) != 0)
      option_print(&option_cards[i]);
  }
}

static void exit_status_print(void) {
  puts(".SH EXIT STATUS");
  for (int i = 0; help_exit_texts[i] != NULL; i++) {
    printf(".TP\n%d\n", i);
    line_print(help_exit_texts[i]);
  }
}

void manual_print(void) {
  puts(
      ".TH SWEEPSTAKES 1 \"\" \"sweepstakes " SWEEPSTAKES_VERSION "\"\n"
      ".SH NAME\n"
      "sweepstakes \\- race memory managers, compare and plot the results\n"
      ".SH SYNOPSIS\n"
      ".B sweepstakes\n"
      "\\fICOMMAND\\fR [\\fIOPTION\\fR...]\n"
      ".SH DESCRIPTION\n"
      "Threaded workloads run with several memory managers. A campaign is a\n"
      "set of such runs in blocks; its figures go to CSV files in one folder,\n"
      "which other commands compare, draw and report.\n"
      ".PP\n"
      "Every command takes \\fB\\-h\\fR, \\fB\\-\\-help\\fR, which lists its "
      "options. Defaults are in brackets.\n"
      ".SH COMMANDS");
  for (const struct verb *v = verbs; v->name != NULL; v++)
    verb_print(v);
  exit_status_print();
}
