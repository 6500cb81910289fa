/* SPDX-License-Identifier: MIT */
/* The load and store test of the papers on concurrent reference counting
   (Anderson, Blelloch, Wei, PLDI 2021 and 2022). All threads share the cells. A
   store puts a new object into a cell; a load puts the cell's object in a root,
   reads it and clears the root. Cell i holds only objects with number i. */
#include <math.h>

#include "workloads/helpers.h"

enum { CELLS, STORES, OPS, SPREAD };

/* An operation takes some ten nanoseconds. */
enum { SAFEPOINT_OPS = 64 };

/* The distance, in slots, of cells on different cache lines. */
enum { LINE_SLOTS = GC_CACHE_LINE / sizeof(gc_ref) };

static size_t step_of(const struct workload_setup *setup) {
  return setup->param[SPREAD] ? LINE_SLOTS : 1;
}

/* Only the cells are live: threads hold no other object at a safepoint. */
static size_t live_bytes(const struct workload_setup *setup) {
  return workload_stamped_table_bytes((size_t)setup->param[CELLS],
                                      step_of(setup));
}

/* A bound of the number of stores: the mean plus sixteen standard deviations.
 */
static size_t stores_bound(const struct workload_setup *setup) {
  double ops = (double)setup->param[OPS];
  double mean = ops * (double)setup->param[STORES] / 100;
  return setup->param[STORES] ? (size_t)(mean + 8 * sqrt(ops)) + 1 : 0;
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return live_bytes(setup) + setup->threads * stores_bound(setup) *
                                 gc_size_for(workload_stamped_type(), 0);
}

static bool begin(struct workload_thread *t) {
  const struct workload_setup *setup = t->setup;
  struct workload_shared *shared = workload_shared_begin(t, sizeof *shared);
  return shared != NULL &&
         workload_stamped_table(t->m, &shared->root,
                                (size_t)setup->param[CELLS], step_of(setup));
}

/* One random number decides the cell and whether to store. */
struct choice {
  size_t cell;
  bool is_store;
};

static struct choice choose(struct workload_thread *t) {
  uint64_t r = workload_random_next(&t->random);
  uint64_t cells = (uint64_t)t->setup->param[CELLS];
  uint64_t stores = (uint64_t)t->setup->param[STORES];
  return (struct choice){(r >> 32) * cells >> 32,
                         (uint32_t)r * UINT64_C(100) >> 32 < stores};
}

/* Returns whether the cell holds the right object. */
static bool load(gc_mutator *m, gc_root *into, gc_ref table, size_t slot,
                 uint64_t id) {
  gc_root_set(m, into, gc_get(table, slot));
  bool right = workload_stamp_is(gc_root_get(into), id);
  gc_root_clear(m, into);
  return right;
}

static bool run(struct workload_thread *t) {
  struct workload_shared *shared = t->shared;
  struct workload_figures *figures = &t->figures;
  uint64_t ops = (uint64_t)t->setup->param[OPS], wrong = 0;
  size_t step = step_of(t->setup);
  gc_type type = workload_stamped_type();
  GC_FRAME(t->m, f, table, object);
  gc_root_set(t->m, &f.table, gc_root_get(&shared->root));
  for (; figures->ops < ops; figures->ops++) {
    struct choice c = choose(t);
    if (c.is_store) {
      if (workload_stamped_new(t->m, &f.object, type, c.cell) == NULL)
        return false;
      gc_set_move(t->m, gc_root_get(&f.table), c.cell * step, &f.object);
      figures->ref_stores++;
    } else {
      gc_ref table = gc_root_get(&f.table);
      wrong += !load(t->m, &f.object, table, c.cell * step, c.cell);
      figures->checksum += c.cell;
    }
    if (figures->ops % SAFEPOINT_OPS == 0)
      gc_safepoint(t->m);
  }
  figures->alloc_objects = figures->ref_stores;
  figures->alloc_bytes = figures->ref_stores * gc_size_for(type, 0);
  shared->wrong += wrong;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  (void)threads;
  return shared->wrong ? "a cell held an object of another cell" : NULL;
}

static const struct workload_param params[] = {
    [CELLS] =
        {"cells", 1, 100000000, {10, 10, 10000000}, "cells that threads share"},
    [STORES] =
        {"stores", 0, 100, {10, 10, 50}, "per cent stores; the rest are loads"},
    [OPS] = {"ops",
             1,
             INT64_C(100000000000),
             {10000000, 100000000, 100000000},
             "operations per thread"},
    [SPREAD] = {"spread", 0, 1, {0, 0, 0}, "1: one cell per cache line"},
    {0},
};

const struct workload workload_cells = {
    .name = "cells",
    .summary = "Threads load from and store into shared cells",
    .stresses = "contention on counts",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
