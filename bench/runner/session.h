/* SPDX-License-Identifier: MIT */
/* One run: a workload in this process, warmed up, measured once, checked.

   A time counts only when the result was right. Where a collector leaves
   garbage of this workload for ever (because it never frees, or because it
   leaks the cycles that are made), each iteration gets a new heap, so that
   none finds what an earlier one has left. */
#ifndef RUNNER_SESSION_H
#define RUNNER_SESSION_H

#include "bench/runner/hiccup.h"
#include "bench/runner/latency.h"
#include "bench/runner/options.h"
#include "bench/runner/process.h"
#include "bench/runner/recorder.h"
#include "bench/runner/sampler.h"
#include "heap/figures.h"

/* What came out. Where `code` is not EXIT_FINE, `error` says why and nothing
   that was measured counts. */
struct session_result {
  enum exit_code code;
  char error[256];
  size_t heap_bytes; /* the limit; 0: none */
  unsigned gc_threads;
  unsigned warmups;

  uint64_t begin, end;             /* of the timed section */
  struct workload_figures figures; /* of all threads; the checksum mixed */
  uint64_t ops_least, ops_most;
  double ops_variation; /* standard deviation over mean */
  struct process_counters counters;
  struct process_snapshot before, after;
  struct sampler sampler;
  struct gc_memory_figures memory; /* right after the timed section */
  /* What the workload kept at the end: what it gave back in giving all up.
     And what is held even then, because it was never found to be dead. Both
     after full collections. */
  size_t live_end, garbage_end;
  struct recorder recorder;
  struct gc_counters counted[2]; /* by the heap; before and after */
  /* Where the workload has requests; else 0 of them. */
  size_t requests;
  double rate_hz; /* 0: as many as could be served */
  struct latency latency;
  struct hiccup hiccup;
};

/* Somebody else's clock, started and stopped with ours. */
struct session_clock {
  void (*set)(void *data, bool is_running);
  void *data;
};

/* Runs it; `clock` may be NULL. The result needs session_result_finish
   whatever it says; it is too large for a small stack. */
void session_run(const struct options *, const struct session_clock *clock,
                 struct session_result *);
void session_result_finish(struct session_result *);

/* "ok", "oom", "wrong" or "crash". */
const char *session_status(const struct session_result *);

#endif
