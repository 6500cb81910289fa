/* SPDX-License-Identifier: MIT */
/* Weak references do not keep their target alive. They return it in a root
   while it lives, and NULL after that. */
#include "tests/conformance/conformance.h"

/* Asserts that the target is dead if the card promises it, and alive if the
   collector never frees. */
static void assert_cleared(gc_mutator *m, gc_ref weak) {
  GC_FRAME(m, f, target);
  gc_ref target = gc_weak_get(m, &f.target, weak);
  assert_ptr_equal(gc_root_get(&f.target), target);
  if (test_finds_garbage())
    assert_null(target);
  else if (!gc_collector.reclaims)
    assert_non_null(target);
}

static void assert_target(gc_mutator *m, gc_ref weak, uint64_t id) {
  GC_FRAME(m, f, target);
  gc_ref target = gc_weak_get(m, &f.target, weak);
  assert_non_null(target);
  assert_ptr_equal(gc_root_get(&f.target), target);
  assert_int_equal(test_id(target), id);
}

static void gives_the_target_while_it_lives(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, test_leaf, 1);
  gc_ref weak = gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  assert_non_null(weak);
  assert_ptr_equal(weak, gc_root_get(&f.weak));
  for (int i = 0; i < 3; i++) {
    assert_target(m, gc_root_get(&f.weak), 1);
    test_settle(m);
  }
}

static void is_cleared_when_the_target_dies(void **state) {
  gc_mutator *m = *state;
  const gc_type types[] = {test_leaf, test_node, test_mortal};
  for (int i = 0; i < 3; i++) {
    GC_FRAME(m, f, object, weak);
    test_deaths_begin(1);
    test_make(m, &f.object, types[i], 0);
    gc_weak_new(m, &f.weak, gc_root_get(&f.object));
    gc_root_clear(m, &f.object);
    test_settle(m);
    assert_cleared(m, gc_root_get(&f.weak));
    test_settle(m);
    assert_cleared(m, gc_root_get(&f.weak));
  }
}

static void arrays_can_be_targets(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, array, weak);
  gc_new_array(m, &f.array, test_refs, 1000);
  gc_weak_new(m, &f.weak, gc_root_get(&f.array));
  test_settle(m);
  gc_ref target = gc_weak_get(m, &f.array, gc_root_get(&f.weak));
  assert_int_equal(gc_length(target), 1000);
  gc_root_clear(m, &f.array);
  test_settle(m);
  assert_cleared(m, gc_root_get(&f.weak));
}

/* The root that gc_weak_get sets keeps the target alive. */
static void the_target_is_rooted(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, object, weak, again);
  test_make(m, &f.object, test_mortal, 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_weak_get(m, &f.again, gc_root_get(&f.weak));
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&f.again)), 0);
  assert_target(m, gc_root_get(&f.weak), 0);
  gc_root_clear(m, &f.again);
  test_settle(m);
  assert_deaths(1);
  assert_cleared(m, gc_root_get(&f.weak));
}

/* gc_weak_get overwrites a root; the old object dies. */
static void reading_overwrites_the_root(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(3);
  GC_FRAME(m, f, object, weak, out);
  test_make(m, &f.object, test_mortal, 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  test_make(m, &f.out, test_mortal, 1);
  gc_weak_get(m, &f.out, gc_root_get(&f.weak));
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_deaths(1);
  gc_weak_get(m, &f.out, gc_root_get(&f.weak));
  assert_int_equal(test_id(gc_root_get(&f.out)), 0);
  test_make(m, &f.out, test_mortal, 2);
  test_settle(m);
  assert_cleared(m, gc_root_get(&f.weak));
  gc_ref target = gc_weak_get(m, &f.out, gc_root_get(&f.weak));
  assert_ptr_equal(gc_root_get(&f.out), target);
  test_settle(m);
  assert_deaths(3);
}

static void the_reference_dies_first(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, test_mortal, 0);
  for (int i = 0; i < 10; i++)
    gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_root_clear(m, &f.weak);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&f.object)), 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  assert_target(m, gc_root_get(&f.weak), 0);
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_deaths(1);
  assert_cleared(m, gc_root_get(&f.weak));
}

static void both_die_together(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, test_mortal, 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_set(m, gc_root_get(&f.object), 0, gc_root_get(&f.weak));
  gc_root_clear(m, &f.weak);
  test_settle(m);
  assert_target(m, gc_get(gc_root_get(&f.object), 0), 0);
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_deaths(1);
}

