/* SPDX-License-Identifier: MIT */
/* cyclotron: each thread makes rings of `cycle` nodes, the first of which has
   `payload` bytes, until `live` nodes are live; then it drops them all at once.
   It goes on until it has made `nodes` nodes. So garbage comes in bursts as
   large as what is live, and with a payload few nodes hold much memory.

   Neil Schemenauer, "cyclotron", 2026, a benchmark of CPython's collector,
   workload "chain": a grid of cycle lengths (10, 100, …), payloads (0, 10,000,
   100,000, 300,000 bytes) and live objects (100, 10,000, 30,000). There a
   finalizer counts the garbage; here the harness measures its bytes, the drag.
 */
#include "workloads/helpers.h"

enum { CYCLE, PAYLOAD, LIVE, NODES, CYCLIC };

static gc_type node_type(void) {
  return workload_type(
      &(struct gc_type_desc){.name = "node", .refs = 2, .bytes = 8});
}
enum { NEXT, DATA };

/* --- sizes ---------------------------------------------------------------- */

static uint64_t rings_for(const struct workload_setup *setup, int64_t nodes) {
  int64_t cycle = setup->param[CYCLE];
  return (uint64_t)((nodes + cycle - 1) / cycle);
}

static size_t bytes_of(const struct workload_setup *setup, uint64_t rings) {
  size_t payload = (size_t)setup->param[PAYLOAD];
  size_t ring = (size_t)setup->param[CYCLE] * gc_size_for(node_type(), 0);
  if (payload > 0)
    ring += gc_size_for(workload_bytes_type(), payload);
  size_t held = rings_for(setup, setup->param[LIVE]);
  return gc_size_for(workload_table_type(), held) + rings * ring;
}

static size_t live_bytes(const struct workload_setup *setup) {
  uint64_t live = rings_for(setup, setup->param[LIVE]);
  uint64_t all = rings_for(setup, setup->param[NODES]);
  return setup->threads * bytes_of(setup, live < all ? live : all);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  uint64_t all = rings_for(setup, setup->param[NODES]);
  return setup->threads * bytes_of(setup, all);
}

/* --- rings ---------------------------------------------------------------- */

/* The payload has this number in its first and its last byte. */
static bool add_payload(gc_mutator *m, gc_root *node, size_t length,
                        uint64_t ring) {
  GC_FRAME(m, f, payload);
  gc_ref payload = gc_new_array(m, &f.payload, workload_bytes_type(), length);
  if (payload == NULL)
    return false;
  uint8_t *bytes = gc_bytes(payload);
  bytes[0] = bytes[length - 1] = (uint8_t)ring;
  gc_set_move(m, gc_root_get(node), DATA, &f.payload);
  return true;
}

static bool draw_is_closed(struct workload_random *random, int64_t cyclic) {
  return (int64_t)workload_random_below(random, 100) < cyclic;
}

static bool make_ring(struct workload_thread *t, gc_root *head, uint64_t ring) {
  const int64_t *param = t->setup->param;
  gc_type type = node_type();
  GC_FRAME(t->m, f, tail);
  uint64_t nodes = (uint64_t)param[CYCLE];
  for (uint64_t i = 0; i < nodes; i++)
    if (!workload_chain_append(t->m, head, &f.tail, type, ring * nodes + i))
      return false;
  if (param[PAYLOAD] > 0 &&
      !add_payload(t->m, head, (size_t)param[PAYLOAD], ring))
    return false;
  if (draw_is_closed(&t->random, param[CYCLIC])) {
    gc_set(t->m, gc_root_get(&f.tail), NEXT, gc_root_get(head));
    t->figures.ref_stores++;
  }
  return true;
}

static bool payload_is(gc_ref node, uint64_t ring) {
  gc_ref payload = gc_get(node, DATA);
  if (payload == NULL)
    return true;
  const uint8_t *bytes = gc_bytes(payload);
  return bytes[0] == (uint8_t)ring &&
         bytes[gc_length(payload) - 1] == (uint8_t)ring;
}

