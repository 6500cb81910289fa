/* SPDX-License-Identifier: MIT */
/* The splay tree of V8's benchmark suite. Nodes have random keys and carry
   trees of arrays and strings. A replacement inserts a node and removes its
   neighbour, and every look-up reorganises the tree, so that old objects point
   to young ones. Each thread has its own tree. */
#include <string.h>

#include "workloads/splay_tree.h"

enum { NODES, ITERATIONS, PAYLOAD_DEPTH };

enum {
  REPLACEMENTS = 80, /* per iteration */
  ARRAY_LENGTH = 10,
};

struct maker {
  gc_mutator *m;
  gc_type node, fork, leaf, bytes;
};

static struct maker maker_of(gc_mutator *m) {
  return (struct maker){
      m,
      workload_type(&(struct gc_type_desc){.name = "splay node",
                                           .refs = SPLAY_SLOTS,
                                           .bytes = sizeof(uint64_t)}),
      workload_type(&(struct gc_type_desc){.name = "fork", .refs = 2}),
      workload_type(&(struct gc_type_desc){.name = "leaf", .refs = 2}),
      workload_bytes_type(),
  };
}

static const char text[] = "String for key 0123456789abcdef in leaf node";
enum { TEXT_KEY = 15 }; /* the offset of the key's digits */

static void write_text(char *out, uint64_t key) {
  memcpy(out, text, sizeof text);
  for (int i = 0; i < 16; i++)
    out[TEXT_KEY + i] = "0123456789abcdef"[key >> (60 - 4 * i) & 15];
}

static bool make_leaf(const struct maker *maker, gc_root *out, uint64_t key) {
  GC_FRAME(maker->m, f, array, string);
  size_t array_bytes = ARRAY_LENGTH * sizeof(uint64_t);
  gc_ref array = gc_new_array(maker->m, &f.array, maker->bytes, array_bytes);
  if (array == NULL)
    return false;
  for (uint64_t i = 0; i < ARRAY_LENGTH; i++)
    ((uint64_t *)gc_bytes(array))[i] = i;
  gc_ref string = gc_new_array(maker->m, &f.string, maker->bytes, sizeof text);
  if (string == NULL)
    return false;
  write_text(gc_bytes(string), key);
  gc_ref leaf = gc_new(maker->m, out, maker->leaf);
  if (leaf == NULL)
    return false;
  gc_set_move(maker->m, leaf, 0, &f.array);
  gc_set_move(maker->m, leaf, 1, &f.string);
  return true;
}

static bool make_payload(const struct maker *maker, gc_root *out,
                         unsigned depth, uint64_t key) {
  if (depth == 0)
    return make_leaf(maker, out, key);
  GC_FRAME(maker->m, f, left, right);
  if (!make_payload(maker, &f.left, depth - 1, key) ||
      !make_payload(maker, &f.right, depth - 1, key))
    return false;
  gc_ref fork = gc_new(maker->m, out, maker->fork);
  if (fork == NULL)
    return false;
  gc_set_move(maker->m, fork, 0, &f.left);
  gc_set_move(maker->m, fork, 1, &f.right);
  return true;
}

/* Checks one leaf. */
static bool payload_is(gc_ref payload, unsigned depth, uint64_t key) {
  gc_ref leaf = payload;
  for (unsigned i = 0; i < depth; i++)
    leaf = gc_get(leaf, key >> i & 1);
  char wanted[sizeof text];
  write_text(wanted, key);
  const uint64_t *array = gc_bytes(gc_get(leaf, 0));
  return memcmp(gc_bytes(gc_get(leaf, 1)), wanted, sizeof text) == 0 &&
         array[ARRAY_LENGTH - 1] == ARRAY_LENGTH - 1;
}

/* --- figures known beforehand --------------------------------------------- */

struct expectation {
  uint64_t nodes, objects; /* in a node with its payload */
  size_t bytes;
};

static struct expectation expect(const struct workload_setup *setup) {
  struct maker maker = maker_of(NULL);
  uint64_t leaves = UINT64_C(1) << setup->param[PAYLOAD_DEPTH];
  size_t leaf = gc_size_for(maker.leaf, 0) +
                gc_size_for(maker.bytes, ARRAY_LENGTH * sizeof(uint64_t)) +
                gc_size_for(maker.bytes, sizeof text);
  return (struct expectation){
      (uint64_t)(setup->param[NODES] + setup->param[ITERATIONS] * REPLACEMENTS),
      1 + 3 * leaves + (leaves - 1),
      gc_size_for(maker.node, 0) + leaves * leaf +
          (leaves - 1) * gc_size_for(maker.fork, 0)};
}

