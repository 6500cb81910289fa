/* SPDX-License-Identifier: MIT */
/* How many blocks it takes. */
#ifndef BENCH_POWER_H
#define BENCH_POWER_H

#include <stddef.h>

#include "bench/stats/moderated.h"

/* Of campaigns, that a number of blocks is to be enough for. */
#define POWER_ENOUGH 0.8

/* A line and how it is judged (bench/stats/verdict.h). */
struct power_design {
  double deviation;             /* true, of one block's log ratio */
  struct moderated_prior prior; /* as moderate() left it in a line */
  double alpha;                 /* intervals are at confidence 1 - alpha */
  double least;                 /* smaller effects are not marked */
  double margin;                /* of "same" */
};

/* In what share of campaigns a true ratio is judged so. */
struct power {
  double differs, same;
};

/* Without a prior and with least 0, `differs` is the power of a t test, by the
   noncentral t distribution. At least two blocks. */
struct power power_of(const struct power_design *, double ratio, size_t blocks);

/* The blocks with which a true ratio is found to differ in POWER_ENOUGH of
   campaigns; 0: no number of blocks is enough. For what a machine resolves,
   take the deviation of the median line. */
size_t power_blocks_to_find(const struct power_design *, double ratio);
/* The blocks with which it is found to differ or to be the same. */
size_t power_blocks_to_decide(const struct power_design *, double ratio);

#endif
