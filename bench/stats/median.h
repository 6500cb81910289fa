/* SPDX-License-Identifier: MIT */
/* The middle of a few values, with an interval of stated coverage. */
#ifndef BENCH_MEDIAN_H
#define BENCH_MEDIAN_H

#include <stdbool.h>
#include <stddef.h>

/* With fewer values, no two of them enclose the median with 95 %. The smallest
   and the largest of 3, 4 and 5 values do so with 75, 87.5 and 93.75 %, and a
   bootstrap can only draw from these values. */
enum { MEDIAN_ORDER_MIN = 6 };

struct median_interval {
  double middle;    /* the median; with too few values the geometric mean */
  double low, high; /* NAN if there is no interval, as with one value */
  double coverage;
  bool is_of_order; /* an order interval of the median, for any distribution */
};

/* With at least MEDIAN_ORDER_MIN values: the closest pair of values, equally
   far from both ends, that covers the median with at least EFFECT_CONFIDENCE
   (Conover, "Practical nonparametric statistics", 1999, 3.2). With fewer: the t
   interval of the mean logarithm, whose coverage holds if logarithms are nearly
   normal; if a value is 0, there is none, and `middle` is the median. Sorts
   `values`, of which there is at least one. */
struct median_interval median_interval(double *values, size_t count);

#endif
