/* SPDX-License-Identifier: MIT */
/* Each thread keeps a few arrays, from small to very large, and replaces them
   by arrays of other sizes, while it allocates and drops small objects. Some
   arrays hold bytes, some references. The order of sizes depends only on the
   seed, so the peak of live bytes is computed by drawing them again. */
#include "workloads/helpers.h"

enum { ARRAYS, LEAST, GREATEST, REFS, SMALL, OPS };

/* Each page of an array is written and read once: it has a number, or in an
   array of references an object with that number. */
enum {
  PAGE = 4096,
  PAGE_WORDS = PAGE / sizeof(uint64_t),
};

struct pick {
  size_t place, words;
  bool has_refs;
};

static struct pick pick_next(struct workload_random *random,
                             const int64_t *param) {
  struct pick p;
  p.place = workload_random_below(random, (uint64_t)param[ARRAYS]);
  p.has_refs = workload_random_below(random, 100) < (uint64_t)param[REFS];
  p.words = workload_random_size(random, (size_t)param[LEAST],
                                 (size_t)param[GREATEST]) /
            sizeof(uint64_t);
  return p;
}

static size_t pages_of(size_t words) {
  return (words + PAGE_WORDS - 1) / PAGE_WORDS;
}

struct kinds {
  gc_type table, bytes, small;
  size_t small_size;
};

static struct kinds kinds_get(void) {
  gc_type small = workload_link_type(sizeof(uint64_t));
  return (struct kinds){workload_table_type(), workload_bytes_type(), small,
                        gc_size_for(small, 0)};
}

static size_t bytes_of(const struct kinds *kinds, struct pick p) {
  if (!p.has_refs)
    return gc_size_for(kinds->bytes, p.words * sizeof(uint64_t));
  return gc_size_for(kinds->table, p.words) +
         pages_of(p.words) * kinds->small_size;
}

static uint64_t objects_of(struct pick p) {
  return 1 + (p.has_refs ? pages_of(p.words) : 0);
}

/* --- figures known beforehand --------------------------------------------- */

enum { ARRAYS_MAX = 4096 };

struct expectation {
  size_t live, bytes;
  uint64_t objects, stores;
};

static struct expectation expect(const struct workload_setup *setup,
                                 unsigned thread) {
  const int64_t *param = setup->param;
  struct workload_random random = workload_random_make(setup->seed, thread);
  struct kinds kinds = kinds_get();
  size_t now = gc_size_for(kinds.table, (size_t)param[ARRAYS]);
  size_t held[ARRAYS_MAX] = {0};
  struct expectation e = {now, now, 1, 0};
  for (int64_t i = 0; i < param[OPS]; i++) {
    struct pick p = pick_next(&random, param);
    size_t bytes = bytes_of(&kinds, p);
    e.stores += objects_of(p) + (held[p.place] > 0); /* to drop it */
    now += bytes - held[p.place];
    held[p.place] = bytes;
    e.live = now > e.live ? now : e.live;
    e.bytes += bytes + (size_t)param[SMALL] * kinds.small_size;
    e.objects += objects_of(p) + (uint64_t)param[SMALL];
  }
  return e;
}

static size_t live_bytes(const struct workload_setup *setup) {
  size_t bytes = 0;
  for (unsigned i = 0; i < setup->threads; i++)
    bytes += expect(setup, i).live;
  return bytes;
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t bytes = 0;
  for (unsigned i = 0; i < setup->threads; i++)
    bytes += expect(setup, i).bytes;
  return bytes;
}

/* --- the run -------------------------------------------------------------- */

struct maker {
  gc_mutator *m;
  struct kinds kinds;
  const gc_root *table;
};

static bool small_new(const struct maker *maker, gc_root *out,
                      uint64_t number) {
  gc_ref object = gc_new(maker->m, out, maker->kinds.small);
  if (object != NULL)
    *workload_number(object) = number;
  return object != NULL;
}

static bool make_garbage(const struct maker *maker, int64_t objects) {
  for (int64_t i = 0; i < objects; i++) {
    GC_FRAME(maker->m, f, object);
    if (!small_new(maker, &f.object, 0))
      return false;
  }
  return true;
}

