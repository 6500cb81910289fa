/* SPDX-License-Identifier: MIT */
/* The size of an effect, from ratios within blocks. */
#ifndef STATS_EFFECT_H
#define STATS_EFFECT_H

#include <stddef.h>

/* Smaller differences are not called effects, whatever the interval. */
#define EFFECT_LEAST 0.02
/* Confidence of an interval, and of all findings of a comparison together. */
#define EFFECT_CONFIDENCE 0.95

struct effect {
  size_t blocks;    /* blocks that it is computed from */
  double ratio;     /* or another figure of several runs */
  double low, high; /* its interval; NAN if there is none */
};

enum {
  EFFECT_RESAMPLES = 10000,
  EFFECT_BOOTSTRAP_MIN = 10 /* with fewer blocks, intervals are too narrow */
};

/* A second interval for the same effect, which assumes no distribution: the
   bootstrap over whole blocks (Efron and Tibshirani, "An introduction to the
   bootstrap", 1993, 13.3). `ratios` has `rows` rows (workloads) of `blocks`
   ratios each; NAN where a block has none. The effect is the geometric mean of
   the rows' geometric means. A resample takes the same blocks of all rows. With
   fewer than EFFECT_BOOTSTRAP_MIN blocks there is no interval. Equal ratios
   give equal results. */
struct effect effect_bootstrap(const double *ratios, size_t rows,
                               size_t blocks);

#endif
