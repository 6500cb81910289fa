/* SPDX-License-Identifier: MIT */
#include "workloads/world.h"

#include <stdlib.h>

void *workload_world_begin(struct workload_thread *t, size_t bytes,
                           const struct gc_py_options *options) {
  struct workload_world *shared = calloc(1, bytes);
  t->shared = shared;
  if (shared == NULL || gc_py_open(t->m, options, &shared->world) != 0)
    return NULL;
  return shared;
}

void workload_world_end(struct workload_thread *t) {
  struct workload_world *shared = t->shared;
  if (shared != NULL && shared->world != NULL)
    gc_py_close(t->m, shared->world);
  free(shared);
}
