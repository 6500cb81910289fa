/* SPDX-License-Identifier: MIT */
/* Races of finalizers and weak references: objects are resurrected while other
   threads read them, and weak references are read while their targets die. */
#include <stdlib.h>

#include "tests/stress/stress.h"

enum { CELLS = 32 };

/* --- resurrection --------------------------------------------------------- */

static _Atomic uint8_t *returns; /* by id: finalizer calls */
static _Atomic uint64_t returned;

/* Resurrects three of four objects into a cell, where any thread may find it.
 */
static void come_back(gc_mutator *m, const gc_root *self) {
  uint64_t id = test_id(gc_root_get(self));
  CHECK(atomic_fetch_add(&returns[id], 1) == 0);
  atomic_fetch_add(&returned, 1);
  if (stress_array() != NULL && id % 4 != 0)
    stress_store(m, id % CELLS, gc_root_get(self));
}

static gc_type phoenix;

static void define_phoenix(void) {
  if (phoenix == 0)
    phoenix = gc_type_define(&(struct gc_type_desc){
        .name = "phoenix", .refs = 1, .bytes = 16, .finalize = come_back});
}

/* Each object has a child, which is checked after the resurrection. */
static void make_phoenix(gc_mutator *m, gc_root *out, uint64_t id) {
  GC_FRAME(m, f, child);
  test_make(m, &f.child, test_leaf, ~id);
  gc_ref object = test_make(m, out, phoenix, id);
  gc_set_move(m, object, 0, &f.child);
}

static void look_and_keep(struct test_thread *self, gc_root *kept) {
  gc_mutator *m = self->m;
  size_t cell = workload_random_below(&self->random, CELLS);
  gc_root_set(m, kept, stress_load(cell));
  gc_safepoint(m);
  gc_ref object = gc_root_get(kept);
  if (object != NULL)
    CHECK(test_id(gc_get(object, 0)) == ~test_id(object));
  if (workload_random_below(&self->random, 2) == 0)
    stress_store(m, cell, NULL);
}

static void drop_and_look(struct test_thread *self) {
  uint64_t each = *(const uint64_t *)self->shared;
  GC_FRAME(self->m, f, object, kept[4]);
  for (uint64_t i = 0; i < each; i++) {
    make_phoenix(self->m, &f.object, self->index * each + i);
    if (i % 2)
      stress_store(self->m, i % CELLS, gc_root_get(&f.object));
    gc_root_clear(self->m, &f.object);
    look_and_keep(self, &f.kept[i % 4]);
  }
}

void stress_resurrection(unsigned threads) {
  uint64_t each = test_scaled(200000) / threads + 1, all = each * threads;
  define_phoenix();
  returns = calloc(all, 1);
  CHECK(returns != NULL);
  atomic_store(&returned, 0);
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, drop_and_look, &each);
  stress_settle(m);
  test_collect(m);
  stress_check_held(m, before);
  if (!test_counts_narrowly())
    CHECK(returned >= test_least_dead(all));
  CHECK(returned <= test_most_dead(all));
  stress_close(m);
  CHECK(returned == all);
  free((void *)returns);
}

/* --- weak reads ----------------------------------------------------------- */

/* A cell holds a weak reference whose target is about to die. */
static void make_weak(struct test_thread *self, gc_root *target, uint64_t id) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, weak);
  test_make(m, target, id % 2 ? test_mortal : test_node, id);
  gc_weak_new(m, &f.weak, gc_root_get(target));
  gc_set_move(m, stress_array(), id % CELLS, &f.weak);
}

/* A target that was read stays alive in its root. Once a weak reference has
   read NULL, it always does. */
static void read_weak(gc_mutator *m, gc_root *weak, gc_root *target,
                      size_t cell) {
  gc_root_set(m, weak, stress_load(cell));
  if (gc_root_get(weak) == NULL)
    return;
  bool was_dead = false;
  for (int i = 0; i < 3; i++) {
    gc_ref got = gc_weak_get(m, target, gc_root_get(weak));
    CHECK(got == gc_root_get(target));
    if (got == NULL) {
      was_dead = true;
      continue;
    }
    CHECK(!was_dead);
    uint64_t id = test_id(got);
    CHECK(id % CELLS == cell);
    gc_safepoint(m);
    CHECK(test_id(gc_root_get(target)) == id);
    gc_root_clear(m, target);
  }
}

static void make_and_read(struct test_thread *self) {
  uint64_t each = *(const uint64_t *)self->shared;
  GC_FRAME(self->m, f, target, weak, got);
  for (uint64_t i = 0; i < each; i++) {
    make_weak(self, &f.target, self->index * each + i);
    read_weak(self->m, &f.weak, &f.got,
              workload_random_below(&self->random, CELLS));
    gc_root_clear(self->m, &f.target);
    read_weak(self->m, &f.weak, &f.got,
              workload_random_below(&self->random, CELLS));
  }
}

void stress_weak(unsigned threads) {
  uint64_t each = test_scaled(400000) / threads / 2 * 2 + 2;
  uint64_t all = each * threads;
  test_deaths_begin(all);
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, make_and_read, &each);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths(all / 2, 2 * threads + 2);
  stress_close(m);
}

/* --- short-lived weak references ------------------------------------------ */

/* Some targets live long, so that they have many weak references; cells
   0 … TARGETS-1 hold them. */
enum { TARGETS = 4, WEAKS = 50 };

static void renew_target(gc_mutator *m, uint64_t i) {
  GC_FRAME(m, f, target);
  test_make(m, &f.target, test_leaf, i % TARGETS);
  gc_set_move(m, stress_array(), i % TARGETS, &f.target);
}

static void make_and_drop_weaks(struct test_thread *self) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, weak[WEAKS], target);
  for (uint64_t i = 0; i < test_scaled(500000) / self->count; i++) {
    size_t at = workload_random_below(&self->random, WEAKS);
    size_t cell = workload_random_below(&self->random, TARGETS);
    if (i % 100 == 0)
      renew_target(m, i / 100);
    gc_root_set(m, &f.target, stress_load(cell));
    if (gc_root_get(&f.target) == NULL)
      continue;
    gc_weak_new(m, &f.weak[at], gc_root_get(&f.target));
    gc_root_clear(m, &f.target);
    at = workload_random_below(&self->random, WEAKS);
    gc_ref weak = gc_root_get(&f.weak[at]);
    if (weak != NULL && gc_weak_get(m, &f.target, weak) != NULL)
      CHECK(test_id(gc_root_get(&f.target)) < TARGETS);
  }
}

void stress_weak_table(unsigned threads) {
  gc_mutator *m = stress_open(0, TARGETS);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, make_and_drop_weaks, NULL);
  stress_settle(m);
  stress_check_held(m, before);
  stress_close(m);
}
