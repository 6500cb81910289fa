/* SPDX-License-Identifier: MIT */
/* gc_refcount (0 if the collector does not count), and immortal objects. */
#include "tests/conformance/conformance.h"

#define assert_count(object, n)                                                \
  assert_int_equal(gc_refcount(object), gc_collector.counts ? (n) : 0)

static void roots_and_slots_count(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object, copy, holder);
  assert_count(test_make(m, &f.object, test_node, 0), 1);
  test_make(m, &f.holder, test_node, 0);
  gc_root_set(m, &f.copy, gc_root_get(&f.object));
  assert_count(gc_root_get(&f.object), 2);
  gc_set(m, gc_root_get(&f.holder), 0, gc_root_get(&f.object));
  gc_set(m, gc_root_get(&f.holder), 1, gc_root_get(&f.object));
  assert_count(gc_root_get(&f.object), 4);
  gc_root_clear(m, &f.copy);
  gc_set(m, gc_root_get(&f.holder), 0, NULL);
  gc_safepoint(m);
  assert_count(gc_root_get(&f.object), 2);
  gc_root_clear(m, &f.holder);
  gc_safepoint(m);
  assert_count(gc_root_get(&f.object), 1);
}

static void moving_leaves_the_count(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, a, b, holder);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.a, test_node, 0);
  gc_root_move(m, &f.b, &f.a);
  assert_count(gc_root_get(&f.b), 1);
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.b);
  assert_count(gc_get(gc_root_get(&f.holder), 0), 1);
  gc_safepoint(m);
  assert_count(gc_get(gc_root_get(&f.holder), 0), 1);
}

static void globals_count(void **state) {
  gc_mutator *m = *state;
  gc_root global = {NULL};
  GC_FRAME(m, f, object);
  gc_global_add(m->heap, &global);
  test_make(m, &f.object, test_node, 0);
  gc_global_set(m, &global, gc_root_get(&f.object));
  assert_count(gc_root_get(&f.object), 2);
  gc_global_remove(m, &global);
  gc_safepoint(m);
  assert_count(gc_root_get(&f.object), 1);
}

static void cas_counts_when_it_stores(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object, holder);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.object, test_node, 0);
  gc_ref object = gc_root_get(&f.object), holder = gc_root_get(&f.holder);
  assert_false(gc_cas(m, holder, 0, object, object));
  assert_count(object, 1);
  assert_true(gc_cas(m, holder, 0, NULL, object));
  assert_count(object, 2);
  assert_true(gc_cas(m, holder, 0, object, object));
  gc_safepoint(m);
  assert_count(gc_root_get(&f.object), 2);
  holder = gc_root_get(&f.holder);
  assert_true(gc_cas(m, holder, 0, gc_get(holder, 0), NULL));
  gc_safepoint(m);
  assert_count(gc_root_get(&f.object), 1);
}

static void weak_references_do_not_count(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object, weak, target);
  test_make(m, &f.object, test_node, 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  assert_count(gc_root_get(&f.object), 1);
  gc_weak_get(m, &f.target, gc_root_get(&f.weak));
  assert_count(gc_root_get(&f.object), 2);
  assert_count(gc_root_get(&f.weak), 1);
}

/* A root and a slot are set to their own values; an object refers to itself. */
static void nothing_is_counted_twice(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_ref object = gc_root_get(&f.object);
  gc_set(m, object, 0, object);
  for (int i = 0; i < 3; i++) {
    gc_set(m, object, 0, gc_get(object, 0));
    gc_root_set(m, &f.object, object);
  }
  gc_safepoint(m);
  assert_count(gc_root_get(&f.object), 2);
  gc_set(m, gc_root_get(&f.object), 0, NULL);
  gc_safepoint(m);
  assert_count(gc_root_get(&f.object), 1);
}

/* --- immortality ---------------------------------------------------------- */

static void an_immortal_object_lives(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, object, child, weak);
  test_make(m, &f.object, test_mortal, 0);
  test_make(m, &f.child, test_mortal, 1);
  gc_set_move(m, gc_root_get(&f.object), 0, &f.child);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_immortalize(m, gc_root_get(&f.object));
  gc_root_clear(m, &f.object);
  for (int i = 0; i < 3; i++) {
    test_settle(m);
    test_collect(m);
  }
  assert_int_equal(test_deaths(), 0);
  gc_ref object = gc_weak_get(m, &f.object, gc_root_get(&f.weak));
  assert_non_null(object);
  assert_int_equal(test_id(object), 0);
  assert_int_equal(test_id(gc_get(object, 0)), 1);
}

static void an_immortal_object_is_not_counted(void **state) {
  gc_mutator *m = *state;
  enum { COPIES = 100 };
  GC_FRAME(m, f, object, copy[COPIES], holder);
  test_make(m, &f.object, test_node, 3);
  gc_immortalize(m, gc_root_get(&f.object));
  gc_immortalize(m, gc_root_get(&f.object));
  size_t count = gc_refcount(gc_root_get(&f.object));
  for (int i = 0; i < COPIES; i++)
    gc_root_set(m, &f.copy[i], gc_root_get(&f.object));
  assert_int_equal(gc_refcount(gc_root_get(&f.object)), count);
  for (int i = 0; i < COPIES; i++)
    gc_root_clear(m, &f.copy[i]);
  gc_safepoint(m);
  assert_int_equal(gc_refcount(gc_root_get(&f.object)), count);
  assert_int_equal(test_id(gc_root_get(&f.object)), 3);
}

