/* SPDX-License-Identifier: MIT */
/* Many stops of the world, and changes of global roots at the same time. */
#include "tests/stress/stress.h"

enum { LENGTH = 50 };

static void make_list(gc_mutator *m, gc_root *out, uint64_t first) {
  GC_FRAME(m, f, node);
  gc_root_clear(m, out);
  for (uint64_t i = 0; i < LENGTH; i++) {
    gc_ref node = test_make(m, &f.node, test_node, first + i);
    gc_set_move(m, node, 0, out);
    gc_root_move(m, out, &f.node);
  }
}

static void check_list(gc_ref at, uint64_t first) {
  for (uint64_t i = LENGTH; i-- > 0; at = gc_get(at, 0))
    CHECK(test_id(at) == first + i);
  CHECK(at == NULL);
}

/* Half of the threads request collections of every generation and verification.
   All threads have lists that would be lost by a fault. */
static void collect_and_check(struct test_thread *self) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, list);
  for (uint64_t i = 0; i < test_scaled(30000) / self->count; i++) {
    make_list(m, &f.list, i);
    if (self->index % 2 == 0)
      gc_collect(m, i % 5 ? (int)(i % 3) : GC_FULL);
    if (self->index == 0 && i % 20 == 0)
      CHECK(gc_verify(m) == 0);
    check_list(gc_root_get(&f.list), i);
  }
}

void stress_stops(unsigned threads) {
  gc_mutator *m = stress_open(0, 1);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, collect_and_check, NULL);
  stress_settle(m);
  stress_check_held(m, before);
  stress_close(m);
}

/* --- global roots --------------------------------------------------------- */

enum { GLOBALS = 16 };
static gc_root shared[GLOBALS];

/* All threads overwrite and read the shared roots. Each also adds and removes a
   private one. */
static void change_globals(struct test_thread *self) {
  uint64_t each = *(const uint64_t *)self->shared;
  gc_mutator *m = self->m;
  gc_root own = {NULL};
  GC_FRAME(m, f, object);
  for (uint64_t i = 0; i < each; i++) {
    size_t at = workload_random_below(&self->random, GLOBALS);
    test_make(m, &f.object, test_mortal, self->index * each + i);
    gc_global_set(m, &shared[at], gc_root_get(&f.object));
    gc_ref value = gc_root_get(&shared[(at + 1) % GLOBALS]);
    uint64_t id = value ? test_id(value) : 0;
    for (int k = 0; k < 20; k++)
      gc_spin_hint();
    CHECK(value == NULL || test_id(value) == id);
    gc_root_set(m, &f.object, value);
    gc_safepoint(m);
    CHECK(gc_root_get(&f.object) == NULL ||
          test_id(gc_root_get(&f.object)) == id);
    if (i % 50 != 0)
      continue;
    gc_global_add(self->heap, &own);
    gc_global_set(m, &own, gc_root_get(&f.object));
    gc_global_remove(m, &own);
  }
}

void stress_globals(unsigned threads) {
  uint64_t each = test_scaled(200000) / threads + 1;
  test_deaths_begin(each * threads);
  gc_mutator *m = stress_open(0, 1);
  for (size_t i = 0; i < GLOBALS; i++)
    gc_global_add(m->heap, &shared[i]);
  test_threads_run(m, threads, change_globals, &each);
  for (size_t i = 0; i < GLOBALS; i++)
    gc_global_remove(m, &shared[i]);
  stress_settle(m);
  stress_check_deaths(each * threads, 2 * threads + 2);
  stress_close(m);
}
