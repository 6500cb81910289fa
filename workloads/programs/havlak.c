/* SPDX-License-Identifier: MIT */
/* The loop recognition benchmark of Robert Hundt, "Loop Recognition in
   C++/Java/Go/Scala", Scala Days 2011, with the parameters and results of Marr,
   Daloze and Moessenboeck, "Cross-Language Compiler Benchmarking: Are We Fast
   Yet?", DLS 2016. Each thread builds a flow graph, in which every block leads
   to its neighbours on both sides, and finds its loops again and again. All is
   in cycles, and so is the garbage: pure counting leaks every node that a
   search makes. */
#include "workloads/programs/havlak.h"

enum { DUMMIES, OUTER, MIDDLE, INNER, ROUNDS };

static struct graph_shape shape_of(const struct workload_setup *setup) {
  return (struct graph_shape){(size_t)setup->param[OUTER],
                              (size_t)setup->param[MIDDLE],
                              (size_t)setup->param[INNER]};
}

static struct havlak havlak_make(struct workload_thread *t) {
  return (struct havlak){
      .c = containers_make(t),
      .block = workload_type(&(struct gc_type_desc){
          .name = "block", .refs = BLOCK_SLOTS, .bytes = sizeof(uint64_t)}),
      .edge = edge_type(),
      .loop = workload_type(
          &(struct gc_type_desc){.name = "loop",
                                 .refs = LOOP_SLOTS,
                                 .bytes = sizeof(struct loop_data)}),
      .node = finder_node_type()};
}

/* --- sizes: upper bounds -------------------------------------------------- */

/* Loops that are kept to the end, with the root. */
static size_t kept_loops(const struct workload_setup *setup) {
  struct graph_shape s = shape_of(setup);
  size_t dummies = (size_t)setup->param[DUMMIES];
  return 1 + small_graph.loops * dummies + graph_counts(&s).loops;
}

/* Most loops have few blocks. */
static size_t loops_bytes(const struct havlak *h, size_t loops) {
  return loops * (gc_size_for(h->loop, 0) + vector_bytes(&h->c, VECTOR_LEAST));
}

static size_t live_bytes(const struct workload_setup *setup) {
  struct havlak h = havlak_make(NULL);
  struct graph_shape s = shape_of(setup);
  struct counts n = graph_counts(&s);
  return setup->threads *
         (graph_bytes(&h, &s) + loops_bytes(&h, kept_loops(setup)) +
          loops_bytes(&h, n.loops) + finder_live_bytes(&h, n.blocks));
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  struct havlak h = havlak_make(NULL);
  struct graph_shape s = shape_of(setup);
  struct counts n = graph_counts(&s);
  size_t dummies = (size_t)setup->param[DUMMIES];
  size_t rounds = (size_t)setup->param[ROUNDS];
  size_t kept = loops_bytes(&h, kept_loops(setup));
  size_t each = finder_alloc_bytes(&h, n.blocks) + 2 * loops_bytes(&h, n.loops);
  return setup->threads *
         (2 * (graph_bytes(&h, &s) + kept) + (rounds + 1) * each +
          dummies * finder_alloc_bytes(&h, small_graph.blocks));
}

/* --- loops ---------------------------------------------------------------- */

bool vectors_make(const struct havlak *h, const gc_root *holder, size_t first,
                  size_t end) {
  GC_FRAME(h->c.t->m, f, vector);
  for (size_t slot = first; slot < end; slot++) {
    if (!vector_new(&h->c, &f.vector))
      return false;
    counted_set_move(&h->c, gc_root_get(holder), slot, &f.vector);
  }
  return true;
}

bool loop_new(const struct havlak *h, gc_root *out, const gc_root *header) {
  gc_ref loop = counted_new(&h->c, out, h->loop);
  if (loop == NULL)
    return false;
  counted_set(&h->c, loop, LOOP_HEADER, gc_root_get(header));
  return vectors_make(h, out, LOOP_BLOCKS, LOOP_BLOCKS + 1) &&
         (gc_root_get(header) == NULL ||
          vector_append_in(&h->c, out, LOOP_BLOCKS, header));
}

static bool root_new(const struct havlak *h, gc_root *out) {
  GC_FRAME(h->c.t->m, f, none);
  return loop_new(h, out, &f.none);
}

void loop_nest(const struct havlak *h, gc_ref loop, gc_ref parent) {
  counted_set(&h->c, loop, LOOP_PARENT, parent);
  counted_set(&h->c, loop, LOOP_SIBLING, gc_get(parent, LOOP_CHILD));
  counted_set(&h->c, parent, LOOP_CHILD, loop);
}

/* Outermost loops become children of the root. */
static void loops_link(const struct havlak *h, const gc_root *root) {
  gc_mutator *m = h->c.t->m;
  GC_FRAME(m, f, loop);
  gc_ref loop = gc_get(gc_root_get(root), LOOP_NEXT);
  for (size_t i = 1; loop != NULL; i++, loop = gc_get(loop, LOOP_NEXT)) {
    if (gc_get(loop, LOOP_PARENT) == NULL)
      loop_nest(h, loop, gc_root_get(root));
    if (i % WORKLOAD_STRIDE != 0)
      continue;
    gc_root_set(m, &f.loop, loop);
    gc_safepoint(m);
    loop = gc_root_get(&f.loop);
  }
}

