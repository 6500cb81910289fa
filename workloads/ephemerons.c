/* SPDX-License-Identifier: MIT */
/* Ephemerons in two forms. First each thread builds chains, reads and drops
   them: the value of each ephemeron holds the key of the next, so a collector
   finds the values one after another. Then all threads add entries to one map
   with weak keys, while half of their earlier keys die. */
#include "objects/weakmap.h"
#include "workloads/helpers.h"

enum { CHAIN, CHAINS, KEYS, BYTES };

struct shared {
  struct workload_shared base;
  struct gc_weakmap map;
  bool is_open;
};

static gc_type value_type(const struct workload_setup *setup) {
  return workload_link_type((size_t)setup->param[BYTES]);
}

/* --- sizes ---------------------------------------------------------------- */

static size_t pair_bytes(const struct workload_setup *setup) {
  return gc_size_for(workload_stamped_type(), 0) +
         gc_size_for(value_type(setup), 0);
}

static size_t chain_bytes(const struct workload_setup *setup) {
  size_t chain = (size_t)setup->param[CHAIN];
  size_t each = gc_size_for(gc_ephemeron_type(), 0) + pair_bytes(setup);
  return gc_size_for(workload_table_type(), chain) + chain * each;
}

/* Bytes of a thread's part of the map after `added` entries. */
static size_t keys_bytes(const struct workload_setup *setup, size_t added) {
  size_t each = gc_weakmap_entry_size() + pair_bytes(setup);
  return gc_size_for(workload_table_type(), (size_t)setup->param[KEYS]) +
         added * each;
}

/* All entries that one thread adds. */
static size_t added_in_all(const struct workload_setup *setup) {
  size_t keys = (size_t)setup->param[KEYS];
  return keys + keys / 2;
}

/* The map has room for all entries, so it neither grows nor is swept. */
static size_t map_bytes(const struct workload_setup *setup) {
  return gc_weakmap_table_size(setup->threads * added_in_all(setup));
}

/* After the first `keys` entries of a thread, it drops half of the keys before
   it adds others. The entries of dead keys may stay, but a key and a value have
   more bytes than an entry. */
static size_t live_bytes(const struct workload_setup *setup) {
  size_t chain = chain_bytes(setup);
  size_t keys = keys_bytes(setup, (size_t)setup->param[KEYS]);
  return map_bytes(setup) + setup->threads * (chain > keys ? chain : keys);
}

static size_t thread_alloc_bytes(const struct workload_setup *setup) {
  return (size_t)setup->param[CHAINS] * chain_bytes(setup) +
         keys_bytes(setup, added_in_all(setup));
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return map_bytes(setup) + setup->threads * thread_alloc_bytes(setup);
}

/* --- chains --------------------------------------------------------------- */

/* Appends an ephemeron to the chain. *key holds its key, and then the next. */
static bool chain_append(struct workload_thread *t, const gc_root *chain,
                         gc_root *key, uint64_t i) {
  GC_FRAME(t->m, f, value, next, ephemeron);
  gc_ref value = gc_new(t->m, &f.value, value_type(t->setup));
  if (value == NULL)
    return false;
  *workload_number(value) = i;
  if (i + 1 < (uint64_t)t->setup->param[CHAIN]) {
    if (!workload_stamped_new(t->m, &f.next, workload_stamped_type(), i + 1))
      return false;
    gc_set(t->m, gc_root_get(&f.value), 0, gc_root_get(&f.next));
  }
  if (gc_ephemeron_new(t->m, &f.ephemeron, gc_root_get(key),
                       gc_root_get(&f.value)) == NULL)
    return false;
  gc_set_move(t->m, gc_root_get(chain), i, &f.ephemeron);
  gc_root_move(t->m, key, &f.next);
  return true;
}

/* Adds the numbers of all values to the checksum. */
static void chain_read(struct workload_thread *t, const gc_root *chain) {
  for (uint64_t i = 0; i < (uint64_t)t->setup->param[CHAIN]; i++) {
    GC_FRAME(t->m, f, value);
    gc_ref ephemeron = gc_get(gc_root_get(chain), i);
    gc_ref value = gc_ephemeron_get(t->m, &f.value, ephemeron);
    if (value != NULL && *workload_number(value) == i)
      t->figures.checksum += i;
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(t->m);
  }
}

/* Only the first key is kept. */
static bool chain_make(struct workload_thread *t) {
  uint64_t count = (uint64_t)t->setup->param[CHAIN];
  GC_FRAME(t->m, f, chain, first, key);
  if (!gc_new_array(t->m, &f.chain, workload_table_type(), count) ||
      !workload_stamped_new(t->m, &f.first, workload_stamped_type(), 0))
    return false;
  gc_root_set(t->m, &f.key, gc_root_get(&f.first));
  for (uint64_t i = 0; i < count; i++)
    if (!chain_append(t, &f.chain, &f.key, i))
      return false;
  gc_safepoint(t->m);
  chain_read(t, &f.chain);
  return true;
}

/* --- the map -------------------------------------------------------------- */

/* The same number in another thread is another key. */
static uint64_t hash_of(const struct workload_thread *t, uint64_t id) {
  return id * t->setup->threads + t->index;
}

