/* SPDX-License-Identifier: MIT */
/* For workloads over Python-like objects: the world that all threads share. */
#ifndef WORKLOAD_WORLD_H
#define WORKLOAD_WORLD_H

#include "objects/world.h"
#include "workloads/workload.h"

/* What t->shared is; workloads may put it first in a struct of their own. */
struct workload_world {
  struct gc_py_world *world;
  _Atomic uint64_t wrong; /* mismatches met while running */
};

/* Makes t->shared, all zero but for a world, and returns it. NULL: out of
   memory. */
void *workload_world_begin(struct workload_thread *, size_t bytes,
                           const struct gc_py_options *);
void workload_world_end(struct workload_thread *);

static inline struct gc_py workload_py(const struct workload_thread *t) {
  const struct workload_world *shared = t->shared;
  return (struct gc_py){t->m, shared->world};
}

/* Adds what the thread has met. */
static inline void workload_world_wrong(struct workload_thread *t,
                                        uint64_t wrong) {
  struct workload_world *shared = t->shared;
  shared->wrong += wrong;
}

/* Has no thread met anything wrong? */
static inline bool workload_world_is_right(const struct workload_thread *main) {
  const struct workload_world *shared = main->shared;
  return shared->wrong == 0;
}

#endif