/* A loop counts this much in the checksum; a block, its name and one more. */
#define LOOP_WEIGHT (UINT64_C(1) << 40)

static uint64_t names_sum(gc_ref blocks) {
  uint64_t sum = 0;
  for (size_t i = 0; i < vector_size(blocks); i++)
    sum += *workload_number(vector_at(blocks, i)) + 1;
  return sum;
}

/* Sets the depth of a loop and of those in it, and adds them to the checksum.
   Returns how deep loops are nested in it. */
static uint64_t loop_measure(const struct havlak *h, const gc_root *loop,
                             uint64_t depth) {
  gc_mutator *m = h->c.t->m;
  uint64_t nesting = 0;
  GC_FRAME(m, f, child);
  gc_root_set(m, &f.child, gc_get(gc_root_get(loop), LOOP_CHILD));
  while (gc_root_get(&f.child) != NULL) {
    uint64_t below = 1 + loop_measure(h, &f.child, depth + 1);
    nesting = below > nesting ? below : nesting;
    gc_root_set(m, &f.child, gc_get(gc_root_get(&f.child), LOOP_SIBLING));
  }
  gc_safepoint(m);
  struct loop_data *data = gc_bytes(gc_root_get(loop));
  data->depth = depth;
  data->nesting = nesting;
  h->c.t->figures.checksum +=
      LOOP_WEIGHT + names_sum(gc_get(gc_root_get(loop), LOOP_BLOCKS));
  return nesting;
}

/* --- the run -------------------------------------------------------------- */

static bool search_rounds(const struct graph *g, int64_t rounds) {
  for (int64_t i = 0; i < rounds; i++) {
    GC_FRAME(g->m, f, loops);
    if (!root_new(g->h, &f.loops) || !loops_find(g->h, g->blocks, &f.loops))
      return false;
  }
  return true;
}

static bool search_all(const struct graph *g, const gc_root *loops) {
  const struct workload_setup *setup = g->h->c.t->setup;
  struct graph_shape s = shape_of(setup);
  if (!graph_begin(g))
    return false;
  for (int64_t i = 0; i < setup->param[DUMMIES]; i++)
    if (!loops_find(g->h, g->blocks, loops))
      return false;
  return graph_grow(g, &s) && loops_find(g->h, g->blocks, loops) &&
         search_rounds(g, setup->param[ROUNDS]);
}

static bool run(struct workload_thread *t) {
  struct havlak h = havlak_make(t);
  GC_FRAME(t->m, f, blocks, edges, loops);
  struct graph g = {&h, t->m, &f.blocks, &f.edges};
  if (!vector_new(&h.c, &f.blocks) || !vector_new(&h.c, &f.edges) ||
      !root_new(&h, &f.loops) || !search_all(&g, &f.loops))
    return false;
  loops_link(&h, &f.loops);
  loop_measure(&h, &f.loops, 0);
  t->figures.ops = (uint64_t)t->setup->param[DUMMIES] +
                   (uint64_t)t->setup->param[ROUNDS] + 1;
  return true;
}

/* The loops that were published for a shape of 10, 10, 5. */
static const struct {
  int64_t dummies;
  uint64_t loops;
} published[] = {
    {1, 1605}, {15, 1647}, {150, 2052}, {1500, 6102}, {15000, 46602}};

static uint64_t expected_loops(const struct workload_setup *setup) {
  struct graph_shape s = shape_of(setup);
  if (s.outer == 10 && s.middle == 10 && s.inner == 5)
    for (size_t i = 0; i < sizeof published / sizeof *published; i++)
      if (published[i].dummies == setup->param[DUMMIES])
        return published[i].loops;
  return kept_loops(setup);
}

/* All blocks of the graph are in loops, and so are all of the small graph but
   the last one; each of them is in one vector. */
static uint64_t expected(const struct workload_setup *setup) {
  struct graph_shape s = shape_of(setup);
  uint64_t dummies = (uint64_t)setup->param[DUMMIES];
  return expected_loops(setup) * LOOP_WEIGHT +
         dummies * workload_sum_below(small_graph.blocks) +
         workload_sum_below(graph_counts(&s).blocks + 1);
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  bool right = workload_checksums_are(threads, expected(main->setup));
  return right ? NULL : "the loops found are not those of the graph";
}

static const struct workload_param params[] = {
    [DUMMIES] = {"dummies",
                 0,
                 100000000,
                 {150, 150, 1500},
                 "searches of a small graph"},
    [OUTER] = {"outer", 1, 1000, {10, 10, 100}, "outer loops, side by side"},
    [MIDDLE] = {"middle", 1, 1000, {10, 10, 10}, "loops in an outer loop"},
    [INNER] = {"inner", 1, 1000, {5, 5, 5}, "base loops in such a loop"},
    [ROUNDS] = {"rounds",
                0,
                1000000,
                {30, 500, 200},
                "more searches of the whole graph"},
    {0},
};

const struct workload workload_havlak = {
    .name = "havlak",
    .summary = "Finds the loops of a flow graph",
    .stresses = "a large cyclic graph beside cyclic garbage",
    .params = params,
    .live_bytes = live_bytes,
    .live_is_bound = true,
    .alloc_bytes = alloc_bytes,
    .makes_cycles = true,
    .run = run,
    .check = check,
};
