/* SPDX-License-Identifier: MIT */
#include "bench/stats/effect.h"

#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bench/stats/room.h"

struct sample {
  const double *logs; /* NAN where a block has no ratio */
  size_t rows, blocks;
};

/* The mean of a row over the chosen blocks; NAN if it has no ratio in them. */
static double row_mean(const struct sample *s, size_t row,
                       const size_t *chosen) {
  double sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < s->blocks; i++) {
    double value = s->logs[row * s->blocks + chosen[i]];
    sum += isnan(value) ? 0 : value;
    count += !isnan(value);
  }
  return count > 0 ? sum / (double)count : NAN;
}

/* The mean of all rows that have a ratio in a chosen block. */
static double rows_mean(const struct sample *s, const size_t *chosen) {
  double sum = 0;
  size_t count = 0;
  for (size_t row = 0; row < s->rows; row++) {
    double mean = row_mean(s, row, chosen);
    sum += isnan(mean) ? 0 : mean;
    count += !isnan(mean);
  }
  return count > 0 ? sum / (double)count : NAN;
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
    double mean = rows_mean(s, chosen);
    if (!isnan(mean))
      means[count++] = mean;
  }
  double tail = (1 - EFFECT_CONFIDENCE) / 2;
  e->low = exp(quantile(means, count, tail));
  e->high = exp(quantile(means, count, 1 - tail));
  gsl_rng_free(random);
  free(means);
}

static size_t blocks_count(const struct sample *s) {
  size_t count = 0;
  for (size_t block = 0; block < s->blocks; block++) {
    bool is_there = false;
    for (size_t row = 0; row < s->rows && !is_there; row++)
      is_there = !isnan(s->logs[row * s->blocks + block]);
    count += is_there;
  }
  return count;
}

struct effect effect_bootstrap(const double *ratios, size_t rows,
                               size_t blocks) {
  struct effect e = {.low = NAN, .high = NAN};
  double *logs = room_make(rows * blocks, sizeof *logs);
  size_t *chosen = room_make(blocks, sizeof *chosen);
  struct sample s = {logs, rows, blocks};
  for (size_t i = 0; i < rows * blocks; i++)
    logs[i] = log(ratios[i]);
  for (size_t i = 0; i < blocks; i++)
    chosen[i] = i;
  e.ratio = exp(rows_mean(&s, chosen));
  e.blocks = blocks_count(&s);
  if (e.blocks >= EFFECT_BOOTSTRAP_MIN)
    interval_find(&s, chosen, &e);
  free(chosen);
  free(logs);
  return e;
}
