/* SPDX-License-Identifier: MIT */
/* GCBench (Ellis, Kovac, Boehm): a long-lived tree and array, and many
   short-lived trees of several depths. The deeper the trees the fewer they are,
   so that each depth has about the same number of nodes. Each thread has its
   own trees. With `holes`, each node is preceded by a hole. */
#include <stdlib.h>

#include "workloads/holes.h"

enum { LIVE_DEPTH, ARRAY, LEAST, GREATEST, WORK, HOLES };

enum { DEPTH_STEP = 2 };

struct grower {
  gc_mutator *m;
  gc_type node;
  struct workload_holes holes;
};

static gc_type node_type(void) {
  return workload_type(&(struct gc_type_desc){
      .name = "tree node", .refs = 2, .bytes = sizeof(uint64_t)});
}

static gc_ref make_node(struct grower *g, gc_root *out, unsigned depth) {
  if (!workload_hole(g->m, &g->holes))
    return NULL;
  gc_ref node = gc_new(g->m, out, g->node);
  if (node != NULL)
    *workload_number(node) = depth;
  return node;
}

static bool grow_bottom_up(struct grower *g, gc_root *out, unsigned depth) {
  if (depth == 0)
    return make_node(g, out, 0) != NULL;
  GC_FRAME(g->m, f, left, right);
  if (!grow_bottom_up(g, &f.left, depth - 1) ||
      !grow_bottom_up(g, &f.right, depth - 1))
    return false;
  gc_ref node = make_node(g, out, depth);
  if (node == NULL)
    return false;
  gc_set_move(g->m, node, 0, &f.left);
  gc_set_move(g->m, node, 1, &f.right);
  return true;
}

/* Stores young objects in older ones. */
static bool populate(struct grower *g, const gc_root *root, unsigned depth) {
  if (depth == 0)
    return true;
  GC_FRAME(g->m, f, left, right);
  if (make_node(g, &f.left, depth - 1) == NULL ||
      make_node(g, &f.right, depth - 1) == NULL)
    return false;
  gc_set(g->m, gc_root_get(root), 0, gc_root_get(&f.left));
  gc_set(g->m, gc_root_get(root), 1, gc_root_get(&f.right));
  return populate(g, &f.left, depth - 1) && populate(g, &f.right, depth - 1);
}

static bool grow_top_down(struct grower *g, gc_root *out, unsigned depth) {
  return make_node(g, out, depth) != NULL && populate(g, out, depth);
}

/* The number of trees of one depth that are made top-down, and bottom-up. */
static uint64_t tree_count(const struct workload_setup *setup, unsigned depth) {
  return 2 * workload_tree_nodes(2, (unsigned)setup->param[WORK]) /
         workload_tree_nodes(2, depth);
}

/* Checks one path of a tree, or if `wholly` (the last tree of its kind) all of
   it; checking all trees wholly would measure reading. Returns the number of
   right nodes. */
static uint64_t inspect(struct workload_thread *t, const gc_root *tree,
                        unsigned depth, bool wholly) {
  uint64_t path = workload_random_next(&t->random), right = 0;
  unsigned below = depth;
  for (gc_ref node = gc_root_get(tree); node != NULL; path >>= 1) {
    right += *workload_number(node) == below--;
    node = gc_get(node, path & 1);
  }
  if (wholly)
    right += workload_tree_count(t->m, gc_root_get(tree), 2, depth);
  return right;
}

static bool make_trees(struct workload_thread *t, struct grower *g,
                       unsigned depth,
                       bool (*grow)(struct grower *, gc_root *, unsigned)) {
  uint64_t trees = tree_count(t->setup, depth);
  for (uint64_t i = 1; i <= trees; i++) {
    GC_FRAME(g->m, f, tree);
    if (!grow(g, &f.tree, depth))
      return false;
    gc_safepoint(g->m);
    t->figures.checksum += inspect(t, &f.tree, depth, i == trees);
  }
  return true;
}

/* Half of the array is filled, as in the original. */
static bool make_array(struct workload_thread *t, gc_root *out) {
  size_t length = (size_t)t->setup->param[ARRAY];
  gc_ref array = gc_new_array(t->m, out, workload_bytes_type(), length * 8);
  if (array == NULL)
    return false;
  double *elements = gc_bytes(array);
  for (size_t i = 0; i < length / 2; i++)
    elements[i] = 1.0 / (double)(i + 1);
  return true;
}

static uint64_t right_elements(const gc_root *array, size_t length) {
  const double *elements = gc_bytes(gc_root_get(array));
  uint64_t right = 0;
  for (size_t i = 0; i < length; i++)
    right += elements[i] == (i < length / 2 ? 1.0 / (double)(i + 1) : 0);
  return right;
}

/* --- figures known beforehand --------------------------------------------- */

struct expectation {
  uint64_t nodes, trees, checksum;
  unsigned deepest; /* temporary tree */
};

