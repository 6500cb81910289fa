/* SPDX-License-Identifier: MIT */
/* A workload with ears: it does what another one does, and looks at the heap
   each time the world stands still. The harness's own session runs it. */
#ifndef TEST_SPY_H
#define TEST_SPY_H

#include "bench/runner/session.h"

enum { SPY_THREADS_MAX = 16 };

struct spy {
  /* What came out of the last run. */
  struct session_result result;
  size_t reachable_peak; /* bytes reachable, at any stop */
  size_t stops;
  struct workload_figures figures[SPY_THREADS_MAX];
  /* What the statistics build counted while threads ran. */
  struct gc_counters counters;
  const char *spoilt; /* what the check says of a result that was spoilt */
};

/* Runs the workload of `options` once, in a heap of its own. `alloc_percent`
   of what the workload says it allocates is what it says now. */
void spy_run(struct spy *, const struct options *, unsigned alloc_percent);
void spy_finish(struct spy *);

#endif
