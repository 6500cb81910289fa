/* SPDX-License-Identifier: MIT */
#include "bench/stats/modes.h"

#include <math.h>
#include <stdlib.h>

#include "bench/stats/room.h"

/* The fifth percentile, over 200,000 samples from a normal distribution, of the
   share of the sum of squares that is within the groups. It rises with the
   count, so larger counts may use the last one. */
enum { COUNT_MAX = 20 };
static const double cuts[COUNT_MAX + 1] = {
    [5] = 0.051,  [6] = 0.072,  [7] = 0.091,  [8] = 0.109,
    [9] = 0.124,  [10] = 0.137, [11] = 0.149, [12] = 0.158,
    [13] = 0.167, [14] = 0.175, [15] = 0.182, [16] = 0.188,
    [17] = 0.194, [18] = 0.199, [19] = 0.205, [20] = 0.209};

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double squares(const double *values, size_t count, double *mean) {
  double sum = 0, of = 0;
  for (size_t i = 0; i < count; i++)
    sum += values[i];
  *mean = sum / (double)count;
  for (size_t i = 0; i < count; i++)
    of += pow(values[i] - *mean, 2);
  return of;
}

static size_t logs_take(const double *ratios, size_t count, double *logs) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    if (!isnan(ratios[i]))
      logs[found++] = log(ratios[i]);
  }
  if (found > 1)
    qsort(logs, found, sizeof *logs, compare_doubles);
  return found;
}

/* Fills the groups of the best division; returns its sum of squares. */
static double divide(const double *logs, size_t count, struct modes *modes) {
  double least = INFINITY;
  for (size_t i = 2; i + 2 <= count; i++) {
    double low, high;
    double within =
        squares(logs, i, &low) + squares(logs + i, count - i, &high);
    if (within >= least)
      continue;
    least = within;
    modes->low_count = i;
    modes->high_count = count - i;
    modes->low = exp(low);
    modes->high = exp(high);
  }
  return least;
}

struct modes modes_find(const double *ratios, size_t count, double least) {
  struct modes modes = {0};
  double *logs = room_make(count, sizeof *logs), mean;
  size_t found = logs_take(ratios, count, logs);
  if (found >= MODES_BLOCKS_MIN) {
    double within = divide(logs, found, &modes);
    double cut = cuts[found < COUNT_MAX ? found : COUNT_MAX];
    modes.are_two = within < cut * squares(logs, found, &mean) &&
                    modes.high > least * modes.low;
  }
  free(logs);
  return modes;
}