static void many_references_to_one_target(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 100 };
  GC_FRAME(m, f, object, weak[COUNT]);
  test_make(m, &f.object, test_leaf, 9);
  for (int i = 0; i < COUNT; i++)
    gc_weak_new(m, &f.weak[i], gc_root_get(&f.object));
  for (int i = 0; i < COUNT; i++) {
    assert_target(m, gc_root_get(&f.weak[i]), 9);
    if (i % 2 == 0)
      gc_root_clear(m, &f.weak[i]);
  }
  test_settle(m);
  gc_root_clear(m, &f.object);
  test_settle(m);
  for (int i = 1; i < COUNT; i += 2)
    assert_cleared(m, gc_root_get(&f.weak[i]));
}

static void a_reference_to_a_reference(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object, inner, outer, out);
  test_make(m, &f.object, test_leaf, 3);
  gc_weak_new(m, &f.inner, gc_root_get(&f.object));
  gc_weak_new(m, &f.outer, gc_root_get(&f.inner));
  gc_ref inner = gc_weak_get(m, &f.out, gc_root_get(&f.outer));
  assert_ptr_equal(inner, gc_root_get(&f.inner));
  assert_target(m, inner, 3);
  gc_root_clear(m, &f.object);
  gc_root_clear(m, &f.out);
  test_settle(m);
  assert_cleared(m, gc_root_get(&f.inner));
  assert_ptr_equal(gc_weak_get(m, &f.out, gc_root_get(&f.outer)),
                   gc_root_get(&f.inner));
  gc_root_clear(m, &f.out);
  gc_root_clear(m, &f.inner);
  test_settle(m);
  assert_cleared(m, gc_root_get(&f.outer));
}

/* Slots hold weak references like other objects, but not their targets. */
static void slots_hold_references(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 200 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, weaks, objects, spare);
  gc_new_array(m, &f.weaks, test_refs, COUNT);
  gc_new_array(m, &f.objects, test_refs, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    test_make(m, &f.spare, test_mortal, i);
    gc_set(m, gc_root_get(&f.objects), i, gc_root_get(&f.spare));
    gc_weak_new(m, &f.spare, gc_root_get(&f.spare));
    gc_set_move(m, gc_root_get(&f.weaks), i, &f.spare);
  }
  for (size_t i = 0; i < COUNT; i += 2)
    gc_set(m, gc_root_get(&f.objects), i, NULL);
  test_settle(m);
  assert_deaths(COUNT / 2);
  for (size_t i = 0; i < COUNT; i += 2) {
    assert_cleared(m, gc_get(gc_root_get(&f.weaks), i));
    assert_target(m, gc_get(gc_root_get(&f.weaks), i + 1), i + 1);
  }
}

/* gc_weak_new is a safepoint, so it must keep its target alive. */
static void a_raw_reference_can_be_the_target(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, holder, weak, target);
  for (int i = 0; i < 100; i++) {
    test_make(m, &f.holder, test_node, 0);
    test_make(m, &f.target, test_leaf, 8);
    gc_ref holder = gc_root_get(&f.holder);
    gc_set_move(m, holder, 0, &f.target);
    gc_ref raw = gc_get(holder, 0);
    gc_set(m, holder, 0, NULL);
    assert_non_null(gc_weak_new(m, &f.weak, raw));
    gc_ref target = gc_weak_get(m, &f.target, gc_root_get(&f.weak));
    if (target != NULL)
      assert_int_equal(test_id(target), 8);
  }
}

/* The overwritten root may be the only one that holds the target: w = weak(w).
 */
static void making_one_overwrites_the_root(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_mortal, 0);
  assert_non_null(gc_weak_new(m, &f.object, gc_root_get(&f.object)));
  test_settle(m);
  assert_deaths(1);
  assert_cleared(m, gc_root_get(&f.object));
}

int conformance_weak(void) {
  const struct CMUnitTest tests[] = {
      heap_test(gives_the_target_while_it_lives),
      heap_test(is_cleared_when_the_target_dies),
      heap_test(arrays_can_be_targets),
      heap_test(the_target_is_rooted),
      heap_test(reading_overwrites_the_root),
      heap_test(the_reference_dies_first),
      heap_test(both_die_together),
      heap_test(many_references_to_one_target),
      heap_test(a_reference_to_a_reference),
      heap_test(slots_hold_references),
      heap_test(a_raw_reference_can_be_the_target),
      heap_test(making_one_overwrites_the_root),
  };
  return cmocka_run_group_tests_name("weak", tests, NULL, NULL);
}
