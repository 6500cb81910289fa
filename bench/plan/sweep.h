/* SPDX-License-Identifier: MIT */
/* Short forms for many runs: a range of heap factors, and all values of a
   tuning key. */
#ifndef PLAN_SWEEP_H
#define PLAN_SWEEP_H

#include "bench/plan/options.h"

/* The heap factors in a list, in which A..B stands for A, B and what lies
   between them of 1, 1.25, 1.5 and these times powers of two. `out` ends with
   NULL. Exit code. */
int sweep_factors(struct pool *, const char *text, char ***out);

/* Replaces each label in `labels` whose collector has a --sweep by its
   variants, one for each value; two sweeps of one collector give all
   combinations. `out` ends with NULL, and no label is there twice. Exit
   code. */
int sweep_labels(const struct options *, const char *const *labels,
                 const char *const **out);

#endif
