/* SPDX-License-Identifier: MIT */
/* What a collection finds, as CPython's test_gc.py counts it. A list is an
   array of references, a dict one with fixed slots as well, an instance a
   plain object. */
#include "tests/cycles/cycles.h"

/* T-01: a list in itself. */
static void a_list_in_itself(struct test_thread *self) {
  GC_FRAME(self->m, f, list);
  gc_new_array(self->m, &f.list, test_refs, 1);
  gc_set(self->m, gc_root_get(&f.list), 0, gc_root_get(&f.list));
  CHECK(cycles_finds(self, GC_FULL, 0));
  gc_root_clear(self->m, &f.list);
  CHECK(cycles_finds(self, GC_FULL, 1));
  CHECK(cycles_finds(self, GC_FULL, 0));
}

/* T-02: a dict under a key in itself. The key dies with it. */
static void a_dict_in_itself(struct test_thread *self) {
  gc_type dict = cycles_define(
      &(struct gc_type_desc){.name = "dict", .refs = 1, .tail = GC_REF_TAIL});
  GC_FRAME(self->m, f, dict, key);
  gc_new_array(self->m, &f.dict, dict, 8);
  test_make(self->m, &f.key, test_leaf, 1);
  gc_set_move(self->m, gc_root_get(&f.dict), 3, &f.key);
  gc_set(self->m, gc_root_get(&f.dict), 4, gc_root_get(&f.dict));
  gc_root_clear(self->m, &f.dict);
  CHECK(cycles_finds(self, GC_FULL, 2));
}

/* T-03: a list and a tuple that hold each other. */
static void a_list_and_a_tuple(struct test_thread *self) {
  GC_FRAME(self->m, f, list, tuple);
  gc_new_array(self->m, &f.list, test_refs, 1);
  gc_new_array(self->m, &f.tuple, test_refs, 1);
  gc_set(self->m, gc_root_get(&f.list), 0, gc_root_get(&f.tuple));
  gc_set(self->m, gc_root_get(&f.tuple), 0, gc_root_get(&f.list));
  gc_root_clear(self->m, &f.list);
  CHECK(cycles_finds(self, GC_FULL, 0));
  gc_root_clear(self->m, &f.tuple);
  CHECK(cycles_finds(self, GC_FULL, 2));
}

/* T-06: an instance with an attribute that is itself. */
static void an_instance_in_itself(struct test_thread *self) {
  GC_FRAME(self->m, f, instance);
  test_make(self->m, &f.instance, test_node, 0);
  gc_set(self->m, gc_root_get(&f.instance), 1, gc_root_get(&f.instance));
  gc_root_clear(self->m, &f.instance);
  CHECK(cycles_finds(self, GC_FULL, 1));
}

/* As pyperformance's gc_collect: 100 cycles of 20 nodes. */
static void many_rings(struct test_thread *self) {
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 100; i++)
      cycles_drop_ring(self, test_node, 20);
    CHECK(cycles_finds(self, GC_FULL, 2000));
  }
}

/* As its gc_traversal: list n holds list n-1 again and again. */
static void nested_lists(struct test_thread *self) {
  enum { DEPTH = 100 };
  bool is_narrow = test_counts_narrowly();
  GC_FRAME(self->m, f, first, list, inner);
  gc_new_array(self->m, &f.first, test_refs, 1);
  gc_root_set(self->m, &f.inner, gc_root_get(&f.first));
  for (size_t n = 1; n <= DEPTH; n++) {
    size_t length = is_narrow ? 2 : n;
    gc_new_array(self->m, &f.list, test_refs, length);
    for (size_t i = 0; i < length; i++)
      gc_set(self->m, gc_root_get(&f.list), i, gc_root_get(&f.inner));
    gc_root_move(self->m, &f.inner, &f.list);
  }
  gc_set_move(self->m, gc_root_get(&f.first), 0, &f.inner);
  CHECK(cycles_finds(self, GC_FULL, 0));
  gc_root_clear(self->m, &f.first);
  CHECK(cycles_finds(self, GC_FULL, DEPTH + 1));
}

/* --- generations ---------------------------------------------------------- */

/* T-37: an object goes from generation to generation by collections of the one
   it is in, and no further than the oldest. Where only what had to be looked
   at grows older, it has to lose a reference each time. */
