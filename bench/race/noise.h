/* SPDX-License-Identifier: MIT */
/* Decides whether the machine was quiet enough for a run to count. The rule
   does not depend on the result of the run:

     steal        share of the cores' time that went to other machines
     others       share of the cores' time that other processes used
     calibration  how far the two fixed loops, timed before each run, are off
                  their medians in the campaign so far; a few runs are needed
     hiccup       how late an idle thread woke up, 99 % of the times */
#ifndef RACE_NOISE_H
#define RACE_NOISE_H

#include <stddef.h>

#include "bench/base/pool.h"
#include "bench/plan/noise_limits.h"

/* What earlier runs had. */
struct noise_loop {
  double *ns;
  size_t count;
};
/* The clock ticks of one run. */
struct noise_ticks {
  double all, steal, others;
};
struct noise {
  struct pool *pool;
  const struct noise_limits *limits;
  struct noise_loop alu, mem;
  struct noise_ticks *ticks; /* of the runs right before */
  size_t tick_count;
};

/* Adds a row to the medians and to the ticks. */
void noise_add(struct noise *, const char *const *fields);
/* Time has passed: the rows that were added are not right before the next. */
void noise_break(struct noise *);
/* The reason why a row is untrusted, in `pool`; NULL: it is trusted. */
const char *noise_judge(const struct noise *, struct pool *pool,
                        const char *const *fields);

#endif