/* During a replacement there is one node more; and there is the holder. */
static size_t live_bytes(const struct workload_setup *setup) {
  uint64_t nodes = (uint64_t)setup->param[NODES] + 1;
  return setup->threads *
         (gc_size_for(maker_of(NULL).node, 0) + nodes * expect(setup).bytes);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  struct expectation e = expect(setup);
  return setup->threads *
         (gc_size_for(maker_of(NULL).node, 0) + e.nodes * e.bytes);
}

/* --- the run -------------------------------------------------------------- */

static bool insert_new(struct workload_thread *t, const struct maker *maker,
                       struct splay_tree *tree, uint64_t *key) {
  unsigned depth = (unsigned)t->setup->param[PAYLOAD_DEPTH];
  do
    *key = workload_random_next(&t->random);
  while (splay_contains(tree, *key));
  t->figures.checksum += *key;
  GC_FRAME(t->m, f, payload, node);
  if (!make_payload(maker, &f.payload, depth, *key))
    return false;
  gc_ref node = gc_new(t->m, &f.node, maker->node);
  if (node == NULL)
    return false;
  *workload_number(node) = *key;
  gc_set_move(t->m, node, SPLAY_PAYLOAD, &f.payload);
  splay_insert(tree, node);
  return true;
}

static bool replace(struct workload_thread *t, const struct maker *maker,
                    struct splay_tree *tree) {
  uint64_t key;
  if (!insert_new(t, maker, tree, &key))
    return false;
  gc_safepoint(t->m);
  uint64_t leaves = splay_neighbour(tree, key);
  t->figures.checksum ^= leaves;
  splay_remove(tree, leaves);
  return true;
}

/* Returns the number of nodes that are in order and have the right payload. */
static uint64_t take_apart(struct splay_tree *tree, unsigned depth) {
  uint64_t right = 0, before = 0;
  while (splay_tree_top(tree) != NULL) {
    gc_ref node = splay_take_least(tree);
    uint64_t key = splay_key(node);
    right += (key > before || right == 0) &&
             payload_is(gc_get(node, SPLAY_PAYLOAD), depth, key);
    before = key;
    gc_safepoint(tree->m);
  }
  return right;
}

static bool run(struct workload_thread *t) {
  const int64_t *param = t->setup->param;
  struct maker maker = maker_of(t->m);
  GC_FRAME(t->m, f, holder);
  if (gc_new(t->m, &f.holder, maker.node) == NULL)
    return false;
  struct splay_tree tree = {t->m, &f.holder, 0};
  uint64_t key;
  for (int64_t i = 0; i < param[NODES]; i++)
    if (!insert_new(t, &maker, &tree, &key))
      return false;
  for (int64_t i = 0; i < param[ITERATIONS] * REPLACEMENTS; i++)
    if (!replace(t, &maker, &tree))
      return false;
  uint64_t right = take_apart(&tree, (unsigned)param[PAYLOAD_DEPTH]);
  ((struct workload_shared *)t->shared)->wrong +=
      right != (uint64_t)param[NODES];
  struct expectation e = expect(t->setup);
  t->figures.ops = e.nodes;
  t->figures.alloc_objects = 1 + e.nodes * e.objects;
  t->figures.alloc_bytes = gc_size_for(maker.node, 0) + e.nodes * e.bytes;
  t->figures.ref_stores = tree.ref_stores + e.nodes * (e.objects - 1);
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  (void)threads;
  return shared->wrong ? "a tree was out of order or a payload was wrong"
                       : NULL;
}

static const struct workload_param params[] = {
    [NODES] = {"nodes", 1, 10000000, {8000, 8000, 80000}, "nodes per tree"},
    [ITERATIONS] = {"iterations",
                    1,
                    10000000,
                    {60, 1000, 2000},
                    "iterations of 80 replacements"},
    [PAYLOAD_DEPTH] =
        {"payload_depth", 0, 16, {5, 5, 5}, "depth of a node's payload tree"},
    {0},
};

const struct workload workload_splay = {
    .name = "splay",
    .summary = "Nodes of a splay tree are replaced",
    .stresses = "old-to-young stores, promotion",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = workload_shared_begin_plain,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
