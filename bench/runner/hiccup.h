/* SPDX-License-Identifier: MIT */
/* The hiccup control: idle threads, each on one processor, sleep 1 ms at a time
   and record how late they woke up. They have no mutators, so the system causes
   the delays, not the collector. */
#ifndef RUNNER_HICCUP_H
#define RUNNER_HICCUP_H

#include <pthread.h>

#include "bench/stats/histogram.h"
#include "bench/stats/mmu.h"
#include "heap/platform.h"

/* Waking up takes 10 to 50 µs even on an idle machine. A thread that was later
   than this waited for a processor that did not run: a hiccup. */
enum { HICCUP_LEAST_NS = 100000 };

struct hiccup {
  struct hiccup_watch *watches; /* each on one processor */
  unsigned count;
  _Atomic bool is_stopping;
  /* Below: valid after hiccup_stop. */
  struct histogram late_ns; /* of all watches */
  /* The hiccups of all these processors, united and ascending. */
  struct mmu_lane lost;
  bool is_complete; /* false: memory ran out, and some are not in `lost` */
};

/* Watches as many processors as the workload has threads, if there are so many:
   those to which the threads would be pinned. Hiccups of further ones need not
   delay a thread. False: the threads cannot be created. */
bool hiccup_start(struct hiccup *, unsigned threads);
void hiccup_stop(struct hiccup *);
/* After hiccup_stop; or if hiccup_start was never called and all is zero. */
void hiccup_finish(struct hiccup *);

/* Sleeps until a time of CLOCK_MONOTONIC, as exactly as the system allows. Any
   thread. */
void hiccup_sleep_until(uint64_t ns);

#endif
