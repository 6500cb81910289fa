/* SPDX-License-Identifier: MIT */
/* The commands of sweepstakes. A card says everything about one command:
   main runs it, help prints it. The cards of their options are in
   bench/plan/option_cards.h. */
#ifndef FRONT_VERBS_H
#define FRONT_VERBS_H

#include "bench/plan/options.h"

struct verb {
  const char *name;
  const char *usage;   /* what may follow the name */
  const char *summary; /* a line */
  unsigned options;    /* IN_…: which options it takes */
  size_t operands;     /* how many words beside options it takes, at most */
  const char *more;    /* a paragraph of its help; NULL: there is none */
  int (*run)(struct options *); /* exit code */
};

extern const struct verb verbs[]; /* by name; the last one has none */

/* NULL: there is no such command. */
const struct verb *verb_find(const char *name);
/* Prints that the command is unknown, and the name that was perhaps meant. Exit
   code. */
int verb_complain(const char *name);

#endif
