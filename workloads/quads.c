/* SPDX-License-Identifier: MIT */
/* A large tree with four children per node stays live while small trees are
   created and dropped. Each thread has its own trees. After whippet's program
   of the same name, but there the garbage of a round grows with the heap; here
   it is a fixed part of the live bytes. */
#include "workloads/helpers.h"

enum { DEPTH, SMALL_DEPTH, ROUNDS };

enum {
  ARITY = 4,
  LIVE_PER_ROUND = 7, /* a round allocates a seventh of the large tree */
};

static gc_type node_type(void) {
  return workload_type(&(struct gc_type_desc){.name = "quad", .refs = ARITY});
}

static bool grow(gc_mutator *m, gc_type type, gc_root *out, unsigned depth) {
  if (depth == 0)
    return gc_new(m, out, type) != NULL;
  GC_FRAME(m, f, children[ARITY]);
  for (unsigned i = 0; i < ARITY; i++)
    if (!grow(m, type, &f.children[i], depth - 1))
      return false;
  gc_ref node = gc_new(m, out, type);
  if (node == NULL)
    return false;
  for (unsigned i = 0; i < ARITY; i++)
    gc_set_move(m, node, i, &f.children[i]);
  return true;
}

struct plan {
  unsigned depth, small_depth;
  uint64_t nodes, small_nodes, rounds, small_trees; /* a round */
};

static struct plan plan_of(const struct workload_setup *setup) {
  struct plan p = {.depth = (unsigned)setup->param[DEPTH],
                   .small_depth = (unsigned)setup->param[SMALL_DEPTH],
                   .rounds = (uint64_t)setup->param[ROUNDS]};
  p.nodes = workload_tree_nodes(ARITY, p.depth);
  p.small_nodes = workload_tree_nodes(ARITY, p.small_depth);
  p.small_trees = p.nodes / LIVE_PER_ROUND / p.small_nodes + 1;
  return p;
}

static uint64_t nodes_made(const struct plan *p) {
  return p->nodes + p->rounds * p->small_trees * p->small_nodes;
}

static size_t live_bytes(const struct workload_setup *setup) {
  struct plan p = plan_of(setup);
  return setup->threads * (p.nodes + p.small_nodes) *
         gc_size_for(node_type(), 0);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  struct plan p = plan_of(setup);
  return setup->threads * nodes_made(&p) * gc_size_for(node_type(), 0);
}

/* Reads one path of each small tree; the checksum counts its nodes. */
static bool small_trees(struct workload_thread *t, const struct plan *p) {
  gc_type type = node_type();
  for (uint64_t i = 0; i < p->small_trees; i++) {
    GC_FRAME(t->m, f, tree);
    if (!grow(t->m, type, &f.tree, p->small_depth))
      return false;
    gc_safepoint(t->m);
    uint64_t path = workload_random_next(&t->random);
    t->figures.checksum +=
        workload_tree_path(gc_root_get(&f.tree), ARITY, path);
  }
  return true;
}

static bool run(struct workload_thread *t) {
  struct plan p = plan_of(t->setup);
  GC_FRAME(t->m, f, tree);
  if (!grow(t->m, node_type(), &f.tree, p.depth))
    return false;
  for (uint64_t i = 0; i < p.rounds; i++)
    if (!small_trees(t, &p))
      return false;
  t->figures.checksum +=
      workload_tree_count(t->m, gc_root_get(&f.tree), ARITY, p.depth);
  t->figures.ops = t->figures.alloc_objects = nodes_made(&p);
  t->figures.alloc_bytes = nodes_made(&p) * gc_size_for(node_type(), 0);
  t->figures.ref_stores = nodes_made(&p) - 1 - p.rounds * p.small_trees;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  struct plan p = plan_of(main->setup);
  uint64_t expected = p.rounds * p.small_trees * (p.small_depth + 1) + p.nodes;
  bool right = workload_checksums_are(threads, expected);
  return right ? NULL : "a tree has lost nodes";
}

static const struct workload_param params[] = {
    [DEPTH] = {"depth", 1, 14, {9, 10, 11}, "depth of the large tree"},
    [SMALL_DEPTH] =
        {"small_depth", 0, 12, {3, 3, 3}, "depth of the small trees"},
    [ROUNDS] = {"rounds",
                1,
                1000000,
                {100, 20, 20},
                "rounds, each a seventh of the large tree"},
    {0},
};

const struct workload workload_quads = {
    .name = "quads",
    .summary = "Small trees are created and dropped beside a large one",
    .stresses = "minor collections beside a large old space",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .run = run,
    .check = check,
};