/* The pages of an array are numbered from `first`. */
static bool fill(const struct maker *maker, const gc_root *array, struct pick p,
                 uint64_t first) {
  GC_FRAME(maker->m, f, object);
  for (size_t i = 0; i < pages_of(p.words); i++) {
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(maker->m);
    if (p.has_refs) {
      if (!small_new(maker, &f.object, first + i))
        return false;
      gc_set_move(maker->m, gc_root_get(array), i * PAGE_WORDS, &f.object);
    } else {
      workload_number(gc_root_get(array))[i * PAGE_WORDS] = first + i;
    }
  }
  return true;
}

static uint64_t page_number(gc_ref array, bool has_refs, size_t page) {
  size_t at = page * PAGE_WORDS;
  return has_refs ? *workload_number(gc_get(array, at))
                  : workload_number(array)[at];
}

/* Reads an array that is about to be dropped. Adds to the checksum and returns
   how many pages have a wrong number. */
static uint64_t inspect(const struct maker *maker, const gc_root *array,
                        uint64_t *checksum) {
  gc_ref now = gc_root_get(array);
  bool has_refs = gc_type_of(now) == maker->kinds.table;
  size_t words = gc_length(now) / (has_refs ? 1 : sizeof(uint64_t));
  uint64_t first = page_number(now, has_refs, 0), wrong = 0;
  for (size_t i = 0; i < pages_of(words); i++) {
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(maker->m);
    wrong += page_number(gc_root_get(array), has_refs, i) != first + i;
  }
  *checksum += first * (words + 1);
  return wrong;
}

static void drop(const struct maker *maker, size_t place,
                 struct workload_thread *t) {
  GC_FRAME(maker->m, f, old);
  gc_root_set(maker->m, &f.old, gc_get(gc_root_get(maker->table), place));
  if (gc_root_get(&f.old) == NULL)
    return;
  struct workload_shared *shared = t->shared;
  shared->wrong += inspect(maker, &f.old, &t->figures.checksum);
  gc_set(maker->m, gc_root_get(maker->table), place, NULL);
}

static bool make(const struct maker *maker, struct pick p, uint64_t first) {
  GC_FRAME(maker->m, f, array);
  gc_type type = p.has_refs ? maker->kinds.table : maker->kinds.bytes;
  size_t length = p.words * (p.has_refs ? 1 : sizeof(uint64_t));
  if (gc_new_array(maker->m, &f.array, type, length) == NULL ||
      !fill(maker, &f.array, p, first))
    return false;
  gc_set_move(maker->m, gc_root_get(maker->table), p.place, &f.array);
  gc_safepoint(maker->m);
  return true;
}

static bool run(struct workload_thread *t) {
  const int64_t *param = t->setup->param;
  GC_FRAME(t->m, f, table);
  struct maker maker = {t->m, kinds_get(), &f.table};
  if (gc_new_array(t->m, &f.table, maker.kinds.table, (size_t)param[ARRAYS]) ==
      NULL)
    return false;
  for (int64_t i = 0; i < param[OPS]; i++) {
    struct pick p = pick_next(&t->random, param);
    drop(&maker, p.place, t);
    if (!make_garbage(&maker, param[SMALL]) ||
        !make(&maker, p, (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15)))
      return false;
  }
  struct expectation e = expect(t->setup, t->index);
  t->figures.ops = (uint64_t)param[OPS];
  t->figures.alloc_objects = e.objects;
  t->figures.alloc_bytes = e.bytes;
  t->figures.ref_stores = e.stores;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  (void)threads;
  return shared->wrong ? "the contents of an array have changed" : NULL;
}

static const struct workload_param params[] = {
    [ARRAYS] =
        {"arrays", 1, ARRAYS_MAX, {16, 16, 64}, "live arrays per thread"},
    [LEAST] = {"least",
               4096,
               1 << 30,
               {8192, 8192, 8192},
               "bytes of the smallest array"},
    [GREATEST] = {"greatest",
                  4096,
                  1 << 30,
                  {1 << 20, 1 << 24, 1 << 24},
                  "bytes of the largest array"},
    [REFS] =
        {"refs", 0, 100, {25, 25, 25}, "per cent of arrays hold references"},
    [SMALL] = {"small", 0, 1000000, {500, 500, 500}, "small objects per array"},
    [OPS] = {"ops", 1, 100000000, {1500, 500, 2000}, "arrays per thread"},
    {0},
};

const struct workload workload_large_objects = {
    .name = "large_objects",
    .summary = "Arrays of 8 KiB to 16 MiB are replaced among small objects",
    .stresses = "large-object space, fragmentation",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = workload_shared_begin_plain,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
