/* SPDX-License-Identifier: MIT */
/* A thread that looks every 10 ms at the memory the process has resident and
   at what the heap holds: often enough for a peak, and under a thousandth of
   one core. */
#ifndef RUNNER_SAMPLER_H
#define RUNNER_SAMPLER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap/heap.h"

struct sampler_series {
  uint64_t peak, sum, count;
};

struct sampler_point {
  uint64_t ns; /* of the monotonic clock */
  uint64_t resident, held;
};

/* Ten minutes; what comes after is in the sums alone. */
enum { SAMPLER_POINTS = 60000 };

struct sampler {
  gc_heap *heap;
  int statm; /* /proc/self/statm, or -1 */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t stop;
  bool is_stopping; /* lock */
  /* The sampler's own until sampler_stop. */
  struct sampler_series resident, held;
  int error; /* why a sample has no resident bytes: an errno value */
  struct sampler_point *points; /* the first `kept` samples */
  size_t kept;
};

/* False: the thread cannot be made. Both ends are sampled too. */
bool sampler_start(struct sampler *, gc_heap *);
/* Says what could not be found out. */
void sampler_stop(struct sampler *);
/* Gives the points back; one that was never started has none. */
void sampler_finish(struct sampler *);

#endif
