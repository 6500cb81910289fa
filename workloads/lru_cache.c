/* SPDX-License-Identifier: MIT */
/* A cache that evicts the least recently used entry. The frequencies of keys
   follow Zipf's law. All threads share the stripes of the cache, each with a
   lock, or each thread has private stripes. All values of a stripe have one
   size, as in the slabs of memcached, and stripes are full from the beginning.
   So the number of live bytes is exactly known, however the threads race. */
#include <math.h>
#include <pthread.h>

#include "workloads/lru_stripe.h"

enum { ENTRIES, KEYS, LEAST, GREATEST, STRIPES, PRIVATE, OPS };

enum { STRIPES_MAX = 256, SAFEPOINT_OPS = 64 };

/* Padded, so that each lock has a separate cache line. */
union lock {
  pthread_mutex_t mutex;
  char line[GC_CACHE_LINE];
};

struct cache {
  struct workload_shared shared; /* root: a table of stripes */
  struct workload_zipf zipf;
  size_t value_size[STRIPES_MAX], entry_size[STRIPES_MAX];
  union lock locks[STRIPES_MAX];
};

/* A thread uses `count` stripes from `first` on. Key k is in stripe k modulo
   `count` of these. */
struct layout {
  size_t first, count, all, entries; /* of a stripe */
  uint64_t keys;
};

static struct layout layout_of(const struct workload_setup *setup,
                               unsigned thread) {
  const int64_t *param = setup->param;
  struct layout l = {.count = (size_t)param[STRIPES]};
  l.first = param[PRIVATE] ? thread * l.count : 0;
  l.all = param[PRIVATE] ? setup->threads * l.count : l.count;
  l.entries = ((size_t)param[ENTRIES] + l.count - 1) / l.count;
  l.keys = l.entries * l.count * (uint64_t)param[KEYS];
  return l;
}

/* Sizes grow from the least to the greatest by a constant factor. */
static size_t value_size(const struct workload_setup *setup, size_t stripe) {
  const int64_t *param = setup->param;
  double ratio = (double)param[GREATEST] / (double)param[LEAST];
  double count = (double)param[STRIPES];
  double place = ((double)(stripe % (size_t)param[STRIPES]) + 0.5) / count;
  return (size_t)((double)param[LEAST] * pow(ratio, place)) / 8 * 8;
}

static size_t live_bytes(const struct workload_setup *setup) {
  struct layout l = layout_of(setup, 0);
  size_t bytes = gc_size_for(workload_table_type(), l.all);
  for (size_t i = 0; i < l.all; i++)
    bytes += lru_stripe_size(l.entries) +
             l.entries * lru_entry_size(value_size(setup, i));
  return bytes;
}

/* As if every look-up were a miss: the mean bytes of a miss, plus sixteen
   standard deviations. */
static size_t alloc_bytes(const struct workload_setup *setup) {
  struct layout l = layout_of(setup, 0);
  double weight[STRIPES_MAX] = {0}, weights = 0, mean = 0;
  for (uint64_t key = 0; key < l.keys; key++)
    weight[key % l.count] += workload_zipf_weight(key);
  for (size_t i = 0; i < l.count; i++) {
    weights += weight[i];
    mean += weight[i] * (double)lru_entry_size(value_size(setup, i));
  }
  double ops = (double)setup->param[OPS];
  double greatest = (double)lru_entry_size((size_t)setup->param[GREATEST]);
  double bytes = ops * mean / weights + 8 * sqrt(ops) * greatest;
  return live_bytes(setup) + setup->threads * (size_t)bytes;
}

/* Adds the most frequent keys, the most frequent one last. */
static bool fill_stripe(struct lru *lru, const struct cache *cache,
                        const struct layout *l, const gc_root *stripe,
                        size_t kind) {
  for (size_t rank = l->entries; rank-- > 0;)
    if (!lru_add(lru, stripe, rank * l->count + kind, cache->value_size[kind]))
      return false;
  return true;
}

static bool begin(struct workload_thread *t) {
  struct layout l = layout_of(t->setup, 0);
  struct cache *cache = workload_shared_begin(t, sizeof *cache);
  if (cache == NULL)
    return false;
  cache->zipf = workload_zipf_make(l.keys);
  for (size_t i = 0; i < l.count; i++) {
    cache->value_size[i] = value_size(t->setup, i);
    cache->entry_size[i] = lru_entry_size(cache->value_size[i]);
    pthread_mutex_init(&cache->locks[i].mutex, NULL);
  }
  struct lru lru = lru_make(t->m);
  GC_FRAME(t->m, f, table, stripe);
  if (gc_new_array(t->m, &f.table, lru.table, l.all) == NULL)
    return false;
  gc_global_set(t->m, &cache->shared.root, gc_root_get(&f.table));
  for (size_t i = 0; i < l.all; i++) {
    if (!lru_stripe_new(&lru, &f.stripe, l.entries) ||
        !fill_stripe(&lru, cache, &l, &f.stripe, i % l.count))
      return false;
    gc_set_move(t->m, gc_root_get(&f.table), i, &f.stripe);
  }
  return true;
}

