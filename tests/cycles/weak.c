/* SPDX-License-Identifier: MIT */
/* Weak references and dead cycles, in the order of Python 3.15: finalizers
   run, resurrected objects are kept, weak references are cleared, memory is
   freed. */
#include "tests/cycles/cycles.h"

static bool gives(struct test_thread *self, const gc_root *weak) {
  GC_FRAME(self->m, f, target);
  return gc_weak_get(self->m, &f.target, gc_root_get(weak)) != NULL;
}

/* Cleared with the ring, whichever of its objects they point at. */
static void cleared_with_the_ring(struct test_thread *self) {
  enum { COUNT = 10 };
  GC_FRAME(self->m, f, ring, weaks[COUNT]);
  cycles_ring(self, &f.ring, test_node, COUNT);
  for (int i = 0; i < COUNT; i++) {
    gc_weak_new(self->m, &f.weaks[i], gc_root_get(&f.ring));
    gc_root_set(self->m, &f.ring, gc_get(gc_root_get(&f.ring), 0));
  }
  CHECK(cycles_finds(self, GC_FULL, 0));
  for (int i = 0; i < COUNT; i++)
    CHECK(gives(self, &f.weaks[i]));
  gc_root_clear(self->m, &f.ring);
  CHECK(cycles_finds(self, GC_FULL, COUNT));
  for (int i = 0; i < COUNT; i++)
    CHECK(cycles_is_right(!gives(self, &f.weaks[i]), 1));
}

/* T-42, W-4: a weak reference that is itself garbage, to garbage, to a live
   object, and to itself. All garbage goes, and the live object is
   unaffected. */
static void weak_references_in_the_ring(struct test_thread *self) {
  GC_FRAME(self->m, f, ring, alive, weak, outside);
  cycles_ring(self, &f.ring, test_node, 3);
  test_make(self->m, &f.alive, test_node, 4);
  gc_weak_new(self->m, &f.outside, gc_root_get(&f.alive));
  for (int i = 0; i < 2; i++) {
    const gc_root *target = i ? &f.alive : &f.ring;
    gc_weak_new(self->m, &f.weak, gc_root_get(target));
    gc_set_move(self->m, gc_root_get(&f.ring), 1, &f.weak);
    gc_root_set(self->m, &f.ring, gc_get(gc_root_get(&f.ring), 0));
  }
  gc_root_clear(self->m, &f.ring);
  CHECK(cycles_finds(self, GC_FULL, 3 + 2));
  CHECK(gives(self, &f.outside));
  gc_root_clear(self->m, &f.alive);
  gc_safepoint(self->m);
  if (gc_collector.prompt)
    CHECK(!gives(self, &f.outside));
}

/* --- finalizers that use them --------------------------------------------- */

static _Atomic size_t seen, missed;

/* Slot 1 is a weak reference to the next one in the ring, which is garbage as
   well. In 3.15 it can still be read; before, it was empty by now (W-3). */
static void read_neighbour(gc_mutator *m, const gc_root *self) {
  GC_FRAME(m, f, neighbour);
  gc_ref weak = gc_get(gc_root_get(self), 1);
  if (gc_weak_get(m, &f.neighbour, weak) == NULL) {
    atomic_fetch_add(&missed, 1);
    return;
  }
  CHECK(gc_root_get(&f.neighbour) == gc_get(gc_root_get(self), 0));
  CHECK(test_is_intact(gc_root_get(&f.neighbour)));
  atomic_fetch_add(&seen, 1);
}

static void readable_in_finalizers(struct test_thread *self) {
  enum { COUNT = 5 };
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "reads", .refs = 2, .bytes = 16, .finalize = read_neighbour});
  size_t seen_before = atomic_load(&seen), missed_before = atomic_load(&missed);
  GC_FRAME(self->m, f, ring, weak);
  test_meet(self);
  cycles_ring(self, &f.ring, type, COUNT);
  for (int i = 0; i < COUNT; i++) {
    gc_weak_new(self->m, &f.weak, gc_get(gc_root_get(&f.ring), 0));
    gc_set_move(self->m, gc_root_get(&f.ring), 1, &f.weak);
    gc_root_set(self->m, &f.ring, gc_get(gc_root_get(&f.ring), 0));
  }
  gc_root_clear(self->m, &f.ring);
  CHECK(cycles_finds(self, GC_FULL, 2 * COUNT));
  size_t reads = atomic_load(&seen) - seen_before;
  CHECK(cycles_is_right(reads, COUNT * self->count));
  CHECK(atomic_load(&missed) == missed_before);
  test_meet(self);
}

/* F-4: weak references to a resurrected object, and to all objects reachable
   from it, stay valid. They are cleared at the second death. */
static void come_back(gc_mutator *m, const gc_root *self) {
  uint64_t thread = test_id(gc_root_get(self));
  gc_global_set(m, &cycles_saved[thread], gc_root_get(self));
}

static void kept_by_resurrection(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "returns", .refs = 2, .bytes = 16, .finalize = come_back});
  GC_FRAME(self->m, f, object, cargo, weak, other);
  test_make(self->m, &f.object, type, self->index);
  gc_set(self->m, gc_root_get(&f.object), 0, gc_root_get(&f.object));
  cycles_ring(self, &f.cargo, test_node, 2);
  gc_weak_new(self->m, &f.other, gc_root_get(&f.cargo));
  gc_set_move(self->m, gc_root_get(&f.object), 1, &f.cargo);
  gc_weak_new(self->m, &f.weak, gc_root_get(&f.object));
  gc_root_clear(self->m, &f.object);
  CHECK(cycles_finds(self, GC_FULL, 0));
  CHECK(gives(self, &f.weak) && gives(self, &f.other));
  gc_global_set(self->m, &cycles_saved[self->index], NULL);
  CHECK(cycles_finds(self, GC_FULL, 3));
  CHECK(cycles_is_right(!gives(self, &f.weak), 1));
  CHECK(cycles_is_right(!gives(self, &f.other), 1));
}

