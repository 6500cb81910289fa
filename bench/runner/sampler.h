/* SPDX-License-Identifier: MIT */
/* A thread that samples, every 10 ms, the resident memory of the process and
   the bytes held by the heap. This is often enough to find a peak, and takes
   less than a thousandth of one core. */
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

/* Enough for ten minutes. Later samples are only added to the sums. */
enum { SAMPLER_POINTS = 60000 };

struct sampler {
  gc_heap *heap;
  int statm; /* /proc/self/statm, or -1 */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t stop;
  bool is_stopping; /* lock */
  /* Owned by the sampler thread until sampler_stop. */
  struct sampler_series resident, held;
  int error; /* errno of the first failure to read the resident bytes */
  struct sampler_point *points; /* the first `kept` samples */
  size_t kept;
};

/* Takes a first sample and starts the thread. False: the thread cannot be
   created. */
bool sampler_start(struct sampler *, gc_heap *);
/* Takes a last sample, and reports figures that could not be measured. */
void sampler_stop(struct sampler *);
/* Frees the points. Allowed for a sampler that was never started. */
void sampler_finish(struct sampler *);

#endif
