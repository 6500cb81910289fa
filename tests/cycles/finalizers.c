/* SPDX-License-Identifier: MIT */
/* Finalizers in dead cycles (PEP 442). Each finalizer of a dead cycle runs
   once, before any object of the cycle is freed, so it finds the graph intact.
   A resurrected object stays, with all objects that are reachable from it. The
   others are freed. */
#include "tests/cycles/cycles.h"

/* --- the graph that a finalizer finds ------------------------------------- */

enum { RING = 12 };
static _Atomic size_t walks;

/* F-1: every object of the ring still exists, with its slots and its data
   unchanged. */
static void walk(gc_mutator *m, const gc_root *self) {
  gc_ref at = gc_root_get(self);
  (void)m;
  for (int i = 0; i < RING; i++) {
    CHECK(test_is_intact(at));
    CHECK(test_is_intact(gc_get(at, 1)));
    at = gc_get(at, 0);
  }
  CHECK(at == gc_root_get(self));
  atomic_fetch_add(&walks, 1);
}

static void all_run_first(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "walker", .refs = 2, .bytes = 16, .finalize = walk});
  GC_FRAME(self->m, f, ring, leaf);
  size_t before = atomic_load(&walks);
  test_meet(self);
  cycles_ring(self, &f.ring, type, RING);
  for (int i = 0; i < RING; i++) {
    test_make(self->m, &f.leaf, test_leaf, 1);
    gc_set_move(self->m, gc_root_get(&f.ring), 1, &f.leaf);
    gc_root_set(self->m, &f.ring, gc_get(gc_root_get(&f.ring), 0));
  }
  gc_root_clear(self->m, &f.ring);
  test_collect(self->m);
  test_meet(self);
  CHECK(cycles_is_right(atomic_load(&walks) - before, RING * self->count));
  test_meet(self);
}

/* --- resurrection --------------------------------------------------------- */

static _Atomic size_t returns;

/* Stores the object in the global root of the thread whose index is the
   object's id. Slot 2 keeps the object that was there before. */
static void come_back(gc_mutator *m, const gc_root *self) {
  uint64_t thread = test_id(gc_root_get(self));
  gc_ref before = gc_root_get(&cycles_saved[thread]);
  gc_set(m, gc_root_get(self), 2, before);
  gc_global_set(m, &cycles_saved[thread], gc_root_get(self));
  atomic_fetch_add(&returns, 1);
}

static gc_type lazarus(void) {
  return cycles_define(&(struct gc_type_desc){
      .name = "lazarus", .refs = 3, .bytes = 16, .finalize = come_back});
}

/* An object that refers to itself through slot 0; slot 1 is for cargo. */
static void make_lazarus(struct test_thread *self, gc_root *out, gc_type type) {
  CHECK(test_make(self->m, out, type, self->index) != NULL);
  gc_set(self->m, gc_root_get(out), 0, gc_root_get(out));
}

/* T-39, F-2: the object is resurrected once. When it dies again, its finalizer
   does not run, and it is freed. T-27: a resurrected object still counts as
   finalized. */
static void it_returns_once(struct test_thread *self) {
  gc_type type = lazarus();
  GC_FRAME(self->m, f, object);
  size_t before = atomic_load(&returns);
  test_meet(self);
  make_lazarus(self, &f.object, type);
  gc_root_clear(self->m, &f.object);
  CHECK(cycles_finds(self, GC_FULL, 0));
  CHECK(cycles_is_right(atomic_load(&returns) - before, self->count));
  if (test_finds_cycles())
    CHECK(test_id(gc_root_get(&cycles_saved[self->index])) == self->index);
  gc_global_set(self->m, &cycles_saved[self->index], NULL);
  CHECK(cycles_finds(self, GC_FULL, 1));
  CHECK(cycles_is_right(atomic_load(&returns) - before, self->count));
  CHECK(cycles_finds(self, GC_FULL, 0));
}

/* T-40, F-3: the cargo is resurrected with the object and keeps its
   identity. */
