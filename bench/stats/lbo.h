/* SPDX-License-Identifier: MIT */
/* Lower-bound overhead (Cai, Blackburn, Bond, Maas: "Distilling the real cost
   of production garbage collectors", ISPASS 2022): a lower bound of a
   collector's cost. The baseline approximates a run without any collector: it
   is the smallest cost of any run minus the part that is known to be the
   collector's. */
#ifndef STATS_LBO_H
#define STATS_LBO_H

#include <stddef.h>

/* Means over the runs of one workload with one collector and one heap. NAN if a
   run failed. */
struct lbo_cost {
  double total;
  double collecting; /* the part known to be the collector's */
};

/* The smallest total - collecting; NAN if no run completed. */
double lbo_baseline(const struct lbo_cost *, size_t count);
/* total / baseline. It is at least 1 for the costs that the baseline was
   computed from. */
double lbo_overhead(const struct lbo_cost *, double baseline);

#endif
