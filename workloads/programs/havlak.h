/* SPDX-License-Identifier: MIT */
/* Flow graphs and loops, as havlak.c builds them and loop_finder.c reads
   them. */
#ifndef WORKLOADS_PROGRAMS_HAVLAK_H
#define WORKLOADS_PROGRAMS_HAVLAK_H

#include "workloads/programs/containers.h"

/* The data of a block is its name, a number. The other two slots hold vectors
   of blocks. */
enum { BLOCK_IN, BLOCK_OUT, BLOCK_SLOTS };

/* Blocks that are in an inner loop are not in the vector of the outer one. All
   loops that were found are a list, linked by NEXT, behind an artificial root
   that stands for the whole graph. */
enum {
  LOOP_PARENT,
  LOOP_HEADER,
  LOOP_BLOCKS,
  LOOP_CHILD, /* the first; the next one is its SIBLING */
  LOOP_SIBLING,
  LOOP_NEXT,
  LOOP_SLOTS
};

struct loop_data {
  uint64_t depth, nesting; /* the root has depth 0, innermost loops nesting 0 */
  bool is_reducible;
};

struct havlak {
  struct containers c;
  gc_type block, edge, loop, node;
};

/* Makes vectors in the slots from `first` up to `end`. False: no memory. */
bool vectors_make(const struct havlak *, const gc_root *holder, size_t first,
                  size_t end);

/* --- flow graphs ---------------------------------------------------------- */

/* How many outer loops, loops in each, base loops in each of these. */
struct graph_shape {
  size_t outer, middle, inner;
};

struct counts {
  size_t blocks, edges, loops;
};

struct graph {
  const struct havlak *h;
  gc_mutator *m;
  const gc_root *blocks, *edges; /* vectors */
};

gc_type edge_type(void);
/* Builds the small graph that the dummy loops are found in, and the rest. */
bool graph_begin(const struct graph *);
bool graph_grow(const struct graph *, const struct graph_shape *);

extern const struct counts small_graph;
struct counts graph_counts(const struct graph_shape *);
/* An upper bound. */
size_t graph_bytes(const struct havlak *, const struct graph_shape *);

/* --- loops ---------------------------------------------------------------- */

/* Makes a loop, which is in no list; the root has no header. */
bool loop_new(const struct havlak *, gc_root *out, const gc_root *header);
void loop_nest(const struct havlak *, gc_ref loop, gc_ref parent);

/* Puts the loops of the graph into the list behind *loops, a root. Returns
   false without memory. */
bool loops_find(const struct havlak *, const gc_root *blocks,
                const gc_root *loops);

gc_type finder_node_type(void);
/* Upper bounds of what a search of so many blocks keeps alive and allocates,
   without the loops that it finds. */
size_t finder_live_bytes(const struct havlak *, size_t blocks);
size_t finder_alloc_bytes(const struct havlak *, size_t blocks);

#endif
