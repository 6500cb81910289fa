/* SPDX-License-Identifier: MIT */
/* The help, the manual page and the completions for shells. All of them are
   made from the cards of commands (verbs.h) and options (option_cards.h). */
#ifndef FRONT_HELP_H
#define FRONT_HELP_H

#include "bench/front/verbs.h"

/* What sweepstakes is, in a sentence. */
#define HELP_PURPOSE "sweepstakes races memory managers."

/* What each exit status means; ends with NULL. */
extern const char *const help_exit_texts[];

/* Prints the options of a command and what they mean. Exit code. */
int help_print(const struct verb *);
int help_version_print(void);

/* Print the manual page, in the man macros, and a completion script. */
void manual_print(void);
void completion_print_bash(void);
void completion_print_zsh(void);

#endif
