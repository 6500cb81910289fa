/* SPDX-License-Identifier: MIT */
/* What a workload is. The harness owns threads, gate, clock and statistics; a
   workload owns its operations and the check of its result, and never names a
   collector. Each file ends with its card; workloads/list.c names them all. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "heap/sweepstakes.h"
#include "workloads/random.h"

enum { WORKLOAD_PARAMS_MAX = 12 };

enum workload_size { WORKLOAD_QUICK, WORKLOAD_DEFAULT, WORKLOAD_LARGE };

/* A whole number with a range and a value for each size. */
struct workload_param {
  const char *name; /* NULL ends a list */
  int64_t least, greatest;
  int64_t value[3]; /* by enum workload_size */
  const char *help;
};

/* What was asked for; values in the order of the card's parameters. */
struct workload_setup {
  unsigned threads;
  uint64_t seed;
  int64_t param[WORKLOAD_PARAMS_MAX];
};

/* What one thread did in the timed section. */
struct workload_figures {
  uint64_t ops;
  uint64_t alloc_objects, alloc_bytes, ref_stores;
  uint64_t checksum; /* the same for one seed in every collector */
};

/* One per thread. `shared` is what begin made. */
struct workload_thread {
  gc_mutator *m;
  unsigned index;
  const struct workload_setup *setup;
  void *shared;
  struct workload_random random; /* seeded from setup->seed and index */
  struct workload_figures figures;
};

/* Requests that come at times of their own, whether anybody is free or not.
   The harness makes the schedule beforehand, hands them out in order to
   threads that are free, and measures how long each takes. */
struct workload_service {
  /* Of a run, for all threads together. */
  uint64_t (*count)(const struct workload_setup *);
  /* How many come in a second; 0: the next one as soon as somebody is free. */
  double (*rate_hz)(const struct workload_setup *);
  /* Timed. What it does depends on the number alone. False: out of memory. */
  bool (*serve)(struct workload_thread *, uint64_t number);
};

struct workload {
  const char *name, *summary, *stresses;
  const struct workload_param *params;
  /* The exact peak of live bytes of a whole run, by gc_size_for. */
  size_t (*live_bytes)(const struct workload_setup *);
  /* At least what begin and all threads allocate together: what a collector
     that never frees must have. */
  size_t (*alloc_bytes)(const struct workload_setup *);
  /* Does one run leave cyclic garbage that pure counting cannot free? */
  bool makes_cycles;
  /* Does it open a world of Python-like objects? Those that all share are
     immortal and go with the heap. What objects allocate and store beneath
     what was asked for may be missing from the figures. */
  bool makes_world;
  /* Untimed, on the main thread (index 0), whose `shared` it sets; NULL where
     there is nothing to prepare. False: out of memory. */
  bool (*begin)(struct workload_thread *);
  /* Timed, on every thread at once. False: out of memory. */
  bool (*run)(struct workload_thread *);
  /* In place of `run`, which is NULL then. */
  const struct workload_service *service;
  /* Untimed, on the main thread, after all threads are done; `threads` has
     them all. NULL: right; else one sentence on what is wrong. */
  const char *(*check)(struct workload_thread *main,
                       const struct workload_thread *threads);
  /* Untimed: gives up all that begin made, also after a failure. NULL where
     there is nothing to give up. */
  void (*end)(struct workload_thread *);
};

/* All of them, in order; ends with NULL. */
extern const struct workload *const workload_list[];

#endif
