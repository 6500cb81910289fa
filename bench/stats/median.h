/* SPDX-License-Identifier: MIT */
/* The middle of a few values, with an interval that covers what it says. */
#ifndef BENCH_MEDIAN_H
#define BENCH_MEDIAN_H

#include <stdbool.h>
#include <stddef.h>

/* With fewer values no two of them enclose the median with 95 %: the least and
   the greatest do with 75, 87.5 and 93.75 % of 3, 4 and 5, and that is all that
   a bootstrap has to draw from. */
enum { MEDIAN_ORDER_MIN = 6 };

struct median_interval {
  double middle;    /* the median; of fewer values the geometric mean */
  double low, high; /* NAN with one value */
  double coverage;
  bool is_of_order; /* of the median, whatever the distribution */
};

/* From MEDIAN_ORDER_MIN values on, the closest pair of values, as many from
   below as from above, that covers the median with EFFECT_CONFIDENCE at least
   (Conover, "Practical nonparametric statistics", 1999, 3.2). With fewer, the t
   interval of the mean logarithm: it has its coverage where logarithms are
   nearly normal.
   Sorts `values`, which are positive; there is at least one. */
struct median_interval median_interval(double *values, size_t count);

#endif