/* W-3, gh-91636: a weak reference that a finalizer makes to garbage is cleared
   with it, though it is new and lives. */
static void keep_weak(gc_mutator *m, const gc_root *self) {
  uint64_t thread = test_id(gc_root_get(self));
  GC_FRAME(m, f, weak);
  gc_weak_new(m, &f.weak, gc_get(gc_root_get(self), 0));
  gc_global_set(m, &cycles_saved[thread], gc_root_get(&f.weak));
}

static void made_by_finalizers(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "keeps weak", .refs = 2, .bytes = 16, .finalize = keep_weak});
  GC_FRAME(self->m, f, object, peer, weak);
  test_make(self->m, &f.object, type, self->index);
  test_make(self->m, &f.peer, test_node, 7);
  gc_set(self->m, gc_root_get(&f.object), 0, gc_root_get(&f.peer));
  gc_set(self->m, gc_root_get(&f.peer), 0, gc_root_get(&f.object));
  gc_root_clear(self->m, &f.object);
  gc_root_clear(self->m, &f.peer);
  CHECK(cycles_finds(self, GC_FULL, 2));
  gc_root_set(self->m, &f.weak, gc_root_get(&cycles_saved[self->index]));
  if (test_finds_cycles())
    CHECK(gc_root_get(&f.weak) != NULL);
  if (gc_root_get(&f.weak) != NULL)
    CHECK(cycles_is_right(!gives(self, &f.weak), 1));
}

/* T-12: a finalizer brings its neighbour back through a weak reference that a
   finalizer before it has put away; it is whole, and so is all behind it. */
static void share_weak(gc_mutator *m, const gc_root *self) {
  uint64_t thread = test_id(gc_root_get(self));
  gc_ref found = gc_root_get(&cycles_saved[thread]);
  GC_FRAME(m, f, weak, target);
  if (found == NULL) {
    gc_weak_new(m, &f.weak, gc_root_get(self));
    gc_global_set(m, &cycles_saved[thread], gc_root_get(&f.weak));
    return;
  }
  gc_root_set(m, &f.weak, found);
  CHECK(gc_weak_get(m, &f.target, gc_root_get(&f.weak)) != NULL);
  CHECK(test_id(gc_root_get(&f.target)) == thread);
  gc_global_set(m, &cycles_saved[thread], gc_root_get(&f.target));
}

static void brought_back_by_a_neighbour(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "shares weak", .refs = 2, .bytes = 16, .finalize = share_weak});
  GC_FRAME(self->m, f, a, b);
  test_make(self->m, &f.a, type, self->index);
  test_make(self->m, &f.b, type, self->index);
  gc_set(self->m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
  gc_set(self->m, gc_root_get(&f.b), 0, gc_root_get(&f.a));
  gc_root_clear(self->m, &f.a);
  gc_root_clear(self->m, &f.b);
  cycles_settle(self);
  if (test_finds_cycles()) {
    gc_ref back = gc_root_get(&cycles_saved[self->index]);
    CHECK(test_id(back) == self->index);
    CHECK(gc_get(gc_get(back, 0), 0) == back);
  }
  gc_global_set(self->m, &cycles_saved[self->index], NULL);
  CHECK(cycles_finds(self, GC_FULL, 2));
}

/* --- old garbage held by young -------------------------------------------- */

/* T-48, T-49: an old object with a finalizer that only young garbage holds,
   and that looks through a weak reference at other young garbage. A collection
   of the youngest may not find all of it, but sees only what is whole. */
static void old_held_by_young(struct test_thread *self) {
  gc_type type =
      cycles_define(&(struct gc_type_desc){.name = "old reader",
                                           .refs = 2,
                                           .bytes = 16,
                                           .finalize = read_neighbour});
  size_t seen_before = atomic_load(&seen), missed_before = atomic_load(&missed);
  GC_FRAME(self->m, f, old, young, weak);
  test_meet(self);
  test_make(self->m, &f.old, type, 0);
  for (int i = 0; i < 3; i++)
    CHECK(cycles_finds(self, GC_FULL, 0));
  cycles_ring(self, &f.young, test_node, 3);
  gc_weak_new(self->m, &f.weak, gc_root_get(&f.young));
  gc_set_move(self->m, gc_root_get(&f.old), 1, &f.weak);
  gc_set(self->m, gc_root_get(&f.old), 0, gc_root_get(&f.young));
  gc_set_move(self->m, gc_root_get(&f.young), 1, &f.old);
  gc_root_clear(self->m, &f.young);
  gc_collect(self->m, 0);
  test_collect(self->m);
  test_meet(self);
  CHECK(cycles_is_right(atomic_load(&seen) - seen_before, self->count));
  CHECK(atomic_load(&missed) == missed_before);
  test_meet(self);
}

const struct cycles_test cycles_weak[] = {
    {.name = "cleared_with_the_ring", .run = cleared_with_the_ring},
    {.name = "weak_references_in_the_ring", .run = weak_references_in_the_ring},
    {.name = "readable_in_finalizers", .run = readable_in_finalizers},
    {.name = "kept_by_resurrection", .run = kept_by_resurrection},
    {.name = "made_by_finalizers", .run = made_by_finalizers},
    {.name = "brought_back_by_a_neighbour", .run = brought_back_by_a_neighbour},
    {.name = "old_held_by_young",
     .run = old_held_by_young,
     .is_automatic = true},
    {0},
};
