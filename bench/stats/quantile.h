/* SPDX-License-Identifier: MIT */
/* Medians of small samples, and the percentiles that a sample supports. */
#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quantile_summary {
  double median, least, greatest;
};

/* Sorts `values`; at least one. */
struct quantile_summary quantile_summarize(double *values, size_t count);
/* The smallest value that at least a fraction p of the values do not exceed.
   The values must be ascending. */
double quantile_at(const double *ascending, size_t count, double p);
/* NAN if one value is NAN: the mean is over all workloads or is not given. */
double quantile_geometric_mean(const double *values, size_t count);
/* A percentile is reported only if at least ten events lie beyond it. */
bool quantile_is_supported(double p, uint64_t events);

#endif
