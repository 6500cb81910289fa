/* SPDX-License-Identifier: MIT */
/* Which options there are, what each takes, and which commands take it. */
#ifndef PLAN_OPTION_CARDS_H
#define PLAN_OPTION_CARDS_H

#include <stdbool.h>

enum option_id {
  /* Options that determine the plan; they are kept with the results. */
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
  OPTION_HUGE_PAGES,
  OPTION_PIN,
  OPTION_PREFAULT,
  OPTION_NOISE,
  OPTION_PART,
  OPTION_PLAN_COUNT,
  /* Options that do not. */
  OPTION_PRESET = OPTION_PLAN_COUNT,
  OPTION_SWEEP, /* the plan keeps the variants that it makes */
  OPTION_TIME_BUDGET,
  OPTION_RERUNS,
  OPTION_RESULTS,
  OPTION_CAMPAIGN,
  OPTION_RESUME,
  OPTION_MACHINE,
  OPTION_BIN_DIR,
  OPTION_BOUND,
  OPTION_METRIC,
  OPTION_CORRECTION,
  OPTION_LIMIT,
  OPTION_PAUSE,
  OPTION_FORMAT,
  OPTION_DRAW,
  OPTION_EXCLUDE,
  OPTION_OUTPUT,
  OPTION_QUIET,
  OPTION_HELP,
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
  IN_MAX_RATE = 4096,
  IN_RECOMMEND = 8192,
  IN_HELP = 16384,
  IN_TUNE = 32768,
  IN_ALL = 2 * IN_TUNE - 1
};

struct option_card {
  const char *name;
  char letter;       /* the short option, without its dash; 0: none */
  const char *value; /* what the help calls its value; NULL: it has none */
  unsigned commands;
  bool repeats;     /* may be given again; the values are joined by newlines */
  const char *help; /* a phrase, with the default in brackets */
  const char *choices; /* the values that there are; NULL: any */
};
extern const struct option_card option_cards[OPTION_COUNT];

#endif
