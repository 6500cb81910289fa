/* SPDX-License-Identifier: MIT */
/* The rate of allocation and the number of live bytes are given: the two
   parameters of HyperAlloc (Heapothesys, Amazon). Objects are allocated in
   batches at that rate. Some objects of each batch replace older ones of the
   same size, and some of these swap places with others, so that old objects are
   in random order. */
#include "workloads/helpers.h"

enum { RATE, LIVE, ALLOCATE, LEAST, GREATEST, REPLACED, SHUFFLED };

/* A batch takes some microseconds. There are more than 10000 batches at the
   smallest size, so that a 99.9th percentile can be told. */
enum { BATCH_OBJECTS = 40 };

static size_t size_next(struct workload_random *random,
                        const struct workload_setup *setup) {
  return workload_random_even(random, (size_t)setup->param[LEAST],
                              (size_t)setup->param[GREATEST]);
}

/* The size is the same for every collector: the data, a header, a length. */
static double mean_bytes(const struct workload_setup *setup) {
  double least = (double)setup->param[LEAST];
  double greatest = (double)setup->param[GREATEST];
  return 16 + (greatest > least ? (least + greatest) / 2 : least);
}

static size_t objects_of_thread(const struct workload_setup *setup) {
  double bytes = (double)setup->param[LIVE] * (1 << 20) / setup->threads;
  return (size_t)(bytes / mean_bytes(setup)) + 1;
}

static struct workload_random store_random(const struct workload_setup *setup,
                                           unsigned thread) {
  return workload_random_make(~setup->seed, UINT64_MAX - thread);
}

/* A new object is as large as the one that it replaces. */
static size_t live_bytes(const struct workload_setup *setup) {
  gc_type table = workload_table_type(), type = workload_bytes_type();
  size_t objects = objects_of_thread(setup);
  size_t bytes = gc_size_for(table, setup->threads) +
                 setup->threads * gc_size_for(table, objects);
  for (unsigned i = 0; i < setup->threads; i++) {
    struct workload_random random = store_random(setup, i);
    for (size_t k = 0; k < objects; k++)
      bytes += gc_size_for(type, size_next(&random, setup));
  }
  return bytes;
}

static uint64_t count(const struct workload_setup *setup) {
  double bytes = (double)setup->param[ALLOCATE] * (1 << 20);
  return (uint64_t)(bytes / (BATCH_OBJECTS * mean_bytes(setup))) + 1;
}

static double rate_hz(const struct workload_setup *setup) {
  double bytes = (double)setup->param[RATE] * (1 << 20);
  return bytes / (BATCH_OBJECTS * mean_bytes(setup));
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t greatest = (size_t)setup->param[GREATEST];
  if (greatest < (size_t)setup->param[LEAST])
    greatest = (size_t)setup->param[LEAST];
  return live_bytes(setup) + count(setup) * BATCH_OBJECTS *
                                 gc_size_for(workload_bytes_type(), greatest);
}

/* --- before --------------------------------------------------------------- */

/* An object begins with its length. */
static bool object_new(gc_mutator *m, gc_root *out, size_t length) {
  gc_ref object = gc_new_array(m, out, workload_bytes_type(), length);
  if (object != NULL)
    *workload_number(object) = length;
  return object != NULL;
}

static bool store_fill(struct workload_thread *t, gc_root *out,
                       unsigned thread) {
  struct workload_random random = store_random(t->setup, thread);
  size_t objects = objects_of_thread(t->setup);
  GC_FRAME(t->m, f, object);
  if (gc_new_array(t->m, out, workload_table_type(), objects) == NULL)
    return false;
  for (size_t i = 0; i < objects; i++) {
    if (!object_new(t->m, &f.object, size_next(&random, t->setup)))
      return false;
    gc_set_move(t->m, gc_root_get(out), i, &f.object);
  }
  return true;
}

