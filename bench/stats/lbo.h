/* SPDX-License-Identifier: MIT */
/* Lower-bound overhead (Cai, Blackburn, Bond, Maas: "Distilling the real cost
   of production garbage collectors", ISPASS 2022): what a collector costs at
   least, measured from below by the cheapest run that any collector made, with
   all that it says it cost taken away. */
#ifndef STATS_LBO_H
#define STATS_LBO_H

#include <stddef.h>

/* Means over the runs of one workload with one collector and one heap. NAN:
   it did not come through. */
struct lbo_cost {
  double total;
  double collecting; /* the part of it that is known to be the collector's */
};

/* The least of total - collecting; NAN where none came through. */
double lbo_baseline(const struct lbo_cost *, size_t count);
/* At least 1 in every cost that the baseline was taken from. */
double lbo_overhead(const struct lbo_cost *, double baseline);

#endif
