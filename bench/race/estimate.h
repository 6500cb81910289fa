/* SPDX-License-Identifier: MIT */
/* About how long runs take, before any of them has run. */
#ifndef RACE_ESTIMATE_H
#define RACE_ESTIMATE_H

#include <stdbool.h>

#include "bench/plan/plan.h"

/* Seconds for the runs of a plan that are not done: as long as runs of earlier
   campaigns on this machine with the same workload, parameters, threads and
   collector took, else as long as typical workloads of this size take. None
   takes longer than its timeout. */
double estimate_seconds(struct pool *, const struct settings *,
                        const struct plan *, const bool *done);

/* Says how many runs there are to do and about how long they take. */
void estimate_say(struct pool *, const struct settings *, const struct plan *,
                  const bool *done);

#endif
