/* SPDX-License-Identifier: MIT */
/* A workload that wraps another one and examines the heap each time the
   world is stopped. The harness's own session runs it. */
#ifndef TEST_SPY_H
#define TEST_SPY_H

#include "bench/runner/session.h"

enum { SPY_THREADS_MAX = 16 };

struct spy {
  /* The result of the last run. */
  struct session_result result;
  size_t reachable_peak; /* spy_trace: bytes reachable, at any stop */
  size_t stops;
  struct workload_figures figures[SPY_THREADS_MAX];
  /* The counters of the statistics build while threads ran. */
  struct gc_counters counters;
  const char *spoilt; /* the check's message about a spoilt result */
};

/* Runs the workload of `options` once, in a heap of its own. `alloc_percent`
   of what the workload says it allocates is what it says now. */
void spy_run(struct spy *, const struct options *, unsigned alloc_percent);
/* The same, and traces the heap at each stop, which takes much longer. */
void spy_trace(struct spy *, const struct options *);
void spy_finish(struct spy *);

#endif
