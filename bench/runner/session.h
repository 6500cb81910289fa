/* SPDX-License-Identifier: MIT */
/* One run: a workload in this process, warmed up, measured once and checked. A
   time counts only if the result was right. A collector that never frees, or
   that leaks the cycles of this workload, leaves garbage. Each iteration then
   gets a new heap, so that it is not affected by earlier iterations. */
#ifndef RUNNER_SESSION_H
#define RUNNER_SESSION_H

#include "bench/runner/hiccup.h"
#include "bench/runner/latency.h"
#include "bench/runner/options.h"
#include "bench/runner/process.h"
#include "bench/runner/recorder.h"
#include "bench/runner/sampler.h"
#include "heap/figures.h"

/* The result. If `code` is not EXIT_FINE, `error` contains the reason and no
   measured figure counts. */
struct session_result {
  enum exit_code code;
  char error[256];
  size_t heap_bytes; /* the limit; 0: none */
  unsigned gc_threads;
  unsigned warmups;

  uint64_t begin, end;             /* of the timed section */
  struct workload_figures figures; /* of all threads together */
  uint64_t ops_least, ops_most;
  double ops_variation; /* standard deviation over mean */
  struct process_counters counters;
  struct process_snapshot before, after;
  struct sampler sampler;
  struct gc_memory_figures memory; /* right after the timed section */
  /* live_end: bytes that the workload still held at the end, measured as the
     bytes freed when it dropped everything. garbage_end: bytes still held
     afterwards, never found to be dead. Both are measured after full
     collections. */
  size_t live_end, garbage_end;
  struct recorder recorder;
  struct gc_counters counted[2]; /* by the heap, before and after */
  /* For workloads that serve requests; otherwise 0 requests. */
  size_t requests;
  double rate_hz; /* 0: no schedule, as fast as possible */
  struct latency latency;
  struct hiccup hiccup;
};

/* A clock of the caller, started and stopped together with ours. */
struct session_clock {
  void (*set)(void *data, bool is_running);
  void *data;
};

/* Does the run. `clock` can be NULL. The result needs session_result_finish on
   success and on failure. It is too large for a small stack. */
void session_run(const struct options *, const struct session_clock *clock,
                 struct session_result *);
void session_result_finish(struct session_result *);

/* "ok", "oom", "wrong" or "crash". */
const char *session_status(const struct session_result *);

#endif
