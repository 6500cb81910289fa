/* SPDX-License-Identifier: MIT */
/* A mutator that performs random operations of the interface, and a shadow that
   says what the result must be. */
#ifndef GRAPH_H
#define GRAPH_H

#include "tests/stress/shadow.h"
#include "tests/stress/stress.h"

/* Deaths are observed by finalizers, or by weak references, so that objects
   without finalizers are tested, too. */
enum graph_kind { GRAPH_MORTAL, GRAPH_PLAIN, GRAPH_RETURNING, GRAPH_KINDS };

struct graph {
  struct shadow shadow;
  struct workload_random random;
  enum graph_kind kind;
  gc_mutator *m;
  gc_root *root; /* SHADOW_ROOTS of them */
  gc_root *spare;
  gc_root *weaks;     /* an array by node; empty if finalizers report deaths */
  bool *is_finalized; /* by node; only for GRAPH_RETURNING */
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
/* Called after a safepoint, or if is_collected after full collections: checks
   that exactly those objects have died that had to. */
void graph_check(struct graph *, bool is_collected);

_Noreturn void graph_wrong(const struct graph *, uint32_t node,
                           const char *what);

static inline gc_ref graph_root(const struct graph *g, uint32_t root) {
  return gc_root_get(&g->root[root]);
}

#endif
