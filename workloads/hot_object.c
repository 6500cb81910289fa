/* SPDX-License-Identifier: MIT */
/* All threads take and drop roots on the same few objects, as programs do with
   small integers, interned names and types: the worst case of atomic counts.
   `immortal` shows the gain from not counting them. */
#include "workloads/helpers.h"

enum { OBJECTS, OPS, IMMORTAL };

static size_t live_bytes(const struct workload_setup *setup) {
  return workload_stamped_table_bytes((size_t)setup->param[OBJECTS], 1);
}

static bool begin(struct workload_thread *t) {
  size_t objects = (size_t)t->setup->param[OBJECTS];
  struct workload_shared *shared = workload_shared_begin(t, sizeof *shared);
  if (shared == NULL ||
      !workload_stamped_table(t->m, &shared->root, objects, 1))
    return false;
  if (t->setup->param[IMMORTAL])
    for (size_t i = 0; i < objects; i++)
      gc_immortalize(t->m, gc_get(gc_root_get(&shared->root), i));
  return true;
}

/* Takes and drops `ops` roots, without a safepoint. Returns how many objects
   were wrong. */
static uint64_t take_and_drop(struct workload_thread *t, gc_ref table,
                              gc_root *held, uint64_t ops) {
  uint64_t objects = (uint64_t)t->setup->param[OBJECTS], wrong = 0;
  for (uint64_t i = 0; i < ops; i++) {
    uint64_t id = workload_random_below(&t->random, objects);
    gc_root_set(t->m, held, gc_get(table, id));
    wrong += !workload_stamp_is(gc_root_get(held), id);
    gc_root_clear(t->m, held);
    t->figures.checksum += id;
  }
  return wrong;
}

static bool run(struct workload_thread *t) {
  struct workload_shared *shared = t->shared;
  uint64_t left = (uint64_t)t->setup->param[OPS], wrong = 0;
  t->figures.ops = left;
  GC_FRAME(t->m, f, table, held);
  gc_root_set(t->m, &f.table, gc_root_get(&shared->root));
  while (left > 0) {
    uint64_t n = left < WORKLOAD_STRIDE ? left : WORKLOAD_STRIDE;
    wrong += take_and_drop(t, gc_root_get(&f.table), &f.held, n);
    left -= n;
    gc_safepoint(t->m);
  }
  shared->wrong += wrong;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  (void)threads;
  return shared->wrong ? "a slot held a wrong object" : NULL;
}

static const struct workload_param params[] = {
    [OBJECTS] =
        {"objects", 1, 100000000, {8, 8, 8}, "objects that threads share"},
    [OPS] = {"ops",
             1,
             INT64_C(100000000000),
             {20000000, 100000000, 1000000000},
             "roots that each thread takes"},
    [IMMORTAL] = {"immortal", 0, 1, {0, 0, 0}, "1: the objects never die"},
    {0},
};

const struct workload workload_hot_object = {
    .name = "hot_object",
    .summary = "Threads take and drop roots on the same few objects",
    .stresses = "the worst case of atomic counts; immortality",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = live_bytes,
    .is_contended = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
