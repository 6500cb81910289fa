/* SPDX-License-Identifier: MIT */
/* A mutator that does at random all that the interface allows, beside a shadow
   that says what must come of it. */
#ifndef GRAPH_H
#define GRAPH_H

#include "tests/stress/shadow.h"
#include "tests/stress/stress.h"

/* How deaths are seen: by finalizers, or by weak references, so that objects
   without finalizers are tested as well. */
enum graph_kind { GRAPH_MORTAL, GRAPH_PLAIN, GRAPH_RETURNING, GRAPH_KINDS };

struct graph {
  struct shadow shadow;
  struct workload_random random;
  enum graph_kind kind;
  gc_mutator *m;
  gc_root *root; /* SHADOW_ROOTS of them */
  gc_root *spare;
  gc_root *weaks;     /* an array by node; empty where finalizers tell */
  bool *is_finalized; /* by node; GRAPH_RETURNING alone */
  uint64_t seed;
  uint64_t first_id; /* of node 1, less 1 */
};

/* Before any thread starts. */
void graph_types_define(void (*finalize_returning)(gc_mutator *,
                                                   const gc_root *));
/* The other fields have been set. */
void graph_begin(struct graph *, uint64_t seed, uint32_t nodes);
void graph_end(struct graph *);
void graph_steps(struct graph *, uint64_t count);
/* After all that can die has had the time to: by a safepoint, or else by full
   collections. */
void graph_check(struct graph *, bool is_collected);

_Noreturn void graph_wrong(const struct graph *, uint32_t node,
                           const char *what);

static inline gc_ref graph_root(const struct graph *g, uint32_t root) {
  return gc_root_get(&g->root[root]);
}

#endif