static size_t held_after_immortalizing(gc_mutator *m, gc_ref object,
                                       size_t times) {
  for (size_t i = 0; i < times; i++)
    gc_immortalize(m, object);
  return test_held(m->heap);
}

/* The second time changes nothing, however old the object is. */
static void an_object_becomes_immortal_once(void **state) {
  enum { AGES = 4, TIMES = 100000 };
  gc_mutator *m = *state;
  GC_FRAME(m, f, small, large);
  test_make(m, &f.small, test_node, 3);
  assert_non_null(gc_new_array(m, &f.large, test_refs, 10000));
  gc_immortalize(m, gc_root_get(&f.small));
  gc_immortalize(m, gc_root_get(&f.large));
  for (int age = 0; age < AGES; age++) {
    size_t held = test_held(m->heap);
    assert_int_equal(held_after_immortalizing(m, gc_root_get(&f.small), TIMES),
                     held);
    assert_int_equal(held_after_immortalizing(m, gc_root_get(&f.large), TIMES),
                     held);
    gc_collect(m, age);
  }
  assert_int_equal(test_id(gc_root_get(&f.small)), 3);
}

/* Making an object immortal cannot fail, and so may exceed the limit. */
static void a_full_heap_takes_immortal_objects(void **state) {
  enum { HEAP = 1 << 20, KEPT = 1000 };
  (void)state;
  gc_mutator *m = test_open_tuned(HEAP, NULL);
  {
    GC_FRAME(m, f, list, node, weak);
    assert_non_null(test_make(m, &f.list, test_node, 0));
    assert_non_null(gc_weak_new(m, &f.weak, gc_root_get(&f.list)));
    while (gc_new(m, &f.node, test_node) != NULL) {
      gc_set_move(m, gc_root_get(&f.node), 0, &f.list);
      gc_root_move(m, &f.list, &f.node);
    }
    gc_ref node = gc_root_get(&f.list);
    for (int i = 0; i < KEPT; i++, node = gc_get(node, 0))
      gc_immortalize(m, node);
    gc_root_clear(m, &f.list);
    gc_collect(m, GC_FULL);
    gc_ref first = gc_weak_get(m, &f.node, gc_root_get(&f.weak));
    assert_non_null(first);
    assert_int_equal(test_id(first), 0);
  }
  test_close(m);
}

enum { RACED = 1000 };

static void immortalize_all(struct test_thread *self) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, table);
  gc_root_set(m, &f.table, gc_root_get(self->shared));
  test_meet(self);
  for (size_t i = 0; i < RACED; i++)
    gc_immortalize(m, gc_get(gc_root_get(&f.table), i));
}

static void on_ended(void *leaked, size_t bytes) {
  *(size_t *)leaked = bytes;
}

/* Several threads make the same objects immortal. None may be counted twice:
   then the number of leaked bytes would be wrong. */
static void threads_make_immortals_at_once(void **state) {
  (void)state;
  size_t leaked = 1;
  struct gc_listener listener = {.data = &leaked, .ended = on_ended};
  gc_root global = {NULL};
  gc_mutator *m = test_open(0);
  gc_listen(m->heap, &listener);
  gc_global_add(m->heap, &global);
  {
    GC_FRAME(m, f, table, object);
    assert_non_null(gc_new_array(m, &f.table, test_refs, RACED));
    for (size_t i = 0; i < RACED; i++) {
      test_make(m, &f.object, test_node, i);
      gc_set_move(m, gc_root_get(&f.table), i, &f.object);
    }
    gc_global_set(m, &global, gc_root_get(&f.table));
  }
  test_threads_run(m, 4, immortalize_all, &global);
  gc_global_remove(m, &global);
  test_close(m);
  assert_int_equal(leaked, 0);
}

/* Its slots can still be changed, and the old values die. */
static void an_immortal_object_works(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(10);
  GC_FRAME(m, f, object, child);
  test_make(m, &f.object, test_node, 0);
  gc_immortalize(m, gc_root_get(&f.object));
  for (size_t i = 0; i < 10; i++) {
    test_make(m, &f.child, test_mortal, i);
    gc_set_move(m, gc_root_get(&f.object), 0, &f.child);
    test_settle(m);
    assert_deaths(i);
  }
  assert_int_equal(test_id(gc_get(gc_root_get(&f.object), 0)), 9);
}

/* At the end of the heap, finalizers of immortal objects run. */
static void the_end_finalizes_immortals(void **state) {
  (void)state;
  test_deaths_begin(3);
  gc_mutator *m = test_open(0);
  for (size_t i = 0; i < 3; i++) {
    GC_FRAME(m, f, object);
    test_make(m, &f.object, test_mortal, i);
    gc_immortalize(m, gc_root_get(&f.object));
  }
  test_close(m);
  assert_int_equal(test_deaths(), 3);
}

int conformance_counts(void) {
  const struct CMUnitTest tests[] = {
      heap_test(roots_and_slots_count),
      heap_test(moving_leaves_the_count),
      heap_test(globals_count),
      heap_test(cas_counts_when_it_stores),
      heap_test(weak_references_do_not_count),
      heap_test(nothing_is_counted_twice),
      heap_test(an_immortal_object_lives),
      heap_test(an_immortal_object_is_not_counted),
      heap_test(an_immortal_object_works),
      heap_test(an_object_becomes_immortal_once),
      cmocka_unit_test(a_full_heap_takes_immortal_objects),
      cmocka_unit_test(threads_make_immortals_at_once),
      cmocka_unit_test(the_end_finalizes_immortals),
  };
  return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
