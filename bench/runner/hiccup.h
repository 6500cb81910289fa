/* SPDX-License-Identifier: MIT */
/* The hiccup control: an idle thread sleeps 1 ms at a time and records how late
   it woke up. The thread has no mutator, so the system causes these delays, not
   the collector. */
#ifndef RUNNER_HICCUP_H
#define RUNNER_HICCUP_H

#include <pthread.h>

#include "bench/stats/histogram.h"
#include "heap/platform.h"

struct hiccup {
  pthread_t thread;
  _Atomic bool is_stopping;
  struct histogram late_ns; /* owned by the thread until hiccup_stop */
};

/* False: the thread cannot be created. */
bool hiccup_start(struct hiccup *);
void hiccup_stop(struct hiccup *);

/* Sleeps until a time of CLOCK_MONOTONIC, as exactly as the system allows. Any
   thread. */
void hiccup_sleep_until(uint64_t ns);

#endif
