/* SPDX-License-Identifier: MIT */
/* Pinned objects stay where they are; on most collectors all objects do. */
#include <string.h>

#include "tests/conformance/conformance.h"

enum { THREADS = 4 };

static void move_everything(gc_mutator *m) {
  GC_FRAME(m, f, garbage);
  for (int i = 0; i < 5; i++) {
    test_make(m, &f.garbage, test_node, 0);
    gc_collect(m, GC_FULL);
  }
}

static void a_pinned_object_stays(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, buffer, before, after);
  test_make(m, &f.before, test_leaf, 1);
  gc_ref buffer = gc_new_array(m, &f.buffer, test_blob, 10000);
  char *bytes = gc_bytes(buffer);
  gc_pin(m, buffer);
  test_make(m, &f.after, test_leaf, 2);
  memset(bytes, 7, 10000);
  for (int i = 0; i < 3; i++) {
    move_everything(m);
    assert_ptr_equal(gc_root_get(&f.buffer), buffer);
    assert_ptr_equal(gc_bytes(buffer), bytes);
    assert_int_equal(bytes[9999], 7);
    assert_int_equal(gc_length(buffer), 10000);
  }
  gc_park(m);
  memset(bytes, 8, 10000); /* as a system call would */
  gc_unpark(m);
  gc_unpin(m, buffer);
  move_everything(m);
  assert_int_equal(((char *)gc_bytes(gc_root_get(&f.buffer)))[9999], 8);
  assert_int_equal(test_id(gc_root_get(&f.before)), 1);
  assert_int_equal(test_id(gc_root_get(&f.after)), 2);
}

static void pins_nest(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 3);
  for (int i = 0; i < 3; i++)
    gc_pin(m, object);
  for (int i = 0; i < 2; i++) {
    move_everything(m);
    gc_unpin(m, object);
    assert_ptr_equal(gc_root_get(&f.object), object);
  }
  move_everything(m);
  assert_ptr_equal(gc_root_get(&f.object), object);
  gc_unpin(m, object);
  gc_pin(m, object);
  move_everything(m);
  assert_ptr_equal(gc_root_get(&f.object), object);
  gc_unpin(m, object);
  move_everything(m);
  assert_int_equal(test_id(gc_root_get(&f.object)), 3);
}

/* Others move around a pinned object, whose slots lead to them. */
static void a_pinned_object_keeps_what_it_holds(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(3);
  GC_FRAME(m, f, pinned, other, weak);
  gc_ref pinned = test_make(m, &f.pinned, test_node, 0);
  gc_pin(m, pinned);
  for (uint64_t i = 0; i < 3; i++) {
    test_make(m, &f.other, test_mortal, i);
    gc_set(m, pinned, 1, gc_root_get(&f.other));
    gc_set_move(m, gc_root_get(&f.other), 0, &f.pinned);
    gc_root_move(m, &f.pinned, &f.other);
    move_everything(m);
    assert_ptr_equal(gc_get(gc_root_get(&f.pinned), 0), pinned);
    assert_int_equal(test_id(gc_get(pinned, 1)), i);
    assert_ptr_equal(gc_get(pinned, 1), gc_root_get(&f.pinned));
    gc_root_set(m, &f.pinned, pinned);
    gc_set(m, gc_get(pinned, 1), 0, NULL);
  }
  gc_weak_new(m, &f.weak, pinned);
  move_everything(m);
  assert_ptr_equal(gc_weak_get(m, &f.other, gc_root_get(&f.weak)), pinned);
  gc_root_clear(m, &f.other);
  test_expect_whole(m);
  gc_unpin(m, pinned);
  move_everything(m);
  assert_int_equal(test_id(gc_get(gc_root_get(&f.pinned), 1)), 2);
  gc_root_clear(m, &f.pinned);
  test_collect(m);
  if (gc_collector.reclaims_cycles || !gc_collector.counts)
    assert_deaths(3);
}

/* A pin keeps nothing alive, and an object that dies takes its pins along. */
static void a_pinned_object_dies(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 200 };
  test_deaths_begin(COUNT);
  for (uint64_t i = 0; i < COUNT; i++) {
    GC_FRAME(m, f, object);
    gc_pin(m, test_make(m, &f.object, test_mortal, i));
    if (i % 16 == 0)
      gc_collect(m, GC_FULL);
  }
  test_settle(m);
  assert_deaths(COUNT);
  move_everything(m);
  test_expect_whole(m);
}

