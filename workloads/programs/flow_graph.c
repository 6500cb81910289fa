/* SPDX-License-Identifier: MIT */
/* The flow graph of Hundt's benchmark; havlak.c has the reference. */
#include "workloads/programs/havlak.h"

enum { EDGE_FROM, EDGE_TO, EDGE_SLOTS };

gc_type edge_type(void) {
  return workload_type(
      &(struct gc_type_desc){.name = "edge", .refs = EDGE_SLOTS});
}

/* --- what the graph has --------------------------------------------------- */

/* Of one base loop: see base_loop. */
enum { BASE_BLOCKS = 10, BASE_EDGES = 15, BASE_LOOPS = 3 };

const struct counts small_graph = {BASE_BLOCKS + 1, BASE_EDGES, BASE_LOOPS};

struct counts graph_counts(const struct graph_shape *s) {
  size_t outer = s->outer, middle = outer * s->middle;
  size_t inner = middle * s->inner;
  return (struct counts){.blocks = 3 + outer + 2 * middle + BASE_BLOCKS * inner,
                         .edges = BASE_EDGES + 1 + 2 * outer + 3 * middle +
                                  BASE_EDGES * inner,
                         .loops = 1 + middle + BASE_LOOPS * inner};
}

/* An upper bound. Every block has a few edges in and out. Two have one for each
 * outer loop. */
size_t graph_bytes(const struct havlak *h, const struct graph_shape *s) {
  const struct containers *c = &h->c;
  struct counts n = graph_counts(s);
  size_t block = gc_size_for(h->block, 0) + 2 * vector_bytes(c, 1);
  return vector_bytes(c, n.blocks) + n.blocks * block +
         vector_bytes(c, n.edges) + n.edges * gc_size_for(h->edge, 0) +
         4 * vector_bytes(c, s->outer + 4);
}

/* --- building it ---------------------------------------------------------- */

/* Makes the blocks up to this one. */
static bool block_ensure(const struct graph *g, size_t name) {
  const struct containers *c = &g->h->c;
  GC_FRAME(g->m, f, block);
  for (size_t i; (i = vector_size(gc_root_get(g->blocks))) <= name;) {
    gc_ref block = counted_new(c, &f.block, g->h->block);
    if (block == NULL)
      return false;
    *workload_number(block) = i;
    if (!vectors_make(g->h, &f.block, BLOCK_IN, BLOCK_SLOTS) ||
        !vector_append(c, g->blocks, &f.block))
      return false;
  }
  return true;
}

static bool connect(const struct graph *g, size_t from, size_t to) {
  const struct containers *c = &g->h->c;
  GC_FRAME(g->m, f, from, to, edge);
  if (!block_ensure(g, from) || !block_ensure(g, to) ||
      !counted_new(c, &f.edge, g->h->edge))
    return false;
  gc_root_set(g->m, &f.from, vector_at(gc_root_get(g->blocks), from));
  gc_root_set(g->m, &f.to, vector_at(gc_root_get(g->blocks), to));
  counted_set(c, gc_root_get(&f.edge), EDGE_FROM, gc_root_get(&f.from));
  counted_set(c, gc_root_get(&f.edge), EDGE_TO, gc_root_get(&f.to));
  return vector_append_in(c, &f.from, BLOCK_OUT, &f.to) &&
         vector_append_in(c, &f.to, BLOCK_IN, &f.from) &&
         vector_append(c, g->edges, &f.edge);
}

static bool diamond(const struct graph *g, size_t at) {
  return connect(g, at, at + 1) && connect(g, at, at + 2) &&
         connect(g, at + 1, at + 3) && connect(g, at + 2, at + 3);
}

/* Two diamonds, each in a loop of its own, in a loop around both. It ends at
   block `at` + 10. */
static bool base_loop(const struct graph *g, size_t at) {
  return connect(g, at, at + 1) && diamond(g, at + 1) &&
         connect(g, at + 4, at + 5) && diamond(g, at + 5) &&
         connect(g, at + 8, at + 9) && connect(g, at + 8, at + 5) &&
         connect(g, at + 4, at + 1) && connect(g, at + 9, at) &&
         connect(g, at + 9, at + BASE_BLOCKS);
}

/* A loop around `inner` base loops. Begins at block *at, and sets *at to its
   last one. */
static bool middle_loop(const struct graph *g, size_t inner, size_t *at) {
  size_t top = *at, end = top + 1 + inner * BASE_BLOCKS;
  if (!connect(g, top, top + 1))
    return false;
  for (size_t i = top + 1; i < end; i += BASE_BLOCKS)
    if (!base_loop(g, i))
      return false;
  *at = end + 1;
  return connect(g, end, end + 1) && connect(g, end, top);
}

bool graph_grow(const struct graph *g, const struct graph_shape *s) {
  size_t at = 2;
  for (size_t i = 0; i < s->outer; i++) {
    if (!connect(g, 2, ++at))
      return false;
    for (size_t j = 0; j < s->middle; j++)
      if (!middle_loop(g, s->inner, &at))
        return false;
    if (!connect(g, at, 1))
      return false;
  }
  return true;
}

bool graph_begin(const struct graph *g) {
  return base_loop(g, 0) && connect(g, 0, 2);
}