static void ages(struct test_thread *self) {
  GC_FRAME(self->m, f, ring, other);
  cycles_ring(self, &f.ring, test_node, 3);
  for (int generation = 0; generation <= GC_OLDEST; generation++) {
    int age = gc_generation_of(gc_root_get(&f.ring));
    if (!test_is_stressed() && gc_collector.reclaims_cycles)
      CHECK(age == generation);
    CHECK(age <= GC_OLDEST);
    gc_root_set(self->m, &f.other, gc_root_get(&f.ring));
    gc_root_clear(self->m, &f.other);
    CHECK(cycles_finds(self, generation, 0));
  }
  CHECK(gc_generation_of(gc_root_get(&f.ring)) <= GC_OLDEST);
}

/* A dead old cycle is found only by a collection of its generation. */
static void old_garbage_waits(struct test_thread *self) {
  GC_FRAME(self->m, f, ring, other);
  cycles_ring(self, &f.ring, test_node, 5);
  for (int i = 0; i < 2; i++) {
    gc_root_set(self->m, &f.other, gc_root_get(&f.ring));
    gc_root_clear(self->m, &f.other);
    CHECK(cycles_finds(self, GC_FULL, 0));
  }
  bool is_old = gc_generation_of(gc_root_get(&f.ring)) == GC_OLDEST;
  gc_root_clear(self->m, &f.ring);
  for (int generation = 0; generation < GC_OLDEST && is_old; generation++)
    CHECK(cycles_finds(self, generation, 0));
  CHECK(cycles_finds(self, GC_FULL, 5));
}

/* T-18: a collection says which generation it was over. */
static void collections_by_generation(struct test_thread *self) {
  struct cycles_run *run = self->shared;
  for (int generation = 0; generation <= GC_OLDEST; generation++) {
    test_meet(self);
    size_t before = atomic_load(&run->pauses[generation]);
    test_meet(self);
    gc_collect(self->m, generation);
    test_meet(self);
    size_t more = atomic_load(&run->pauses[generation]) - before;
    if (cycles_is_quiet(self) && test_finds_garbage())
      CHECK(more == self->count);
  }
}

/* --- nobody's code runs while a collection looks -------------------------- */

static _Atomic size_t calls;
static struct cycles_run
    *_Atomic boom_run; /* every thread sets the same value */

/* Breaks the cycle, as the hooks in CPython's test_boom do. */
static void boom(gc_mutator *m, const gc_root *self) {
  gc_set(m, gc_root_get(self), 0, NULL);
  CHECK(!atomic_load(&boom_run->is_stopped));
  atomic_fetch_add(&calls, 1);
}

/* T-21 to T-24: finalizers run when the collection is over, and though they
   break up what it found, all of it goes. One thread at a time, for a stop
   that another one wants is no fault. */
static void drop_booms(struct test_thread *self, gc_type type) {
  GC_FRAME(self->m, f, held);
  cycles_ring(self, &f.held, type, 2);
  size_t before = atomic_load(&calls);
  test_collect(self->m);
  CHECK(atomic_load(&calls) == before);
  gc_root_clear(self->m, &f.held);
  test_collect(self->m);
  CHECK(cycles_is_right(atomic_load(&calls) - before, 2));
}

static void no_call_while_scanning(struct test_thread *self) {
  gc_type type = cycles_define(&(struct gc_type_desc){
      .name = "boom", .refs = 2, .bytes = 16, .finalize = boom});
  for (unsigned turn = 0; turn < self->count; turn++) {
    test_meet(self);
    boom_run = self->shared;
    test_meet(self);
    if (turn == self->index)
      drop_booms(self, type);
  }
  test_meet(self);
}

const struct cycles_test cycles_python[] = {
    {.name = "a_list_in_itself", .run = a_list_in_itself},
    {.name = "a_dict_in_itself", .run = a_dict_in_itself},
    {.name = "a_list_and_a_tuple", .run = a_list_and_a_tuple},
    {.name = "an_instance_in_itself", .run = an_instance_in_itself},
    {.name = "many_rings", .run = many_rings},
    {.name = "nested_lists", .run = nested_lists},
    {.name = "ages", .run = ages},
    {.name = "old_garbage_waits", .run = old_garbage_waits},
    {.name = "collections_by_generation", .run = collections_by_generation},
    {.name = "no_call_while_scanning", .run = no_call_while_scanning},
    {0},
};
