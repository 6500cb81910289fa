/* SPDX-License-Identifier: MIT */
/* Random integers are boxed, read and dropped, as in an interpreter. Some of
   them are small; with `cache` all threads share the 262 objects of these.
   `mortal` shows the cost of counting references to them. */
#include "objects/number.h"
#include "workloads/helpers.h"
#include "workloads/world.h"

#include <math.h>

enum { OPS, SMALL, CACHE, MORTAL };

/* Boxes are dropped before the next safepoint, so only the world is live. */
static size_t live_bytes(const struct workload_setup *setup) {
  (void)setup;
  return gc_py_world_bytes();
}

/* A bound of the number of new boxes: the mean plus sixteen standard
 * deviations.
 */
static size_t boxes_bound(const struct workload_setup *setup) {
  double ops = (double)setup->param[OPS];
  double large = (double)(100 - setup->param[SMALL]) / 100;
  if (!setup->param[CACHE])
    return (size_t)setup->param[OPS];
  return large > 0 ? (size_t)(ops * large + 8 * sqrt(ops)) + 1 : 0;
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t world = gc_py_world_bytes();
  return world + setup->threads * boxes_bound(setup) *
                     gc_size_for(gc_py_types.integer, 0);
}

static bool begin(struct workload_thread *t) {
  const struct gc_py_options options = {
      .no_small_ints = !t->setup->param[CACHE],
      .mortal = t->setup->param[MORTAL] != 0,
  };
  return workload_world_begin(t, sizeof(struct workload_world), &options) !=
         NULL;
}

/* One random number decides whether the integer is small, and which one it is.
 */
static int64_t draw(struct workload_random *random, uint64_t small) {
  uint64_t r = workload_random_next(random), high = r >> 32;
  if ((uint32_t)r * UINT64_C(100) >> 32 < small)
    return GC_PY_LEAST_SMALL + (int64_t)(high * GC_PY_SMALL_COUNT >> 32);
  return GC_PY_GREATEST_SMALL + 1 + (int64_t)high;
}

/* Boxes `ops` integers. False: out of memory. */
static bool box_and_drop(struct workload_thread *t, const struct gc_py *py,
                         uint64_t ops, uint64_t *wrong) {
  uint64_t small = (uint64_t)t->setup->param[SMALL];
  bool is_cached = t->setup->param[CACHE] != 0;
  GC_FRAME(t->m, f, box);
  for (uint64_t i = 0; i < ops; i++) {
    int64_t value = draw(&t->random, small);
    if (GC_UNLIKELY(gc_py_int(py, &f.box, value) == NULL))
      return false;
    *wrong += gc_py_int_value(gc_root_get(&f.box)) != value;
    gc_root_clear(t->m, &f.box);
    t->figures.checksum += (uint64_t)value;
    t->figures.alloc_objects += !(is_cached && gc_py_int_is_small(value));
  }
  return true;
}

static bool run(struct workload_thread *t) {
  const struct gc_py py = workload_py(t);
  uint64_t left = (uint64_t)t->setup->param[OPS], wrong = 0;
  for (uint64_t n; left > 0; left -= n) {
    n = left < WORKLOAD_STRIDE ? left : WORKLOAD_STRIDE;
    if (!box_and_drop(t, &py, n, &wrong))
      return false;
    gc_safepoint(t->m);
  }
  t->figures.ops = (uint64_t)t->setup->param[OPS];
  t->figures.alloc_bytes =
      t->figures.alloc_objects * gc_size_for(gc_py_types.integer, 0);
  workload_world_wrong(t, wrong);
  return true;
}

static uint64_t expected(const struct workload_setup *setup, unsigned thread) {
  struct workload_random random = workload_random_make(setup->seed, thread);
  uint64_t sum = 0;
  for (int64_t i = 0; i < setup->param[OPS]; i++)
    sum += (uint64_t)draw(&random, (uint64_t)setup->param[SMALL]);
  return sum;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  for (unsigned i = 0; i < main->setup->threads; i++)
    if (threads[i].figures.checksum != expected(main->setup, i))
      return "a thread did not box the integers that were drawn";
  return workload_world_is_right(main) ? NULL : "a box held another integer";
}

static const struct workload_param params[] = {
    [OPS] = {"ops",
             1,
             INT64_C(100000000000),
             {5000000, 50000000, 500000000},
             "integers that each thread boxes"},
    [SMALL] =
        {"small", 0, 100, {80, 80, 80}, "per cent of integers from -5 to 256"},
    [CACHE] = {"cache", 0, 1, {1, 1, 1}, "1: small integers are shared"},
    [MORTAL] = {"mortal", 0, 1, {0, 0, 0}, "1: shared objects are counted"},
    {0},
};

const struct workload workload_boxing = {
    .name = "boxing",
    .summary = "Integers are boxed, read and dropped",
    .stresses = "the small-integer cache; sharing",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .makes_world = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_world_end,
};
