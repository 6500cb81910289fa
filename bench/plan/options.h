/* SPDX-License-Identifier: MIT */
/* The command line as it was written: which options there are, and the text
   that each was given. settings.h makes sense of it. */
#ifndef PLAN_OPTIONS_H
#define PLAN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/base/pool.h"

enum option {
  /* What makes the plan; kept beside the results. */
  OPTION_COLLECTORS,
  OPTION_WORKLOADS,
  OPTION_THREADS,
  OPTION_SIZE,
  OPTION_PARAM,
  OPTION_HEAP_FACTORS,
  OPTION_TUNING,
  OPTION_GC_THREADS,
  OPTION_WARMUPS,
  OPTION_BLOCKS,
  OPTION_SEED,
  OPTION_TIMEOUT,
  OPTION_NOISE,
  OPTION_PART,
  OPTION_PLAN_COUNT,
  /* What does not. */
  OPTION_PRESET = OPTION_PLAN_COUNT,
  OPTION_TIME_BUDGET,
  OPTION_RERUNS,
  OPTION_RESULTS,
  OPTION_CAMPAIGN,
  OPTION_RESUME,
  OPTION_MACHINE,
  OPTION_BIN_DIR,
  OPTION_BOUND,
  OPTION_METRIC,
  OPTION_FORMAT,
  OPTION_DRAW,
  OPTION_COUNT
};

/* Which commands take an option. */
enum {
  IN_LIST = 1,
  IN_PLAN = 2,
  IN_RUN = 4,
  IN_TABLE = 8,
  IN_COMPARE = 16,
  IN_PLOT = 32,
  IN_MERGE = 64,
  IN_TRUST = 128,
  IN_REPORT = 256,
  IN_MIN_HEAP = 512,
  IN_EXPORT = 1024,
  IN_CHARACTERISE = 2048,
  IN_MAX_RATE = 4096
};

struct option_card {
  const char *name;
  const char *value; /* what the help calls its value; NULL: it has none */
  unsigned commands;
  bool repeats; /* may be given again; the values are joined by newlines */
  const char *help;
};
extern const struct option_card option_cards[OPTION_COUNT];

struct options {
  struct pool *pool;
  const char *text[OPTION_COUNT]; /* NULL: not given */
  const char **operands;          /* the words that are no options */
  size_t operand_count;
};

/* Reads what follows the command, with so many operands at most. Exit code. */
int options_read(struct options *, unsigned command, size_t operands_max,
                 char *const *arguments);

/* In single quotes where a shell needs them. */
const char *options_quoted(struct pool *, const char *word);
/* --OPTION=VALUE, so. */
const char *options_word(struct pool *, enum option, const char *value);

/* One option a line, as on the command line. */
void options_write_plan(const struct options *, FILE *);
/* Takes the plan from a file that options_write_plan wrote. What the command
   line gave too must agree with it. Exit code. */
int options_take_plan(struct options *, const char *path);

#endif