static bool begin(struct workload_thread *t) {
  struct workload_shared *shared = workload_shared_begin(t, sizeof *shared);
  GC_FRAME(t->m, f, all, store);
  if (shared == NULL || gc_new_array(t->m, &f.all, workload_table_type(),
                                     t->setup->threads) == NULL)
    return false;
  gc_global_set(t->m, &shared->root, gc_root_get(&f.all));
  for (unsigned i = 0; i < t->setup->threads; i++) {
    if (!store_fill(t, &f.store, i))
      return false;
    gc_set_move(t->m, gc_root_get(&f.all), i, &f.store);
  }
  return true;
}

/* --- a batch -------------------------------------------------------------- */

static gc_ref store_of(const struct workload_thread *t) {
  const struct workload_shared *shared = t->shared;
  return gc_get(gc_root_get(&shared->root), t->index);
}

/* Swaps two objects of the thread's store. No safepoint. */
static void swap(struct workload_thread *t, size_t i, size_t k) {
  gc_ref store = store_of(t), one = gc_get(store, i), other = gc_get(store, k);
  gc_set(t->m, store, i, other);
  gc_set(t->m, store, k, one);
  t->figures.ref_stores += 2;
}

static bool make(struct workload_thread *t, size_t length, gc_root *out) {
  t->figures.checksum += length;
  t->figures.alloc_objects++;
  t->figures.alloc_bytes += gc_size_for(workload_bytes_type(), length);
  return object_new(t->m, out, length);
}

static bool replace(struct workload_thread *t, size_t at) {
  struct workload_shared *shared = t->shared;
  gc_ref old = gc_get(store_of(t), at);
  size_t length = gc_length(old);
  shared->wrong += *workload_number(old) != length;
  GC_FRAME(t->m, f, object);
  if (!make(t, length, &f.object))
    return false;
  gc_set_move(t->m, store_of(t), at, &f.object);
  t->figures.ref_stores++;
  return true;
}

static bool drop(struct workload_thread *t, size_t length) {
  GC_FRAME(t->m, f, object);
  return make(t, length, &f.object);
}

static bool serve(struct workload_thread *t, uint64_t number) {
  const int64_t *param = t->setup->param;
  struct workload_random random = workload_random_make(~t->setup->seed, number);
  size_t objects = objects_of_thread(t->setup);
  for (int i = 0; i < BATCH_OBJECTS; i++) {
    uint64_t percent = workload_random_below(&random, 100);
    size_t at = workload_random_below(&random, objects);
    bool ok = percent < (uint64_t)param[REPLACED]
                  ? replace(t, at)
                  : drop(t, size_next(&random, t->setup));
    if (!ok)
      return false;
    if (workload_random_below(&random, 100) < (uint64_t)param[SHUFFLED])
      swap(t, at, workload_random_below(&random, objects));
  }
  t->figures.ops++;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  (void)threads;
  return shared->wrong ? "an object had a wrong length" : NULL;
}

static const struct workload_param params[] = {
    [RATE] = {"rate",
              0,
              1 << 20,
              {256, 512, 1024},
              "MiB allocated per second; 0: as fast as possible"},
    [LIVE] = {"live", 0, 1 << 20, {16, 64, 512}, "MiB of live objects"},
    [ALLOCATE] =
        {"allocate", 1, 1 << 30, {256, 1536, 16384}, "MiB to allocate in all"},
    [LEAST] =
        {"least", 8, 1 << 20, {128, 128, 128}, "bytes of the smallest object"},
    [GREATEST] = {"greatest",
                  8,
                  1 << 20,
                  {1024, 1024, 1024},
                  "bytes of the largest object"},
    [REPLACED] = {"replaced",
                  0,
                  100,
                  {10, 10, 10},
                  "per cent of objects that replace a live one"},
    [SHUFFLED] = {"shuffled",
                  0,
                  100,
                  {5, 5, 5},
                  "per cent of replacements that swap two live ones"},
    {0},
};

const struct workload workload_hyperalloc = {
    .name = "hyperalloc",
    .summary = "A given rate of allocation and number of live bytes",
    .stresses = "the rate x occupancy grid",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = begin,
    .service = &(const struct workload_service){.count = count,
                                                .rate_hz = rate_hz,
                                                .serve = serve},
    .check = check,
    .end = workload_shared_end,
};
