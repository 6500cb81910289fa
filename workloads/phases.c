/* SPDX-License-Identifier: MIT */
/* A program with phases: each thread builds a working set, uses it for a while
   among short-lived objects, and then replaces all of it. By then the set has
   been promoted, so each phase leaves garbage in the old generation. With
   `overlap` the next set is built while the last one is still live. */
#include "workloads/helpers.h"

enum { CHAINS, NODES, BYTES, WORK, PHASES, OVERLAP };

/* Temporary objects per visit of the working set. */
enum { LOOK_EVERY = 16 };

static gc_type node_type(const struct workload_setup *setup) {
  return workload_link_type((size_t)setup->param[BYTES]);
}

static uint64_t set_nodes(const struct workload_setup *setup) {
  return (uint64_t)(setup->param[CHAINS] * setup->param[NODES]);
}

static size_t set_bytes(const struct workload_setup *setup) {
  return gc_size_for(workload_table_type(), (size_t)setup->param[CHAINS]) +
         set_nodes(setup) * gc_size_for(node_type(setup), 0);
}

static size_t live_bytes(const struct workload_setup *setup) {
  const int64_t *param = setup->param;
  size_t sets = param[OVERLAP] && param[PHASES] > 1 ? 2 : 1;
  return setup->threads * sets * set_bytes(setup);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  const int64_t *param = setup->param;
  size_t temporary = (size_t)param[WORK] * gc_size_for(node_type(setup), 0);
  return setup->threads * (size_t)param[PHASES] *
         (set_bytes(setup) + temporary);
}

/* Chain i of phase p has the numbers from (p * CHAINS + i) * NODES on. */
static bool chain_make(struct workload_thread *t, gc_root *head, gc_type type,
                       uint64_t first) {
  GC_FRAME(t->m, f, tail);
  for (int64_t i = 0; i < t->setup->param[NODES]; i++)
    if (!workload_chain_append(t->m, head, &f.tail, type, first + (uint64_t)i))
      return false;
  return true;
}

static bool set_make(struct workload_thread *t, gc_root *set, uint64_t phase) {
  const int64_t *param = t->setup->param;
  size_t chains = (size_t)param[CHAINS];
  GC_FRAME(t->m, f, table, head);
  if (!param[OVERLAP])
    gc_root_clear(t->m, set);
  if (gc_new_array(t->m, &f.table, workload_table_type(), chains) == NULL)
    return false;
  for (size_t i = 0; i < chains; i++) {
    uint64_t first = (phase * chains + i) * (uint64_t)param[NODES];
    if (!chain_make(t, &f.head, node_type(t->setup), first))
      return false;
    gc_set_move(t->m, gc_root_get(&f.table), i, &f.head);
  }
  gc_safepoint(t->m);
  gc_root_move(t->m, set, &f.table);
  return true;
}

/* Adds the numbers of a randomly chosen chain to the checksum, and the expected
   sum to *expected. */
static void look(struct workload_thread *t, const gc_root *set, uint64_t phase,
                 uint64_t *expected) {
  uint64_t chains = (uint64_t)t->setup->param[CHAINS];
  uint64_t nodes = (uint64_t)t->setup->param[NODES];
  size_t at = workload_random_below(&t->random, chains);
  GC_FRAME(t->m, f, head);
  gc_root_set(t->m, &f.head, gc_get(gc_root_get(set), at));
  struct workload_chain chain = workload_chain_walk(t->m, &f.head, nodes + 1);
  t->figures.checksum += chain.id_sum;
  *expected +=
      (phase * chains + at) * nodes * nodes + workload_sum_below(nodes);
}

static bool work(struct workload_thread *t, const gc_root *set, uint64_t phase,
                 uint64_t *expected) {
  gc_type type = node_type(t->setup);
  for (int64_t i = 0; i < t->setup->param[WORK]; i++) {
    GC_FRAME(t->m, f, temporary);
    gc_ref object = gc_new(t->m, &f.temporary, type);
    if (object == NULL)
      return false;
    *workload_number(object) = (uint64_t)i;
    if (i % LOOK_EVERY == 0)
      look(t, set, phase, expected);
  }
  return true;
}

static void say_what_was_done(struct workload_thread *t) {
  const int64_t *param = t->setup->param;
  uint64_t phases = (uint64_t)param[PHASES], nodes = set_nodes(t->setup);
  struct workload_figures *figures = &t->figures;
  figures->ops = phases * (nodes + (uint64_t)param[WORK]);
  figures->alloc_objects = figures->ops + phases;
  figures->alloc_bytes = alloc_bytes(t->setup) / t->setup->threads;
  /* the links of each chain, and the table's slot */
  figures->ref_stores = phases * nodes;
}

static bool run(struct workload_thread *t) {
  struct workload_shared *shared = t->shared;
  uint64_t expected = 0;
  GC_FRAME(t->m, f, set);
  for (int64_t i = 0; i < t->setup->param[PHASES]; i++)
    if (!set_make(t, &f.set, (uint64_t)i) ||
        !work(t, &f.set, (uint64_t)i, &expected))
      return false;
  shared->wrong += t->figures.checksum != expected;
  say_what_was_done(t);
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  (void)threads;
  return shared->wrong ? "a chain of the working set was incomplete" : NULL;
}

static const struct workload_param params[] = {
    [CHAINS] = {"chains",
                1,
                10000000,
                {4000, 20000, 200000},
                "chains per working set"},
    [NODES] = {"nodes", 1, 1000000, {16, 16, 16}, "nodes per chain"},
    [BYTES] = {"bytes", 8, 1 << 16, {24, 24, 24}, "bytes of data per node"},
    [WORK] = {"work",
              0,
              INT64_C(1000000000),
              {500000, 2000000, 5000000},
              "temporary nodes per phase"},
    [PHASES] = {"phases", 1, 1000000, {10, 20, 20}, "phases per thread"},
    [OVERLAP] =
        {"overlap", 0, 1, {0, 0, 0}, "1: build the next set before dropping"},
    {0},
};

const struct workload workload_phases = {
    .name = "phases",
    .summary = "The whole working set is replaced from time to time",
    .stresses = "garbage in the old generation",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = workload_shared_begin_plain,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
