/* SPDX-License-Identifier: MIT */
/* What is said of a line. The word follows from the interval that stands beside
   it and from nothing else, so the two cannot contradict each other. */
#ifndef BENCH_VERDICT_H
#define BENCH_VERDICT_H

#include <stddef.h>

#include "bench/stats/family.h"
#include "bench/stats/moderated.h"

/* "Same" is said of intervals within this. It has to be more than EFFECT_LEAST:
   then enough blocks decide every line. */
#define VERDICT_MARGIN 0.05

enum verdict_word {
  VERDICT_UNDECIDED, /* anything else, and lines without an interval */
  VERDICT_LESS,      /* the interval lies below 1, the ratio beyond 2 % */
  VERDICT_MORE,
  VERDICT_SAME /* the interval lies within the margin */
};

struct verdict {
  enum verdict_word word;
  double p;         /* adjusted for all lines */
  double low, high; /* of the ratio, to be printed beside the word */
  double within;    /* how far from 1 they reach: "same within ±x %" */
  size_t blocks;    /* that would decide an undecided line in four campaigns of
                       five, if its ratio and deviation are the true ones;
                       0 where nothing is known */
};

/* The word of a ratio and its interval; also for intervals from elsewhere. */
enum verdict_word verdict_word(double ratio, double low, double high,
                               double margin);

/* Judges the lines of a table together, after moderate() has seen them (in one
   family or in many). Lines whose adjusted p is at most 0.05 are exactly those
   whose interval excludes 1: the intervals are at confidence 1 - alpha, which
   is returned, and not at 0.95 (see family_adjust()). */
double verdict_table(const struct moderated_line *lines, size_t count,
                     enum family_rule, double margin, struct verdict *verdicts);

#endif
