/* SPDX-License-Identifier: MIT */
/* The hiccup control: a thread with nothing to do sleeps 1 ms at a time and
   notes how late it woke up. What it meets is the system's doing, not the
   collector's, for it has no mutator. */
#ifndef RUNNER_HICCUP_H
#define RUNNER_HICCUP_H

#include <pthread.h>

#include "bench/stats/histogram.h"
#include "heap/platform.h"

struct hiccup {
  pthread_t thread;
  _Atomic bool is_stopping;
  struct histogram late_ns; /* the thread's own until hiccup_stop */
};

/* False: the thread cannot be made. */
bool hiccup_start(struct hiccup *);
void hiccup_stop(struct hiccup *);

/* Sleeps until a time of CLOCK_MONOTONIC; the system is asked to be as exact
   as it can. Any thread. */
void hiccup_sleep_until(uint64_t ns);

#endif