static void it_brings_its_cargo(struct test_thread *self) {
  gc_type type = lazarus();
  GC_FRAME(self->m, f, object, cargo, weak);
  make_lazarus(self, &f.object, type);
  cycles_ring(self, &f.cargo, test_mortal, 3);
  gc_set(self->m, gc_root_get(&f.cargo), 1, gc_root_get(&f.object));
  gc_set(self->m, gc_root_get(&f.object), 1, gc_root_get(&f.cargo));
  gc_weak_new(self->m, &f.weak, gc_root_get(&f.cargo));
  gc_root_clear(self->m, &f.object);
  gc_root_clear(self->m, &f.cargo);
  CHECK(cycles_finds(self, GC_FULL, 0));
  if (test_finds_cycles()) {
    gc_ref back = gc_root_get(&cycles_saved[self->index]);
    gc_weak_get(self->m, &f.cargo, gc_root_get(&f.weak));
    CHECK(gc_get(back, 1) == gc_root_get(&f.cargo));
    gc_root_clear(self->m, &f.cargo);
  }
  gc_global_set(self->m, &cycles_saved[self->index], NULL);
  CHECK(cycles_finds(self, GC_FULL, 4));
}

/* T-41: 100 dead rings are found. A resurrected object is not counted among
   them and keeps none of them alive. When the program drops the two resurrected
   objects, they are the only garbage. */
static void it_saves_nobody_else(struct test_thread *self) {
  gc_type type = lazarus();
  GC_FRAME(self->m, f, object);
  for (int i = 0; i < 100; i++)
    cycles_drop_ring(self, test_node, 1);
  CHECK(cycles_finds(self, GC_FULL, 100));
  make_lazarus(self, &f.object, type);
  gc_root_clear(self->m, &f.object);
  CHECK(cycles_finds(self, GC_FULL, 0));
  for (int i = 0; i < 100; i++)
    cycles_drop_ring(self, test_node, 1);
  make_lazarus(self, &f.object, type);
  gc_root_clear(self->m, &f.object);
  CHECK(cycles_finds(self, GC_FULL, 100));
  gc_global_set(self->m, &cycles_saved[self->index], NULL);
  CHECK(cycles_finds(self, GC_FULL, 2));
}

/* --- what a finalizer may do ---------------------------------------------- */

static _Atomic size_t made, gone;

/* T-15, T-16: a finalizer that makes more garbage, some of it with the same
   finalizer, and that sometimes collects. */
static void make_more(gc_mutator *m, const gc_root *self) {
  uint64_t generation = test_id(gc_root_get(self));
  GC_FRAME(m, f, node, again);
  atomic_fetch_add(&gone, 1);
  for (int i = 0; i < 20; i++) {
    gc_ref node = test_make(m, &f.node, test_node, 0);
    gc_set(m, node, 0, node);
  }
  if (generation > 0) {
    gc_type type = gc_type_of(gc_root_get(self));
    gc_ref again = test_make(m, &f.again, type, generation - 1);
    gc_set(m, again, 0, again);
    atomic_fetch_add(&made, 1);
  }
  if (generation == 2)
    gc_collect(m, 0);
}

static void chains_end(struct test_thread *self) {
  for (int i = 0; i < 6; i++)
    test_collect(self->m);
}

static void one_may_allocate(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "allocates", .refs = 2, .bytes = 16, .finalize = make_more});
  test_meet(self);
  gc_threshold_set(self->heap, 0, gc_collector.counts ? 1 : 32 << 10);
  atomic_store(&made, 0);
  atomic_store(&gone, 0);
  test_meet(self);
  GC_FRAME(self->m, f, object);
  for (int i = 0; i < 200; i++) {
    test_make(self->m, &f.object, type, 3);
    gc_set(self->m, gc_root_get(&f.object), 0, gc_root_get(&f.object));
    gc_root_clear(self->m, &f.object);
    atomic_fetch_add(&made, 1);
  }
  test_run_alone(self, chains_end);
  CHECK(cycles_is_right(gone, made));
  test_meet(self);
}