/* The ring's part of the checksum: its numbers, and 1 if it is closed. */
static uint64_t inspect(struct workload_thread *t, gc_ref ring,
                        uint64_t number) {
  uint64_t nodes = (uint64_t)t->setup->param[CYCLE];
  GC_FRAME(t->m, f, head);
  gc_root_set(t->m, &f.head, ring);
  bool is_right = payload_is(ring, number);
  struct workload_chain found = workload_chain_walk(t->m, &f.head, nodes + 1);
  uint64_t errors = !is_right + (found.nodes ^ nodes);
  return found.id_sum + found.is_ring + errors * UINT64_C(0x9e3779b97f4a7c15);
}

/* Reads and drops all rings in the table; `end` is the number of the next. */
static void drop_rings(struct workload_thread *t, const gc_root *table,
                       size_t count, uint64_t end) {
  for (size_t i = 0; i < count; i++)
    t->figures.checksum +=
        inspect(t, gc_get(gc_root_get(table), i), end - count + i);
  gc_safepoint(t->m);
  for (size_t i = 0; i < count; i++) {
    gc_set(t->m, gc_root_get(table), i, NULL);
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(t->m);
  }
}

static bool run(struct workload_thread *t) {
  uint64_t rings = rings_for(t->setup, t->setup->param[NODES]);
  uint64_t cycle = (uint64_t)t->setup->param[CYCLE];
  size_t held = rings_for(t->setup, t->setup->param[LIVE]), count = 0;
  bool has_payload = t->setup->param[PAYLOAD] > 0;
  GC_FRAME(t->m, f, table, head);
  if (!gc_new_array(t->m, &f.table, workload_table_type(), held))
    return false;
  for (uint64_t i = 0; i < rings; i++) {
    if (!make_ring(t, &f.head, i))
      return false;
    gc_set_move(t->m, gc_root_get(&f.table), count++, &f.head);
    if (count == held || i + 1 == rings) {
      drop_rings(t, &f.table, count, i + 1);
      count = 0;
    }
  }
  t->figures.ops = rings;
  t->figures.alloc_objects = 1 + rings * (cycle + has_payload);
  t->figures.alloc_bytes = bytes_of(t->setup, rings);
  t->figures.ref_stores += rings * (cycle + 1 + has_payload);
  return true;
}

/* --- the card ------------------------------------------------------------- */

static uint64_t expected(const struct workload_setup *setup, unsigned thread) {
  struct workload_random random = workload_random_make(setup->seed, thread);
  uint64_t rings = rings_for(setup, setup->param[NODES]);
  uint64_t sum = workload_sum_below(rings * (uint64_t)setup->param[CYCLE]);
  for (uint64_t i = 0; i < rings; i++)
    sum += draw_is_closed(&random, setup->param[CYCLIC]);
  return sum;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  for (unsigned i = 0; i < main->setup->threads; i++)
    if (threads[i].figures.checksum != expected(main->setup, i))
      return "a ring or its payload has changed since it was made";
  return NULL;
}

static const struct workload_param params[] = {
    [CYCLE] = {"cycle", 1, 10000000, {10, 10, 100}, "nodes of a ring"},
    [PAYLOAD] =
        {"payload", 0, 1 << 30, {1000, 1000, 10000}, "bytes with each ring"},
    [LIVE] = {"live", 1, 100000000, {10000, 30000, 300000}, "live nodes"},
    [NODES] = {"nodes",
               1,
               INT64_C(100000000000),
               {1000000, 20000000, 200000000},
               "nodes that each thread makes"},
    [CYCLIC] = {"cyclic",
                0,
                100,
                {100, 100, 100},
                "per cent of rings that are closed"},
    {0},
};

const struct workload workload_cyclotron = {
    .name = "cyclotron",
    .summary = "Rings with a payload are made, and dropped in bursts",
    .stresses = "cyclic garbage of few objects and many bytes",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .makes_cycles = true,
    .run = run,
    .check = check,
};
