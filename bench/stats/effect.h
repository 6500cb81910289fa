/* SPDX-License-Identifier: MIT */
/* How much one thing differs from another, from ratios within blocks. */
#ifndef STATS_EFFECT_H
#define STATS_EFFECT_H

#include <stdbool.h>
#include <stddef.h>

/* Smaller effects are not called effects, whatever the interval says. */
#define EFFECT_LEAST 0.02
/* Of an interval, and of all findings of a comparison together. */
#define EFFECT_CONFIDENCE 0.95

enum {
  EFFECT_RESAMPLES = 10000,
  EFFECT_BLOCKS_MIN = 3 /* with fewer, no interval means anything */
};

struct effect {
  size_t blocks;    /* that have a ratio */
  double ratio;     /* the geometric mean over rows of their medians */
  double low, high; /* its bootstrap interval */
  double spread;    /* standard deviation of the blocks' logarithms */
  double p;         /* of a paired t test on them that there is no effect */
};

/* `ratios` has `rows` rows (workloads) of `blocks` ratios each; NAN where a
   block has none. Whole blocks are resampled, for all rows together; with
   one row it is the median of its ratios and the interval of that. The
   numbers are the same for the same ratios. */
struct effect effect_estimate(const double *ratios, size_t rows, size_t blocks);

enum effect_verdict {
  EFFECT_UNKNOWN, /* too few blocks */
  EFFECT_NONE,
  EFFECT_LESS,
  EFFECT_MORE
};

/* `e->p` is after Holm's correction (bench/stats/family.h). */
enum effect_verdict effect_judge(const struct effect *e);
/* How far from 1 the interval reaches: effects beyond it are excluded. */
double effect_reach(const struct effect *e);

/* The half-width, as a ratio less 1, of the interval that so many blocks of
   this spread give. */
double effect_resolution(double spread, size_t blocks);
/* The blocks that it takes to resolve `width`. */
size_t effect_blocks_needed(double spread, double width);

#endif
