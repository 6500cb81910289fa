/* SPDX-License-Identifier: MIT */
/* gc_collect: the garbage it finds, its result, and generations. */
#include "tests/conformance/conformance.h"

static void nothing_to_find(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 1);
  test_collect(m);
  assert_int_equal(gc_collect(m, GC_FULL), 0);
  assert_int_equal(gc_collect(m, 0), 0);
  assert_int_equal(test_id(gc_root_get(&f.object)), 1);
}

/* Objects are dropped from slots and from roots. A prompt collector has freed
   them already, so it finds none. */
static void finds_what_was_dropped(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 100 };
  GC_FRAME(m, f, array, spare);
  gc_new_array(m, &f.array, test_refs, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    test_make(m, &f.spare, test_node, i);
    gc_set_move(m, gc_root_get(&f.array), i, &f.spare);
  }
  test_collect(m);
  for (size_t i = 0; i < COUNT; i++)
    gc_set(m, gc_root_get(&f.array), i, NULL);
  size_t found = gc_collect(m, GC_FULL);
  assert_in_range(found, gc_collector.prompt ? 0 : test_least_dead(COUNT),
                  test_most_dead(COUNT));
  assert_int_equal(gc_collect(m, GC_FULL), 0);
}

static void finalizers_run_before_it_returns(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, object, holder);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.object, test_mortal, 0);
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.object);
  test_make(m, &f.object, test_mortal, 1);
  gc_root_clear(m, &f.object);
  gc_set(m, gc_root_get(&f.holder), 0, NULL);
  gc_collect(m, GC_FULL);
  assert_deaths(2);
}

static void every_generation_can_be_asked_for(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 6);
  for (int generation = 0; generation < 10; generation++)
    gc_collect(m, generation);
  gc_collect(m, GC_FULL - 1);
  assert_int_equal(test_id(gc_root_get(&f.object)), 6);
}

static void survivors_grow_old(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  int oldest = gc_collector.promotes ? (int)gc_collector.generations - 1 : 0;
  assert_true(oldest >= 0);
  assert_int_equal(gc_generation_of(test_make(m, &f.object, test_node, 0)), 0);
  for (int generation = 0; generation <= oldest; generation++) {
    assert_int_equal(gc_generation_of(gc_root_get(&f.object)), generation);
    gc_collect(m, generation);
  }
  assert_int_equal(gc_generation_of(gc_root_get(&f.object)), oldest);
  gc_collect(m, GC_FULL);
  assert_int_equal(gc_generation_of(gc_root_get(&f.object)), oldest);
}

/* Collecting young generations does not find old garbage, and an old holder
   keeps the objects that are stored in it later. */
static void old_holders_keep_young_objects(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 300 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, holders, spare);
  gc_new_array(m, &f.holders, test_refs, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    test_make(m, &f.spare, test_node, i);
    gc_set_move(m, gc_root_get(&f.holders), i, &f.spare);
  }
  test_collect(m);
  test_collect(m);
  for (size_t i = 0; i < COUNT; i++) {
    test_make(m, &f.spare, test_mortal, i);
    gc_set_move(m, gc_get(gc_root_get(&f.holders), i), 1, &f.spare);
    if (i % 50 == 0)
      gc_collect(m, 0);
  }
  for (int generation = 0; generation < 3; generation++) {
    gc_collect(m, generation);
    assert_int_equal(test_deaths(), 0);
    for (size_t i = 0; i < COUNT; i++)
      assert_int_equal(test_id(gc_get(gc_get(gc_root_get(&f.holders), i), 1)),
                       i);
  }
  gc_root_clear(m, &f.holders);
  test_settle(m);
  assert_deaths(COUNT);
}

static void a_heap_verifies_at_any_time(void **state) {
  gc_mutator *m = *state;
  assert_int_equal(gc_verify(m), 0);
  GC_FRAME(m, f, array, spare, weak);
  gc_new_array(m, &f.array, test_refs, 1000);
  for (size_t i = 0; i < 1000; i++) {
    test_make(m, &f.spare, test_node, i);
    gc_set(m, gc_root_get(&f.array), i, gc_root_get(&f.spare));
    gc_set(m, gc_root_get(&f.array), i / 2, gc_root_get(&f.spare));
    gc_set(m, gc_root_get(&f.spare), 0, gc_root_get(&f.array));
    if (i % 100 == 50) {
      gc_weak_new(m, &f.weak, gc_root_get(&f.spare));
      assert_int_equal(gc_verify(m), 0);
    }
  }
  gc_collect(m, 0);
  assert_int_equal(gc_verify(m), 0);
  for (size_t i = 0; i < 1000; i += 3)
    gc_set(m, gc_root_get(&f.array), i, NULL);
  assert_int_equal(gc_verify(m), 0);
  gc_root_clear(m, &f.array);
  assert_int_equal(gc_verify(m), 0);
}

static void deep_structures_are_no_danger(void **state) {
  gc_mutator *m = *state;
  size_t count = test_scaled(1000000);
  GC_FRAME(m, f, list, node);
  for (size_t i = 0; i < count; i++) {
    gc_ref node = test_make(m, &f.node, test_node, i);
    gc_set_move(m, node, i % 2, &f.list);
    gc_root_move(m, &f.list, &f.node);
  }
  gc_collect(m, GC_FULL);
  size_t seen = 0;
  for (gc_ref at = gc_root_get(&f.list); at; seen++)
    at = gc_get(at, test_id(at) % 2);
  assert_int_equal(seen, count);
}

enum { ROUND_SLOTS = 500 };

/* Objects that live for two rounds; each round collects the youngest. */
static void rounds_make(gc_mutator *m, size_t rounds) {
  GC_FRAME(m, f, older, newer);
  for (size_t i = 0; i < rounds; i++) {
    gc_root_move(m, &f.older, &f.newer);
    assert_non_null(gc_new_array(m, &f.newer, test_refs, ROUND_SLOTS));
    gc_collect(m, 0);
  }
}

/* The peak is the same after ten times as many rounds, apart from memory that
   the collector keeps for its work. */
static void collecting_the_young_alone_is_bounded(void **state) {
  gc_mutator *m = *state;
  if (!gc_collector.reclaims)
    skip();
  enum { ROUNDS = 3000, MANY = 10 * ROUNDS, SLACK = 8 << 20 };
  struct gc_memory_figures before, after;
  rounds_make(m, test_scaled(ROUNDS));
  gc_memory_figures(m->heap, &before);
  rounds_make(m, test_scaled(MANY));
  gc_memory_figures(m->heap, &after);
  assert_true(after.held_peak <= before.held_peak + SLACK);
}

int conformance_collect(void) {
  const struct CMUnitTest tests[] = {
      heap_test(nothing_to_find),
      heap_test(finds_what_was_dropped),
      heap_test(finalizers_run_before_it_returns),
      heap_test(every_generation_can_be_asked_for),
      heap_test(survivors_grow_old),
      heap_test(old_holders_keep_young_objects),
      heap_test(a_heap_verifies_at_any_time),
      heap_test(deep_structures_are_no_danger),
      heap_test(collecting_the_young_alone_is_bounded),
  };
  return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
