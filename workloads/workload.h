/* SPDX-License-Identifier: MIT */
/* The interface of workloads. The harness owns threads, gate, clock and
   statistics. A workload owns its operations and the check of its result, and
   never names a collector. Each file ends with the workload's card;
   workloads/list.c lists all cards. */
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

/* The settings of a run; values are in the order of the card's parameters. */
struct workload_setup {
  unsigned threads;
  uint64_t seed;
  int64_t param[WORKLOAD_PARAMS_MAX];
};

/* Figures of one thread's timed section. */
struct workload_figures {
  uint64_t ops;
  uint64_t alloc_objects, alloc_bytes, ref_stores;
  uint64_t checksum; /* the same for one seed in every collector */
};

/* One per thread. `shared` is set by `begin` and copied to all threads. */
struct workload_thread {
  gc_mutator *m;
  unsigned index;
  const struct workload_setup *setup;
  void *shared;
  struct workload_random random; /* seeded from setup->seed and index */
  struct workload_figures figures;
};

/* Requests that arrive on a fixed schedule, whether a thread is free or not.
   The harness makes the schedule beforehand, gives the requests in order to
   free threads, and measures the time of each. */
struct workload_service {
  /* The number of requests of a run, for all threads together. */
  uint64_t (*count)(const struct workload_setup *);
  /* Requests per second; 0: the next one arrives when a thread is free. */
  double (*rate_hz)(const struct workload_setup *);
  /* Timed. Its work depends only on the number. False: out of memory. */
  bool (*serve)(struct workload_thread *, uint64_t number);
};

struct workload {
  const char *name, *summary, *stresses;
  const struct workload_param *params;
  /* The peak of live bytes of a whole run, by gc_size_for: on one thread to the
     byte, on several an upper bound. */
  size_t (*live_bytes)(const struct workload_setup *);
  /* Is live_bytes an upper bound on one thread, too? For structures whose parts
     are shared in a way that no formula counts. The bound is at most twice the
     peak, because drag is measured from it. */
  bool live_is_bound;
  /* An upper bound of the bytes that `begin` and all threads allocate together:
     the heap that a collector needs that never frees. */
  size_t (*alloc_bytes)(const struct workload_setup *);
  /* A control, which uses no object: its figures show what the harness costs,
     and are in no mean over workloads. */
  bool is_control;
  /* Do several threads use the same objects? They wait for each other's cache
     lines then, and how long depends on where the system places them. */
  bool is_contended;
  /* Does one run leave cyclic garbage that pure counting cannot free? */
  bool makes_cycles;
  /* Does it open a world of Python-like objects? The world's shared objects are
     immortal until the heap is destroyed. The figures may lack allocations and
     stores that the objects make internally. */
  bool makes_world;
  /* Untimed, on the main thread (index 0), whose `shared` it sets. NULL: there
     is nothing to prepare. Returns false if out of memory. */
  bool (*begin)(struct workload_thread *);
  /* Timed, on every thread at once. False: out of memory. */
  bool (*run)(struct workload_thread *);
  /* Instead of `run`, which is NULL then. */
  const struct workload_service *service;
  /* Untimed, on the main thread, after all threads are done; `threads` has them
     all. Returns NULL if the result is right, or one sentence on what is wrong.
   */
  const char *(*check)(struct workload_thread *main,
                       const struct workload_thread *threads);
  /* Untimed, after failures too: frees what `begin` created. NULL: there is
     nothing to free. */
  void (*end)(struct workload_thread *);
};

/* All workloads, in the order of CMakeLists.txt; ends with NULL. */
extern const struct workload *const workload_list[];

#endif