/* A thread that has to wait is parked, so that the holder of the lock can stop
   the world. */
static void lock(gc_mutator *m, union lock *lock) {
  if (pthread_mutex_trylock(&lock->mutex) == 0)
    return;
  gc_park(m);
  pthread_mutex_lock(&lock->mutex);
  gc_unpark(m);
}

struct user {
  struct lru lru;
  struct cache *cache;
  size_t count; /* stripes of a cache */
  uint64_t missed, missed_bytes, wrong;
};

/* The stripe's lock is held, or the stripe is private. */
static bool ask(struct user *u, size_t place, uint64_t key) {
  gc_ref stripe = gc_get(gc_root_get(&u->cache->shared.root), place);
  gc_ref entry = lru_find(stripe, key);
  if (entry != NULL) {
    u->wrong += !lru_value_is(entry, key);
    lru_touch(&u->lru, stripe, entry);
    return true;
  }
  size_t kind = place % u->count;
  u->missed++;
  u->missed_bytes += u->cache->entry_size[kind];
  lru_evict(&u->lru, stripe);
  GC_FRAME(u->lru.m, f, held);
  gc_root_set(u->lru.m, &f.held, stripe);
  return lru_add(&u->lru, &f.held, key, u->cache->value_size[kind]);
}

static bool run(struct workload_thread *t) {
  struct layout l = layout_of(t->setup, t->index);
  struct user u = {.lru = lru_make(t->m), .cache = t->shared, .count = l.count};
  struct workload_figures *figures = &t->figures;
  uint64_t ops = (uint64_t)t->setup->param[OPS];
  for (bool ok = true; ok && figures->ops < ops; figures->ops++) {
    uint64_t key = workload_zipf_next(&u.cache->zipf, &t->random);
    size_t place = l.first + key % l.count;
    if (t->setup->param[PRIVATE]) {
      ok = ask(&u, place, key);
    } else {
      lock(t->m, &u.cache->locks[place]);
      ok = ask(&u, place, key);
      pthread_mutex_unlock(&u.cache->locks[place].mutex);
    }
    if (!ok)
      return false;
    figures->checksum += key;
    if (figures->ops % SAFEPOINT_OPS == 0)
      gc_safepoint(t->m);
  }
  figures->checksum += u.missed << 40;
  figures->alloc_objects = 2 * u.missed;
  figures->alloc_bytes = u.missed_bytes;
  figures->ref_stores = u.lru.ref_stores;
  u.cache->shared.wrong += u.wrong;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct cache *cache = main->shared;
  struct layout l = layout_of(main->setup, 0);
  (void)threads;
  if (cache->shared.wrong)
    return "a key had the value of another key";
  for (size_t i = 0; i < l.all; i++) {
    gc_ref table = gc_root_get(&cache->shared.root);
    if (!lru_stripe_is_valid(gc_get(table, i), l.entries))
      return "a stripe has lost entries";
    gc_safepoint(main->m);
  }
  return NULL;
}

static const struct workload_param params[] = {
    [ENTRIES] =
        {"entries", 1, 10000000, {16384, 65536, 1 << 20}, "entries per cache"},
    [KEYS] = {"keys", 1, 1000, {8, 8, 8}, "different keys per entry"},
    [LEAST] =
        {"least", 16, 1 << 20, {64, 64, 64}, "bytes of the smallest value"},
    [GREATEST] = {"greatest",
                  16,
                  1 << 20,
                  {4096, 4096, 4096},
                  "bytes of the largest value"},
    [STRIPES] = {"stripes", 1, STRIPES_MAX, {64, 64, 64}, "stripes per cache"},
    [PRIVATE] =
        {"private", 0, 1, {0, 0, 0}, "1: each thread has its own cache"},
    [OPS] = {"ops",
             1,
             INT64_C(10000000000),
             {400000, 2000000, 20000000},
             "look-ups per thread"},
    {0},
};

const struct workload workload_lru_cache = {
    .name = "lru_cache",
    .summary = "A cache of entries in hash tables and linked lists",
    .stresses = "old objects die; every node is in a cycle",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .makes_cycles = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
