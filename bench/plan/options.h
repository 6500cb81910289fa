/* SPDX-License-Identifier: MIT */
/* The command line: the text that each option was given. settings.h checks and
   converts these texts. */
#ifndef PLAN_OPTIONS_H
#define PLAN_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

#include "bench/base/pool.h"
#include "bench/plan/option_cards.h"

struct options {
  struct pool *pool;
  const char *verb;               /* the command, for messages */
  const char *text[OPTION_COUNT]; /* NULL: not given */
  const char **operands;          /* the words that are no options */
  size_t operand_count;
};

/* Reads the words after the command; at most `operands_max` of them may be
   operands. Exit code. */
int options_read(struct options *, unsigned command, size_t operands_max,
                 char *const *arguments);

/* The word, in single quotes if a shell needs them. */
const char *options_quoted(struct pool *, const char *word);
/* --OPTION=VALUE, in quotes if a shell needs them. */
const char *options_word(struct pool *, enum option_id, const char *value);

/* One option a line, as on the command line. */
void options_write_plan(const struct options *, FILE *);
/* Takes the plan from a file that options_write_plan wrote. What the command
   line gave too must agree with it. Exit code. */
int options_take_plan(struct options *, const char *path);

#endif
