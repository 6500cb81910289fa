/* SPDX-License-Identifier: MIT */
/* p values that are judged together. */
#ifndef BENCH_FAMILY_H
#define BENCH_FAMILY_H

#include <stddef.h>

enum family_rule {
  /* Benjamini and Hochberg, "Controlling the false discovery rate", Journal of
     the Royal Statistical Society B 57 (1995): of the lines that are marked at
     level 0.05, at most one in twenty is expected to be false. For tables. */
  FAMILY_BENJAMINI_HOCHBERG,
  /* Holm, "A simple sequentially rejective multiple test procedure",
     Scandinavian Journal of Statistics 6 (1979): with probability 0.95 no line
     that is marked is false. For claims. */
  FAMILY_HOLM
};

/* Replaces each p by its adjusted p: the lowest level at which the line is
   marked. A NAN stays and does not count as a member.
   Returns the cut: the lines whose own p lies under it are exactly those that
   are marked at `level`. An interval at confidence 1 - cut therefore excludes
   "no effect" exactly where the line is marked. For Benjamini and Hochberg
   these are the intervals of Benjamini and Yekutieli ("False discovery
   rate-adjusted multiple confidence intervals for selected parameters", Journal
   of the American Statistical Association 100, 2005): of the intervals of
   marked lines, at most one in twenty is expected to miss. */
double family_adjust(enum family_rule, double *p, size_t count, double level);

#endif
