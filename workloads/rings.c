/* SPDX-License-Identifier: MIT */
/* Rings of nodes are built and dropped; some are not closed, so they are lists.
   Each thread keeps the newest `kept` in a table, so that there are live bytes
   to size the heap by. Pure counting leaks every closed ring that leaves the
   table; the number of these bytes is known beforehand. */
#include "workloads/helpers.h"

enum { RINGS, NODES, BYTES, ACYCLIC, KEPT };

struct maker {
  gc_mutator *m;
  gc_type type;
  uint64_t nodes, acyclic;
};

/* Exactly `acyclic` in a hundred rings stay open, evenly spread. */
static bool stays_open(const struct maker *maker, uint64_t ring) {
  return ring * maker->acyclic / 100 != (ring + 1) * maker->acyclic / 100;
}

static bool make_ring(const struct maker *maker, gc_root *head, uint64_t ring) {
  GC_FRAME(maker->m, f, tail);
  uint64_t first = ring * maker->nodes;
  for (uint64_t i = 0; i < maker->nodes; i++)
    if (!workload_chain_append(maker->m, head, &f.tail, maker->type, first + i))
      return false;
  if (!stays_open(maker, ring))
    gc_set(maker->m, gc_root_get(&f.tail), 0, gc_root_get(head));
  return true;
}

/* The ring's part of the checksum; it is wrong if the ring has changed. */
static uint64_t inspect(const struct maker *maker, const gc_root *head,
                        uint64_t ring) {
  struct workload_chain found =
      workload_chain_walk(maker->m, head, maker->nodes + 1);
  uint64_t errors =
      (found.is_ring == stays_open(maker, ring)) + (found.nodes ^ maker->nodes);
  return found.id_sum + errors * UINT64_C(0x9e3779b97f4a7c15);
}

/* Drops the oldest ring before it builds the newest, so that at most `kept` are
   live. */
static bool replace(const struct maker *maker, const gc_root *table,
                    uint64_t ring, uint64_t *checksum) {
  size_t slot = ring % gc_length(gc_root_get(table));
  gc_set(maker->m, gc_root_get(table), slot, NULL);
  GC_FRAME(maker->m, f, head);
  if (!make_ring(maker, &f.head, ring))
    return false;
  *checksum += inspect(maker, &f.head, ring);
  gc_set_move(maker->m, gc_root_get(table), slot, &f.head);
  gc_safepoint(maker->m);
  return true;
}

static struct maker maker_of(const struct workload_setup *setup,
                             gc_mutator *m) {
  return (struct maker){m, workload_link_type((size_t)setup->param[BYTES]),
                        (uint64_t)setup->param[NODES],
                        (uint64_t)setup->param[ACYCLIC]};
}

static size_t bytes_of(const struct workload_setup *setup, uint64_t rings) {
  struct maker maker = maker_of(setup, NULL);
  return gc_size_for(workload_table_type(), (size_t)setup->param[KEPT]) +
         rings * maker.nodes * gc_size_for(maker.type, 0);
}

static size_t live_bytes(const struct workload_setup *setup) {
  int64_t kept = setup->param[KEPT], rings = setup->param[RINGS];
  return setup->threads *
         bytes_of(setup, (uint64_t)(kept < rings ? kept : rings));
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return setup->threads * bytes_of(setup, (uint64_t)setup->param[RINGS]);
}

static bool run(struct workload_thread *t) {
  struct maker maker = maker_of(t->setup, t->m);
  uint64_t rings = (uint64_t)t->setup->param[RINGS], closed = 0;
  size_t kept = (size_t)t->setup->param[KEPT];
  GC_FRAME(t->m, f, table);
  if (gc_new_array(t->m, &f.table, workload_table_type(), kept) == NULL)
    return false;
  for (uint64_t i = 0; i < rings; i++) {
    if (!replace(&maker, &f.table, i, &t->figures.checksum))
      return false;
    closed += !stays_open(&maker, i);
  }
  t->figures.ops = rings;
  t->figures.alloc_objects = 1 + rings * maker.nodes;
  t->figures.alloc_bytes = bytes_of(t->setup, rings);
  t->figures.ref_stores = rings * (maker.nodes - 1) + closed + 2 * rings;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const int64_t *param = main->setup->param;
  uint64_t nodes = (uint64_t)(param[RINGS] * param[NODES]);
  bool right = workload_checksums_are(threads, workload_sum_below(nodes));
  return right ? NULL : "a ring has changed since it was built";
}

static const struct workload_param params[] = {
    [RINGS] = {"rings",
               1,
               INT64_C(1000000000),
               {1500000, 10000000, 50000000},
               "rings per thread"},
    [NODES] = {"nodes", 1, 10000000, {2, 2, 2}, "nodes per ring"},
    [BYTES] = {"bytes", 8, 1 << 20, {16, 16, 16}, "bytes of data per node"},
    [ACYCLIC] =
        {"acyclic", 0, 100, {0, 0, 0}, "per cent of rings that stay open"},
    [KEPT] =
        {"kept", 1, 10000000, {20000, 50000, 200000}, "live rings per thread"},
    {0},
};

const struct workload workload_rings = {
    .name = "rings",
    .summary = "Rings of nodes are built and dropped",
    .stresses = "cycle collection; pure counting leaks a known amount",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .makes_cycles = true,
    .run = run,
    .check = check,
};
