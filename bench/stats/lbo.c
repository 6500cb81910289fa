/* SPDX-License-Identifier: MIT */
#include "bench/stats/lbo.h"

#include <math.h>

double lbo_baseline(const struct lbo_cost *costs, size_t count) {
  double least = NAN;
  for (size_t i = 0; i < count; i++)
    least = fmin(least, costs[i].total - costs[i].collecting);
  return least;
}

double lbo_overhead(const struct lbo_cost *cost, double baseline) {
  return cost->total / baseline;
}
