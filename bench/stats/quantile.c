/* SPDX-License-Identifier: MIT */
#include "bench/stats/quantile.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

struct quantile_summary quantile_summarize(double *values, size_t count) {
  qsort(values, count, sizeof *values, compare);
  double median = (values[(count - 1) / 2] + values[count / 2]) / 2;
  return (struct quantile_summary){median, values[0], values[count - 1]};
}

double quantile_at(const double *ascending, size_t count, double p) {
  /* Slightly lowered, so that 0.9 of 10 is not rounded up to 10. */
  double rank = ceil(p * (double)count * (1 - 1e-12));
  return ascending[rank < 1 ? 0 : (size_t)rank - 1];
}

double quantile_geometric_mean(const double *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += log(values[i]);
  return exp(sum / (double)count);
}

bool quantile_is_supported(double p, uint64_t events) {
  /* Slightly lowered, so that rounding does not reject 0.9 of 100. */
  return (double)events * (1 - p) >= 10 * (1 - 1e-9);
}