/* T-29: a finalizer that takes its ring apart: it clears the slots of its
   object, and a slot of the next object. */
static void cut(gc_mutator *m, const gc_root *self) {
  test_record_death(m, self);
  gc_ref next = gc_get(gc_root_get(self), 0);
  if (next != NULL)
    gc_set(m, next, 0, NULL);
  gc_set(m, gc_root_get(self), 0, NULL);
  gc_set(m, gc_root_get(self), 1, NULL);
  gc_safepoint(m);
  CHECK(test_is_intact(gc_root_get(self)));
}

static size_t dead_from(uint64_t first, size_t count) {
  size_t dead = 0;
  for (size_t i = 0; i < count; i++)
    dead += test_deaths_of(first + i);
  return dead;
}

static void one_may_cut_the_ring(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "cuts", .refs = 2, .bytes = 16, .finalize = cut});
  size_t before = test_deaths();
  test_meet(self);
  for (size_t length = 1; length <= 50; length++) {
    GC_FRAME(self->m, f, ring, side);
    cycles_ring(self, &f.ring, type, length);
    cycles_ring(self, &f.side, type, 1);
    gc_set_move(self->m, gc_root_get(&f.ring), 1, &f.side);
  }
  test_collect(self->m);
  test_meet(self);
  CHECK(cycles_is_right(test_deaths() - before,
                        self->count * (50 * 51 / 2 + 50)));
  test_meet(self);
}

/* T-28: a finalizer that adds an object to its dead graph. The new object
   refers to the finalized object and to the former value of its slot 1, and
   takes the place of this value. */
static void rebuild(gc_mutator *m, const gc_root *self) {
  GC_FRAME(m, f, node, out);
  test_make(m, &f.node, test_node, 5);
  gc_root_set(m, &f.out, gc_get(gc_root_get(self), 1));
  gc_set(m, gc_root_get(&f.node), 0, gc_root_get(self));
  gc_set(m, gc_root_get(&f.node), 1, gc_root_get(&f.out));
  gc_set_move(m, gc_root_get(self), 1, &f.node);
  test_record_death(m, self);
}

static void one_may_rebuild(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "rebuilds", .refs = 2, .bytes = 16, .finalize = rebuild});
  GC_FRAME(self->m, f, ring, cargo);
  cycles_ring(self, &f.ring, type, 3);
  uint64_t first = test_id(gc_root_get(&f.ring));
  cycles_ring(self, &f.cargo, test_node, 2);
  gc_set_move(self->m, gc_root_get(&f.ring), 1, &f.cargo);
  gc_root_clear(self->m, &f.ring);
  /* The 3 objects of the ring, the 2 of the cargo, and the 3 that the
     finalizers of the ring have added. */
  CHECK(cycles_finds(self, GC_FULL, 3 + 2 + 3));
  CHECK(cycles_is_right(test_deaths_of(first), 1));
  CHECK(cycles_finds(self, GC_FULL, 0));
}

/* --- deep nests and many nests -------------------------------------------- */

static _Atomic size_t built, finalized;

/* T-19, T-20: the finalizer of nested objects. Some calls collect. Others park
   and unpark, so that another thread can stop the world meanwhile. */
static void count_down(gc_mutator *m, const gc_root *self) {
  uint64_t id = test_id(gc_root_get(self));
  size_t n = atomic_fetch_add(&finalized, 1);
  if (id % 17 == 0 && n % 4 == 0)
    gc_collect(m, (int)(id % 3));
  if (id % 5 == 0) {
    gc_park(m);
    gc_unpark(m);
  }
  CHECK(test_is_intact(gc_root_get(self)));
}

static gc_type nest(void) {
  return cycles_define(&(struct gc_type_desc){
      .name = "nest", .refs = 2, .bytes = 16, .finalize = count_down});
}

