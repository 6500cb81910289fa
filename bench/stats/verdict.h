/* SPDX-License-Identifier: MIT */
/* The verdict on a line. It follows only from the interval printed beside it,
   so the two cannot contradict each other. */
#ifndef BENCH_VERDICT_H
#define BENCH_VERDICT_H

#include <stddef.h>

#include "bench/stats/family.h"
#include "bench/stats/moderated.h"

/* Intervals within this margin are "same". The margin must exceed EFFECT_LEAST:
   then enough blocks decide every line. */
#define VERDICT_MARGIN 0.05

enum verdict_word {
  VERDICT_UNDECIDED, /* all other lines, and lines without an interval */
  VERDICT_LESS, /* the interval lies below 1, and the ratio differs by 2 % */
  VERDICT_MORE,
  VERDICT_SAME /* the interval lies within the margin */
};

struct verdict {
  enum verdict_word word;
  double p;         /* adjusted for all lines */
  double low, high; /* of the ratio, to be printed beside the word */
  double
      within; /* largest distance of the interval from 1: "same within ±x %" */
  size_t blocks; /* blocks that would decide an undecided line in four campaigns
                    of five, if its ratio and deviation are the true ones; 0:
                    unknown */
};

/* The verdict for a ratio and its interval, also for intervals computed
   elsewhere. */
enum verdict_word verdict_word(double ratio, double low, double high,
                               double margin);

/* Judges the lines of a table together, after moderate() (in one family or in
   several). A line's adjusted p is at most 0.05 exactly if its interval
   excludes 1. For this, the intervals have confidence 1 - alpha, not 0.95;
   alpha is returned (see family_adjust()). */
double verdict_table(const struct moderated_line *lines, size_t count,
                     enum family_rule, double margin, struct verdict *verdicts);

#endif