/* Weak references, ephemerons, objects with finalizers and immortal ones. */
static void objects_of_every_kind_stay(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, mortal, weak, ephemeron, immortal, out);
  gc_ref mortal = test_make(m, &f.mortal, test_mortal, 0);
  gc_pin(m, mortal);
  gc_ref weak = gc_weak_new(m, &f.weak, mortal);
  gc_pin(m, weak);
  gc_ref ephemeron = gc_ephemeron_new(m, &f.ephemeron, mortal, weak);
  gc_pin(m, ephemeron);
  gc_ref immortal = test_make(m, &f.immortal, test_leaf, 9);
  gc_immortalize(m, immortal);
  gc_pin(m, immortal);
  gc_root_clear(m, &f.immortal);
  move_everything(m);
  assert_ptr_equal(gc_root_get(&f.mortal), mortal);
  assert_ptr_equal(gc_weak_get(m, &f.out, weak), mortal);
  assert_ptr_equal(gc_ephemeron_get(m, &f.out, ephemeron), weak);
  assert_int_equal(test_id(immortal), 9);
  gc_root_clear(m, &f.mortal);
  gc_root_clear(m, &f.out);
  test_collect(m);
  assert_deaths(1);
  if (test_finds_garbage()) {
    assert_null(gc_weak_get(m, &f.out, weak));
    assert_null(gc_ephemeron_get(m, &f.out, ephemeron));
  }
  gc_unpin(m, weak);
  gc_unpin(m, ephemeron);
  gc_unpin(m, immortal);
}

static void without_a_pin_it_does_no_harm(void **state) {
  gc_mutator *m = *state;
  if (gc_collector.moves || GC_ASSERT_LEVEL >= 2)
    skip(); /* it stops the program: misuse.c */
  GC_FRAME(m, f, object);
  gc_unpin(m, test_make(m, &f.object, test_leaf, 4));
  move_everything(m);
  assert_int_equal(test_id(gc_root_get(&f.object)), 4);
}

/* Each thread pins objects of its own and one that all share, for as long as
   a foreign call would take. */
static void pin_and_check(struct test_thread *self) {
  enum { OBJECTS = 8 };
  gc_mutator *m = self->m;
  gc_root *shared = self->shared;
  gc_ref pinned[OBJECTS] = {NULL};
  GC_FRAME(m, f, object[OBJECTS], garbage);
  for (uint64_t i = 0; i < test_scaled(4000); i++) {
    size_t at = workload_random_below(&self->random, OBJECTS);
    if (pinned[at] != NULL) {
      CHECK(gc_root_get(&f.object[at]) == pinned[at]);
      CHECK(test_id(pinned[at]) == at);
      gc_unpin(m, pinned[at]);
      pinned[at] = NULL;
    } else {
      gc_ref fresh = test_make(m, &f.object[at], test_node, at);
      gc_set(m, fresh, 0, gc_root_get(&f.object[(at + 1) % OBJECTS]));
      gc_pin(m, fresh);
      pinned[at] = fresh;
    }
    gc_ref common = gc_root_get(shared);
    gc_pin(m, common);
    test_make(m, &f.garbage, test_node, i);
    if (i % 64 == 0)
      gc_collect(m, GC_FULL);
    CHECK(gc_root_get(shared) == common && test_id(common) == 77);
    gc_unpin(m, common);
  }
  for (size_t i = 0; i < OBJECTS; i++)
    if (pinned[i] != NULL)
      gc_unpin(m, pinned[i]);
}

static void threads_pin(void **state) {
  gc_mutator *m = *state;
  gc_root shared = {NULL};
  gc_global_add(m->heap, &shared);
  {
    GC_FRAME(m, f, object);
    test_make(m, &f.object, test_leaf, 77);
    gc_global_set(m, &shared, gc_root_get(&f.object));
  }
  test_threads_run(m, 1, pin_and_check, &shared);
  test_threads_run(m, THREADS, pin_and_check, &shared);
  gc_global_remove(m, &shared);
}

/* So many moves that a small region of addresses is used up several times. */
static void a_pinned_object_stays_for_long(void **state) {
  (void)state;
  gc_mutator *m = test_open_tuned(0, "shrink=1");
  {
    GC_FRAME(m, f, pinned[20], large);
    gc_ref pinned[20];
    for (size_t i = 0; i < 20; i++) {
      pinned[i] = test_make(m, &f.pinned[i], test_node, i);
      gc_pin(m, pinned[i]);
      for (int k = 0; k < (gc_collector.moves ? 12 : 1); k++)
        gc_new_array(m, &f.large, test_blob, 2 << 20);
    }
    for (uint64_t i = 0; i < 100; i++) {
      gc_new_array(m, &f.large, test_blob, 2 << 20);
      gc_collect(m, GC_FULL);
      size_t at = i % 20;
      assert_ptr_equal(gc_root_get(&f.pinned[at]), pinned[at]);
      assert_int_equal(test_id(pinned[at]), at);
      gc_unpin(m, pinned[at]);
      gc_safepoint(m);
      pinned[at] = gc_root_get(&f.pinned[at]);
      gc_pin(m, pinned[at]);
    }
    for (size_t i = 0; i < 20; i++)
      gc_unpin(m, pinned[i]);
  }
  test_close(m);
}

int conformance_pins(void) {
  const struct CMUnitTest tests[] = {
      heap_test(a_pinned_object_stays),
      heap_test(pins_nest),
      heap_test(a_pinned_object_keeps_what_it_holds),
      heap_test(a_pinned_object_dies),
      heap_test(objects_of_every_kind_stay),
      heap_test(without_a_pin_it_does_no_harm),
      heap_test(threads_pin),
      cmocka_unit_test(a_pinned_object_stays_for_long),
  };
  return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
