/* SPDX-License-Identifier: MIT */
/* The number of blocks that a finding needs. */
#ifndef BENCH_POWER_H
#define BENCH_POWER_H

#include <stddef.h>

#include "bench/stats/moderated.h"

/* The fraction of campaigns in which a sufficient number of blocks succeeds. */
#define POWER_ENOUGH 0.8

/* A line and how it is judged (bench/stats/verdict.h). */
struct power_design {
  double deviation;             /* true deviation of one block's log ratio */
  struct moderated_prior prior; /* as moderate() left it in a line */
  double alpha;                 /* intervals are at confidence 1 - alpha */
  double least;                 /* smaller effects are not marked */
  double margin;                /* of "same" */
};

/* The fraction of campaigns that give each verdict for a true ratio. */
struct power {
  double differs, same;
};

/* Needs at least two blocks. Without a prior and with least 0, `differs` is the
   power of a t test, by the noncentral t distribution. */
struct power power_of(const struct power_design *, double ratio, size_t blocks);

/* The number of blocks with which a true ratio is found to differ in
   POWER_ENOUGH of campaigns; 0: no number is enough. For the resolution of a
   machine, use the deviation of the median line. */
size_t power_blocks_to_find(const struct power_design *, double ratio);
/* The number of blocks with which it is found to differ or to be the same. */
size_t power_blocks_to_decide(const struct power_design *, double ratio);

#endif