static struct expectation expect(const struct workload_setup *setup) {
  unsigned live_depth = (unsigned)setup->param[LIVE_DEPTH];
  struct expectation e = {workload_tree_nodes(2, live_depth), 1, 0, 0};
  e.checksum = e.nodes + (uint64_t)setup->param[ARRAY];
  unsigned greatest = (unsigned)setup->param[GREATEST];
  for (unsigned depth = (unsigned)setup->param[LEAST]; depth <= greatest;
       depth += DEPTH_STEP) {
    uint64_t trees = tree_count(setup, depth);
    if (trees == 0)
      break;
    uint64_t nodes = workload_tree_nodes(2, depth);
    e.nodes += 2 * trees * nodes;
    e.trees += 2 * trees;
    e.checksum += 2 * (trees * (depth + 1) + nodes);
    e.deepest = depth;
  }
  return e;
}

static size_t array_bytes(const struct workload_setup *setup) {
  return gc_size_for(workload_bytes_type(), (size_t)setup->param[ARRAY] * 8);
}

/* Each thread has its long-lived data and one temporary tree. All threads may
   have their deepest tree at the same time. */
static size_t live_bytes(const struct workload_setup *setup) {
  unsigned deepest = expect(setup).deepest;
  uint64_t nodes = workload_tree_nodes(2, (unsigned)setup->param[LIVE_DEPTH]);
  if (deepest > 0)
    nodes += workload_tree_nodes(2, deepest);
  return setup->threads *
         (array_bytes(setup) + nodes * gc_size_for(node_type(), 0));
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  uint64_t nodes = expect(setup).nodes;
  size_t bytes = array_bytes(setup) + nodes * gc_size_for(node_type(), 0);
  if (setup->param[HOLES])
    bytes += workload_holes_bound(setup->seed, nodes);
  return setup->threads * bytes;
}

/* --- the run -------------------------------------------------------------- */

static bool begin(struct workload_thread *t) {
  if (!t->setup->param[HOLES])
    return true;
  t->shared = malloc(sizeof(struct workload_hole_table));
  if (t->shared != NULL)
    workload_holes_draw(t->shared, t->setup->seed);
  return t->shared != NULL;
}

static bool make_all(struct workload_thread *t, struct grower *g) {
  const int64_t *param = t->setup->param;
  unsigned live_depth = (unsigned)param[LIVE_DEPTH];
  GC_FRAME(t->m, f, tree, array);
  if (!grow_top_down(g, &f.tree, live_depth) || !make_array(t, &f.array))
    return false;
  for (unsigned depth = (unsigned)param[LEAST];
       depth <= (unsigned)param[GREATEST]; depth += DEPTH_STEP)
    if (!make_trees(t, g, depth, grow_top_down) ||
        !make_trees(t, g, depth, grow_bottom_up))
      return false;
  t->figures.checksum += right_elements(&f.array, (size_t)param[ARRAY]);
  t->figures.checksum +=
      workload_tree_count(t->m, gc_root_get(&f.tree), 2, live_depth);
  return true;
}

static bool run(struct workload_thread *t) {
  struct grower g = {t->m, node_type(),
                     workload_holes_begin(t->shared, t->index)};
  bool ok = make_all(t, &g);
  struct expectation e = expect(t->setup);
  t->figures.ops = e.nodes;
  t->figures.ref_stores = e.nodes - e.trees;
  t->figures.alloc_objects = e.nodes + 1;
  t->figures.alloc_bytes =
      e.nodes * gc_size_for(g.node, 0) + array_bytes(t->setup);
  workload_holes_tally(&g.holes, &t->figures);
  return ok;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  bool right = workload_checksums_are(threads, expect(main->setup).checksum);
  return right ? NULL : "a tree has lost nodes, or the array has changed";
}

static void end(struct workload_thread *t) {
  free(t->shared);
  t->shared = NULL;
}

static const struct workload_param params[] = {
    [LIVE_DEPTH] =
        {"live_depth", 1, 24, {14, 16, 20}, "depth of the long-lived tree"},
    [ARRAY] = {"array",
               0,
               50000000,
               {125000, 500000, 4000000},
               "doubles in the long-lived array"},
    [LEAST] = {"least_depth", 1, 24, {4, 4, 4}, "depth of the smallest trees"},
    [GREATEST] =
        {"greatest_depth", 1, 24, {14, 16, 20}, "depth of the largest trees"},
    [WORK] = {"work_depth",
              1,
              26,
              {17, 18, 22},
              "each depth allocates the nodes of 4 trees of this depth"},
    [HOLES] = {"holes", 0, 1, {0, 0, 0}, "1: garbage before each node"},
    {0},
};

const struct workload workload_binary_trees = {
    .name = "binary_trees",
    .summary = "GCBench: short-lived trees beside a long-lived one",
    .stresses = "allocation, lifetime by depth, fragmentation",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = begin,
    .run = run,
    .check = check,
    .end = end,
};
