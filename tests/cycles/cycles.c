/* SPDX-License-Identifier: MIT */
#include "tests/cycles/cycles.h"

#include <string.h>

gc_root cycles_saved[CYCLES_THREADS];

uint64_t cycles_id(struct test_thread *self) {
  uint64_t id = atomic_fetch_add(&cycles_run_of(self)->number, 1);
  CHECK(id < CYCLES_IDS);
  return id;
}

bool cycles_has_key(const char *name) {
  const struct gc_tuning_key *key = gc_collector.tuning;
  while (key != NULL && key->name != NULL && strcmp(key->name, name) != 0)
    key++;
  return key != NULL && key->name != NULL;
}

bool cycles_is_quiet(struct test_thread *self) {
  return !test_is_stressed() && gc_threshold_get(self->heap, 0) == 0;
}

/* --- collecting ----------------------------------------------------------- */

/* The number found by all threads together. */
static size_t collect_all(struct test_thread *self, int generation) {
  struct cycles_run *run = self->shared;
  test_meet(self);
  size_t before = atomic_load(&run->found);
  test_meet(self);
  atomic_fetch_add(&run->found, gc_collect(self->m, generation));
  test_meet(self);
  return atomic_load(&run->found) - before;
}

/* With prompt death, one call also finds what finalizers drop. Otherwise one
   thread can find in the first round what the finalizers of another thread have
   just dropped, so only the sum of both rounds is the same for all. */
bool cycles_finds(struct test_thread *self, int generation, size_t each) {
  size_t found = collect_all(self, generation);
  if (!gc_collector.prompt)
    found += collect_all(self, generation);
  if (!gc_collector.reclaims_cycles)
    return found == 0;
  if (!test_finds_cycles() || !cycles_is_quiet(self))
    return found <= each * self->count;
  return found == each * self->count;
}

bool cycles_is_right(size_t dead, size_t n) {
  if (!gc_collector.reclaims_cycles)
    return dead == 0;
  return test_finds_cycles() ? dead == n : dead <= n;
}

/* --- objects -------------------------------------------------------------- */

void cycles_ring(struct test_thread *self, gc_root *out, gc_type type,
                 size_t count) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, node, first);
  gc_root_clear(m, out);
  for (size_t i = 0; i < count; i++) {
    CHECK(test_make(m, &f.node, type, cycles_id(self)) != NULL);
    if (i == 0)
      gc_root_set(m, &f.first, gc_root_get(&f.node));
    gc_set_move(m, gc_root_get(&f.node), 0, out);
    gc_root_move(m, out, &f.node);
  }
  gc_set_move(m, gc_root_get(&f.first), 0, out);
  gc_root_move(m, out, &f.first);
}

void cycles_drop_ring(struct test_thread *self, gc_type type, size_t count) {
  GC_FRAME(self->m, f, ring);
  cycles_ring(self, &f.ring, type, count);
}

gc_type cycles_define(const struct gc_type_desc *desc) {
  gc_type type = gc_type_define(desc);
  CHECK(type != 0);
  return type;
}

size_t cycles_held_most(struct test_thread *self) {
  struct gc_memory_figures figures;
  gc_memory_figures(self->heap, &figures);
  return figures.held_peak;
}

void cycles_settle(struct test_thread *self) {
  for (int i = 0; i < 2; i++) {
    test_meet(self);
    test_collect(self->m);
  }
  test_meet(self);
}