static void make_nest(struct test_thread *self, gc_root *out, gc_type type,
                      size_t depth) {
  GC_FRAME(self->m, f, outer, inner_most);
  for (size_t i = 0; i < depth; i++) {
    test_make(self->m, &f.outer, type, i);
    gc_set_move(self->m, gc_root_get(&f.outer), i % 2, out);
    gc_root_move(self->m, out, &f.outer);
    atomic_fetch_add(&built, 1);
  }
}

static void nests(struct test_thread *self, size_t count, size_t depth) {
  gc_type type = nest();
  if (self->index == 0)
    atomic_store(&built, 0), atomic_store(&finalized, 0);
  test_meet(self);
  for (size_t i = 0; i < count; i++) {
    GC_FRAME(self->m, f, nest);
    make_nest(self, &f.nest, type, depth);
    if (i % 2)
      gc_set(self->m, gc_root_get(&f.nest), depth % 2, gc_root_get(&f.nest));
  }
  for (int i = 0; i < 4; i++)
    test_collect(self->m);
  test_meet(self);
  size_t dead = atomic_load(&finalized);
  CHECK(dead <= built);
  CHECK(!test_finds_cycles() || dead == built);
  test_meet(self);
}

static void deep_nests(struct test_thread *self) {
  nests(self, 4, 150);
}
static void many_nests(struct test_thread *self) {
  nests(self, test_scaled(1000) / self->count + 1, 60);
}

/* --- other objects around dead rings -------------------------------------- */

/* F-3: garbage that leads to an object with a finalizer, but cannot be reached
   from it, is freed too. Objects that can be reached from it are freed after
   the finalizer has run. */
static void before_and_behind(struct test_thread *self) {
  GC_FRAME(self->m, f, before, ring, behind);
  cycles_ring(self, &f.ring, test_mortal, 4);
  uint64_t first = test_id(gc_root_get(&f.ring));
  cycles_ring(self, &f.before, test_node, 5);
  cycles_ring(self, &f.behind, test_node, 6);
  gc_set(self->m, gc_root_get(&f.before), 1, gc_root_get(&f.ring));
  gc_set(self->m, gc_root_get(&f.ring), 1, gc_root_get(&f.behind));
  gc_root_clear(self->m, &f.ring);
  gc_root_clear(self->m, &f.behind);
  CHECK(cycles_finds(self, GC_FULL, 0));
  CHECK(dead_from(first, 1) == 0);
  gc_root_clear(self->m, &f.before);
  CHECK(cycles_finds(self, GC_FULL, 4 + 5 + 6));
  CHECK(cycles_is_right(dead_from(first, 1), 1));
}

/* T-31: the test ends while a global root holds one ring, and another ring is
   garbage that no collection has found. After main has destroyed the heap, it
   checks that no object was finalized twice. */
static void the_end_of_the_heap(struct test_thread *self) {
  GC_FRAME(self->m, f, ring);
  cycles_ring(self, &f.ring, test_mortal, 10);
  gc_global_set(self->m, &cycles_saved[self->index], gc_root_get(&f.ring));
  cycles_drop_ring(self, test_mortal, 10);
}

const struct cycles_test cycles_finalizers[] = {
    {.name = "all_run_first", .run = all_run_first},
    {.name = "it_returns_once", .run = it_returns_once},
    {.name = "it_brings_its_cargo", .run = it_brings_its_cargo},
    {.name = "it_saves_nobody_else", .run = it_saves_nobody_else},
    {.name = "one_may_allocate", .run = one_may_allocate},
    {.name = "one_may_cut_the_ring", .run = one_may_cut_the_ring},
    {.name = "one_may_rebuild", .run = one_may_rebuild},
    {.name = "deep_nests", .run = deep_nests, .is_automatic = true},
    {.name = "many_nests", .run = many_nests, .is_automatic = true},
    {.name = "before_and_behind", .run = before_and_behind},
    {.name = "the_end_of_the_heap", .run = the_end_of_the_heap},
    {0},
};
