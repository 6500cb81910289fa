/* SPDX-License-Identifier: MIT */
/* For workloads over Python-like objects: the world that all threads share. */
#ifndef WORKLOAD_WORLD_H
#define WORKLOAD_WORLD_H

#include "objects/world.h"
#include "workloads/workload.h"

/* The type of t->shared. Workloads may put it first in their own struct. */
struct workload_world {
  struct gc_py_world *world;
  _Atomic uint64_t wrong; /* errors that threads have found */
};

/* Creates t->shared, all zero except for its world, and returns it. NULL: out
   of memory. */
void *workload_world_begin(struct workload_thread *, size_t bytes,
                           const struct gc_py_options *);
void workload_world_end(struct workload_thread *);

static inline struct gc_py workload_py(const struct workload_thread *t) {
  const struct workload_world *shared = t->shared;
  return (struct gc_py){t->m, shared->world};
}

/* Adds the number of errors that the thread has found. */
static inline void workload_world_wrong(struct workload_thread *t,
                                        uint64_t wrong) {
  struct workload_world *shared = t->shared;
  shared->wrong += wrong;
}

/* Has no thread found an error? */
static inline bool workload_world_is_right(const struct workload_thread *main) {
  const struct workload_world *shared = main->shared;
  return shared->wrong == 0;
}

#endif