static void key_read(struct workload_thread *t, const gc_root *key,
                     uint64_t id) {
  struct shared *shared = t->shared;
  GC_FRAME(t->m, f, value);
  gc_ref value =
      gc_weakmap_get(t->m, &shared->map, &f.value, key, hash_of(t, id));
  if (value != NULL && *workload_number(value) == id)
    t->figures.checksum += id;
}

/* Makes key number `id`, with an entry, in that slot of the table. */
static bool key_add(struct workload_thread *t, const gc_root *table,
                    size_t slot, uint64_t id) {
  struct shared *shared = t->shared;
  GC_FRAME(t->m, f, key, value);
  gc_ref value = gc_new(t->m, &f.value, value_type(t->setup));
  if (value == NULL)
    return false;
  *workload_number(value) = id;
  if (!workload_stamped_new(t->m, &f.key, workload_stamped_type(), id) ||
      !gc_weakmap_set(t->m, &shared->map, &f.key, hash_of(t, id), &f.value))
    return false;
  key_read(t, &f.key, id);
  gc_set_move(t->m, gc_root_get(table), slot, &f.key);
  return true;
}

static void keys_read(struct workload_thread *t, const gc_root *table,
                      size_t count, uint64_t first) {
  for (size_t i = 0; i < count; i++) {
    GC_FRAME(t->m, f, key);
    gc_root_set(t->m, &f.key, gc_get(gc_root_get(table), i));
    key_read(t, &f.key, first + i);
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(t->m);
  }
}

static bool keys_replace(struct workload_thread *t, const gc_root *table) {
  size_t keys = (size_t)t->setup->param[KEYS], half = keys / 2;
  for (size_t i = 0; i < half; i++)
    gc_set(t->m, gc_root_get(table), i, NULL);
  for (size_t i = 0; i < half; i++) {
    gc_set(t->m, gc_root_get(table), half + i, NULL);
    if (!key_add(t, table, i, keys + i))
      return false;
  }
  keys_read(t, table, half, keys);
  return true;
}

static bool map_use(struct workload_thread *t) {
  size_t keys = (size_t)t->setup->param[KEYS];
  GC_FRAME(t->m, f, table);
  if (!gc_new_array(t->m, &f.table, workload_table_type(), keys))
    return false;
  for (size_t i = 0; i < keys; i++)
    if (!key_add(t, &f.table, i, i))
      return false;
  gc_safepoint(t->m);
  return keys_replace(t, &f.table);
}

/* --- the run -------------------------------------------------------------- */

static bool begin(struct workload_thread *t) {
  struct shared *shared = workload_shared_begin(t, sizeof *shared);
  if (shared == NULL)
    return false;
  gc_weakmap_init(t->m->heap, &shared->map);
  shared->is_open = true;
  return gc_weakmap_reserve(t->m, &shared->map,
                            t->setup->threads * added_in_all(t->setup));
}

static void end(struct workload_thread *t) {
  struct shared *shared = t->shared;
  if (shared != NULL && shared->is_open)
    gc_weakmap_finish(t->m, &shared->map);
  workload_shared_end(t);
}

/* Stores of an ephemeron in a chain: one of the value, one of the ephemeron. Of
   an entry: one of the ephemeron, two to link the entry, one of the key. */
static void figures_set(struct workload_thread *t) {
  uint64_t chains = (uint64_t)t->setup->param[CHAINS];
  uint64_t chain = (uint64_t)t->setup->param[CHAIN];
  uint64_t added = added_in_all(t->setup);
  uint64_t half = (uint64_t)t->setup->param[KEYS] / 2;
  t->figures.ops = chains * chain + added;
  t->figures.alloc_objects = chains * (1 + 3 * chain) + 1 + 4 * added;
  t->figures.alloc_bytes = thread_alloc_bytes(t->setup);
  t->figures.ref_stores = chains * (2 * chain - 1) + 4 * added + 2 * half;
}

static bool run(struct workload_thread *t) {
  for (int64_t i = 0; i < t->setup->param[CHAINS]; i++)
    if (!chain_make(t))
      return false;
  if (!map_use(t))
    return false;
  figures_set(t);
  return true;
}

/* Each value was read once, and those of the last keys twice. */
static uint64_t expected(const struct workload_setup *setup) {
  uint64_t keys = (uint64_t)setup->param[KEYS], added = added_in_all(setup);
  uint64_t chain = workload_sum_below((uint64_t)setup->param[CHAIN]);
  return (uint64_t)setup->param[CHAINS] * chain +
         2 * workload_sum_below(added) - workload_sum_below(keys);
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  bool right = workload_checksums_are(threads, expected(main->setup));
  return right ? NULL : "the value of a live key was lost, or another was read";
}

static const struct workload_param params[] = {
    [CHAIN] = {"chain",
               1,
               100000000,
               {50000, 200000, 1000000},
               "ephemerons of a chain"},
    [CHAINS] = {"chains", 0, 1000000, {6, 20, 20}, "chains per thread"},
    [KEYS] = {"keys",
              2,
              100000000,
              {100000, 400000, 2000000},
              "keys of each thread in the map at a time"},
    [BYTES] = {"bytes", 64, 1 << 20, {64, 64, 64}, "bytes of data of a value"},
    {0},
};

const struct workload workload_ephemerons = {
    .name = "ephemerons",
    .summary = "Chains of ephemerons, and a map whose keys die",
    .stresses = "ephemerons, alone and in a shared map",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = begin,
    .run = run,
    .check = check,
    .end = end,
};
