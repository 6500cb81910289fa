/* SPDX-License-Identifier: MIT */
/* Long lists are built, walked, and dropped by their heads: in a collector that
   counts, the death of the head causes a cascade. Each thread has its own
   lists. With `shuffled`, the order of a list in memory is random, so that
   prefetchers do not help. */
#include "workloads/helpers.h"

enum { NODES, LISTS, SHUFFLED };

enum { DATA_BYTES = 8 };

static bool build_in_order(struct workload_thread *t, gc_root *head) {
  uint64_t nodes = (uint64_t)t->setup->param[NODES];
  gc_type type = workload_link_type(DATA_BYTES);
  GC_FRAME(t->m, f, tail);
  for (uint64_t i = 0; i < nodes; i++)
    if (!workload_chain_append(t->m, head, &f.tail, type, i))
      return false;
  return true;
}

static bool fill_table(struct workload_thread *t, gc_root *table,
                       uint64_t nodes) {
  gc_type type = workload_link_type(DATA_BYTES);
  GC_FRAME(t->m, f, node);
  if (gc_new_array(t->m, table, workload_table_type(), nodes) == NULL)
    return false;
  for (uint64_t i = 0; i < nodes; i++) {
    gc_ref node = gc_new(t->m, &f.node, type);
    if (node == NULL)
      return false;
    *workload_number(node) = i;
    gc_set_move(t->m, gc_root_get(table), i, &f.node);
  }
  return true;
}

/* The table keeps the nodes until all are linked. */
static bool build_shuffled(struct workload_thread *t, gc_root *head) {
  uint64_t nodes = (uint64_t)t->setup->param[NODES];
  uint64_t key = workload_random_next(&t->random);
  GC_FRAME(t->m, f, table);
  if (!fill_table(t, &f.table, nodes))
    return false;
  uint64_t at = workload_permute(0, nodes, key);
  gc_root_set(t->m, head, gc_get(gc_root_get(&f.table), at));
  for (uint64_t i = 1; i < nodes; i++) {
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(t->m);
    uint64_t next = workload_permute(i, nodes, key);
    gc_ref table = gc_root_get(&f.table);
    gc_set(t->m, gc_get(table, at), 0, gc_get(table, next));
    at = next;
  }
  gc_safepoint(t->m);
  return true;
}

static size_t thread_bytes(const struct workload_setup *setup) {
  size_t nodes = (size_t)setup->param[NODES];
  size_t bytes = nodes * gc_size_for(workload_link_type(DATA_BYTES), 0);
  if (setup->param[SHUFFLED])
    bytes += gc_size_for(workload_table_type(), nodes);
  return bytes;
}

static size_t live_bytes(const struct workload_setup *setup) {
  return setup->threads * thread_bytes(setup);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return (size_t)setup->param[LISTS] * live_bytes(setup);
}

/* Combines the number of nodes that the walk found with their numbers. */
static uint64_t checksum_of(struct workload_chain chain) {
  return chain.nodes * UINT64_C(0x9e3779b97f4a7c15) + chain.id_sum;
}

static bool run(struct workload_thread *t) {
  const struct workload_setup *setup = t->setup;
  uint64_t nodes = (uint64_t)setup->param[NODES];
  uint64_t lists = (uint64_t)setup->param[LISTS];
  for (uint64_t i = 0; i < lists; i++) {
    GC_FRAME(t->m, f, head);
    if (!(setup->param[SHUFFLED] ? build_shuffled : build_in_order)(t, &f.head))
      return false;
    gc_safepoint(t->m);
    t->figures.checksum +=
        checksum_of(workload_chain_walk(t->m, &f.head, nodes + 1));
    gc_root_clear(t->m, &f.head);
    gc_safepoint(t->m);
  }
  uint64_t tables = setup->param[SHUFFLED] ? lists : 0;
  t->figures.ops = lists * nodes;
  t->figures.alloc_objects = lists * nodes + tables;
  t->figures.alloc_bytes = lists * thread_bytes(setup);
  t->figures.ref_stores = lists * (nodes - 1) + tables * nodes;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  uint64_t nodes = (uint64_t)main->setup->param[NODES];
  struct workload_chain whole = {nodes, workload_sum_below(nodes), false};
  uint64_t lists = (uint64_t)main->setup->param[LISTS];
  bool right = workload_checksums_are(threads, lists * checksum_of(whole));
  return right ? NULL : "a list has lost nodes";
}

static const struct workload_param params[] = {
    [NODES] =
        {"nodes", 1, 100000000, {1000000, 1000000, 10000000}, "nodes per list"},
    [LISTS] = {"lists", 1, 1000000, {8, 20, 10}, "lists per thread"},
    [SHUFFLED] = {"shuffled", 0, 1, {0, 0, 0}, "1: linked in random order"},
    {0},
};

const struct workload workload_long_list = {
    .name = "long_list",
    .summary = "Long lists are built and dropped by their heads",
    .stresses = "release cascades, recursion, pauses",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .run = run,
    .check = check,
};
