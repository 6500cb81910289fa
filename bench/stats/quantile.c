/* SPDX-License-Identifier: MIT */
#include "bench/stats/quantile.h"

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

bool quantile_is_supported(double p, uint64_t events) {
  /* A hair over, so that 0.9 of 100 is not lost to rounding. */
  return (double)events * (1 - p) >= 10 * (1 - 1e-9);
}
