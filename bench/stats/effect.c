/* SPDX-License-Identifier: MIT */
#include "bench/stats/effect.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "bench/stats/room.h"

/* No campaign has more blocks. */
enum { BLOCKS_MAX = 100000 };

struct sample {
  const double *ratios;
  size_t rows, blocks;
  double *room; /* scratch memory for one row */
};

/* The median of a row over the chosen blocks; NAN if the row has no ratio in
   them. */
static double row_median(const struct sample *s, size_t row,
                         const size_t *chosen) {
  size_t count = 0;
  for (size_t i = 0; i < s->blocks; i++) {
    double ratio = s->ratios[row * s->blocks + chosen[i]];
    if (!isnan(ratio))
      s->room[count++] = ratio;
  }
  return count > 0 ? gsl_stats_median(s->room, 1, count) : NAN;
}

/* The geometric mean of the medians of rows that have a ratio in a chosen
   block. */
static double geometric_mean(const struct sample *s, const size_t *chosen) {
  double sum = 0;
  size_t count = 0;
  for (size_t row = 0; row < s->rows; row++) {
    double median = row_median(s, row, chosen);
    if (isnan(median))
      continue;
    sum += log(median);
    count++;
  }
  return count > 0 ? exp(sum / (double)count) : NAN;
}

/* Computes the same as gsl_stats_quantile_from_sorted_data, but by selection:
   sorting would dominate the cost of resampling. Reorders the values. */
static double quantile(double *values, size_t count, double p) {
  double at = p * (double)(count - 1);
  size_t below = (size_t)at;
  double value = gsl_stats_select(values, 1, count, below);
  if (below + 1 == count)
    return value;
  double next = gsl_stats_select(values, 1, count, below + 1);
  return value + (at - (double)below) * (next - value);
}

static void interval_find(const struct sample *s, size_t *chosen,
                          struct effect *e) {
  double *means = room_make(EFFECT_RESAMPLES, sizeof *means);
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937); /* with a fixed seed */
  size_t count = 0;
  for (int i = 0; i < EFFECT_RESAMPLES; i++) {
    for (size_t j = 0; j < s->blocks; j++)
      chosen[j] = gsl_rng_uniform_int(random, s->blocks);
    double mean = geometric_mean(s, chosen);
    if (!isnan(mean))
      means[count++] = mean;
  }
  double tail = (1 - EFFECT_CONFIDENCE) / 2;
  e->low = quantile(means, count, tail);
  e->high = quantile(means, count, 1 - tail);
  gsl_rng_free(random);
  free(means);
}

/* Writes the mean logarithm of each block that has a ratio. Returns the number
   of these blocks. */
static size_t blocks_take(const struct sample *s, double *out) {
  size_t count = 0;
  for (size_t block = 0; block < s->blocks; block++) {
    double sum = 0;
    size_t found = 0;
    for (size_t row = 0; row < s->rows; row++) {
      double ratio = s->ratios[row * s->blocks + block];
      if (isnan(ratio))
        continue;
      sum += log(ratio);
      found++;
    }
    if (found > 0)
      out[count++] = sum / (double)found;
  }
  return count;
}

static double t_test(double mean, double spread, size_t count) {
  if (spread == 0)
    return mean == 0 ? 1 : 0;
  double t = fabs(mean) / (spread / sqrt((double)count));
  return 2 * gsl_cdf_tdist_Q(t, (double)count - 1);
}

struct effect effect_estimate(const double *ratios, size_t rows,
                              size_t blocks) {
  struct effect e = {
      .ratio = NAN, .low = NAN, .high = NAN, .spread = NAN, .p = 1};
  struct sample s = {ratios, rows, blocks, room_make(blocks, sizeof *s.room)};
  double *logs = room_make(blocks, sizeof *logs);
  size_t *chosen = room_make(blocks, sizeof *chosen);
  for (size_t i = 0; i < blocks; i++)
    chosen[i] = i;
  e.ratio = geometric_mean(&s, chosen);
  e.blocks = blocks_take(&s, logs);
  if (e.blocks >= EFFECT_BLOCKS_MIN) {
    e.spread = gsl_stats_sd(logs, 1, e.blocks);
    e.p = t_test(gsl_stats_mean(logs, 1, e.blocks), e.spread, e.blocks);
    interval_find(&s, chosen, &e);
  }
  free(chosen);
  free(logs);
  free(s.room);
  return e;
}

/* --- verdicts ------------------------------------------------------------ */

enum effect_verdict effect_judge(const struct effect *e) {
  if (e->blocks < EFFECT_BLOCKS_MIN)
    return EFFECT_UNKNOWN;
  if (e->p >= 1 - EFFECT_CONFIDENCE)
    return EFFECT_NONE;
  if (e->high < 1 && e->ratio <= 1 - EFFECT_LEAST)
    return EFFECT_LESS;
  if (e->low > 1 && e->ratio >= 1 + EFFECT_LEAST)
    return EFFECT_MORE;
  return EFFECT_NONE;
}

double effect_reach(const struct effect *e) {
  return fmax(fabs(e->high - 1), fabs(1 - e->low));
}

double effect_resolution(double spread, size_t blocks) {
  double n = (double)blocks, tail = (1 - EFFECT_CONFIDENCE) / 2;
  return exp(gsl_cdf_tdist_Qinv(tail, n - 1) * spread / sqrt(n)) - 1;
}

size_t effect_blocks_needed(double spread, double width) {
  size_t blocks = EFFECT_BLOCKS_MIN;
  while (blocks < BLOCKS_MAX && effect_resolution(spread, blocks) > width)
    blocks++;
  return blocks;
}
