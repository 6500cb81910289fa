/* SPDX-License-Identifier: MIT */
/* The size of an effect, from ratios within blocks. */
#ifndef STATS_EFFECT_H
#define STATS_EFFECT_H

#include <stdbool.h>
#include <stddef.h>

/* Smaller differences are not called effects, whatever the interval. */
#define EFFECT_LEAST 0.02
/* Confidence of an interval, and of all findings of a comparison together. */
#define EFFECT_CONFIDENCE 0.95

enum {
  EFFECT_RESAMPLES = 10000,
  EFFECT_BLOCKS_MIN = 3 /* with fewer blocks, intervals are meaningless */
};

struct effect {
  size_t blocks;    /* blocks that have a ratio */
  double ratio;     /* the geometric mean over rows of their medians */
  double low, high; /* its bootstrap interval */
  double spread;    /* standard deviation of the blocks' logarithms */
  double p;         /* of a paired t test on the blocks' logarithms */
};

/* `ratios` has `rows` rows (workloads) of `blocks` ratios each; NAN where a
   block has none. The bootstrap resamples whole blocks, for all rows together.
   With one row, the result is the median of its ratios with its interval. Equal
   ratios give equal results. */
struct effect effect_estimate(const double *ratios, size_t rows, size_t blocks);

enum effect_verdict {
  EFFECT_UNKNOWN, /* too few blocks */
  EFFECT_NONE,
  EFFECT_LESS,
  EFFECT_MORE
};

/* `e->p` must be adjusted by Holm's correction (bench/stats/family.h). */
enum effect_verdict effect_judge(const struct effect *e);
/* The largest distance of the interval from 1: larger effects are excluded. */
double effect_reach(const struct effect *e);

/* The half-width, as a ratio minus 1, of the interval expected from so many
   blocks with this spread. */
double effect_resolution(double spread, size_t blocks);
/* The number of blocks needed to resolve `width`. */
size_t effect_blocks_needed(double spread, double width);

#endif
