/* SPDX-License-Identifier: MIT */
/* Medians of small samples, and what a sample is large enough for. */
#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quantile_summary {
  double median, least, greatest;
};

/* Sorts `values`; there is at least one. */
struct quantile_summary quantile_summarize(double *values, size_t count);
/* The least value that a share p of them does not exceed; they ascend. */
double quantile_at(const double *ascending, size_t count, double p);
/* NAN where one of them is: a mean over all workloads or none. */
double quantile_geometric_mean(const double *values, size_t count);
/* A percentile says something only where ten events lie beyond it. */
bool quantile_is_supported(double p, uint64_t events);

#endif
