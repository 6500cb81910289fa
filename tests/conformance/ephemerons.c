/* SPDX-License-Identifier: MIT */
/* An ephemeron keeps its value alive as long as its key lives, and no longer,
   even if the value leads to the key. */
#include "tests/conformance/conformance.h"

/* Makes an ephemeron with a mortal value. Keeps neither key nor value. */
static void make_with(gc_mutator *m, gc_root *out, gc_ref key, uint64_t id) {
  GC_FRAME(m, f, key, value);
  gc_root_set(m, &f.key, key);
  assert_non_null(test_make(m, &f.value, test_mortal, id));
  gc_ref ephemeron =
      gc_ephemeron_new(m, out, gc_root_get(&f.key), gc_root_get(&f.value));
  assert_non_null(ephemeron);
  assert_ptr_equal(ephemeron, gc_root_get(out));
}

static void assert_value(gc_mutator *m, const gc_root *ephemeron, uint64_t id) {
  GC_FRAME(m, f, value);
  gc_ref value = gc_ephemeron_get(m, &f.value, gc_root_get(ephemeron));
  assert_non_null(value);
  assert_ptr_equal(gc_root_get(&f.value), value);
  assert_int_equal(test_id(value), id);
}

/* Asserts that the ephemeron is cleared if the card promises it. */
static void assert_cleared(gc_mutator *m, const gc_root *ephemeron) {
  GC_FRAME(m, f, out);
  gc_ref key = gc_weak_get(m, &f.out, gc_root_get(ephemeron));
  gc_ref value = gc_ephemeron_get(m, &f.out, gc_root_get(ephemeron));
  assert_ptr_equal(gc_root_get(&f.out), value);
  assert_true((key == NULL) == (value == NULL));
  if (test_finds_garbage())
    assert_null(value);
  else if (!gc_collector.reclaims)
    assert_non_null(value);
}

static void gives_key_and_value_while_the_key_lives(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, key, ephemeron, out);
  test_make(m, &f.key, test_leaf, 7);
  make_with(m, &f.ephemeron, gc_root_get(&f.key), 0);
  for (int i = 0; i < 5; i++) {
    assert_value(m, &f.ephemeron, 0);
    gc_ref key = gc_weak_get(m, &f.out, gc_root_get(&f.ephemeron));
    assert_ptr_equal(key, gc_root_get(&f.key));
    gc_root_clear(m, &f.out);
    test_settle(m);
  }
  assert_int_equal(test_deaths(), 0);
}

static void is_cleared_when_the_key_dies(void **state) {
  gc_mutator *m = *state;
  const gc_type types[] = {test_leaf, test_node, test_mortal};
  for (int i = 0; i < 3; i++) {
    test_deaths_begin(2);
    GC_FRAME(m, f, key, ephemeron);
    test_make(m, &f.key, types[i], 1);
    make_with(m, &f.ephemeron, gc_root_get(&f.key), 0);
    test_settle(m);
    gc_root_clear(m, &f.key);
    test_collect(m);
    assert_cleared(m, &f.ephemeron);
    assert_deaths(types[i] == test_mortal ? 2 : 1);
    test_collect(m);
    assert_cleared(m, &f.ephemeron);
  }
}

static void the_ephemeron_dies_first(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(11);
  GC_FRAME(m, f, key, ephemeron);
  test_make(m, &f.key, test_mortal, 10);
  for (uint64_t i = 0; i < 10; i++)
    make_with(m, &f.ephemeron, gc_root_get(&f.key), i);
  test_collect(m);
  assert_value(m, &f.ephemeron, 9);
  assert_in_range(test_deaths(), test_least_dead(9), 9);
  gc_root_clear(m, &f.ephemeron);
  test_collect(m);
  assert_in_range(test_deaths(), test_least_dead(10), test_most_dead(10));
  assert_int_equal(test_id(gc_root_get(&f.key)), 10);
  make_with(m, &f.ephemeron, gc_root_get(&f.key), 9);
}

static void the_value_is_rooted(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, key, ephemeron, value);
  test_make(m, &f.key, test_leaf, 1);
  make_with(m, &f.ephemeron, gc_root_get(&f.key), 0);
  gc_ephemeron_get(m, &f.value, gc_root_get(&f.ephemeron));
  gc_root_clear(m, &f.key);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&f.value)), 0);
  gc_root_clear(m, &f.value);
  test_collect(m);
  assert_deaths(1);
  assert_cleared(m, &f.ephemeron);
}

static void many_ephemerons_of_one_key(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 100 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, key, ephemeron[COUNT]);
  test_make(m, &f.key, test_node, 0);
  for (uint64_t i = 0; i < COUNT; i++)
    make_with(m, &f.ephemeron[i], gc_root_get(&f.key), i);
  for (uint64_t i = 0; i < COUNT; i += 2)
    gc_root_clear(m, &f.ephemeron[i]);
  test_collect(m);
  assert_deaths(COUNT / 2);
  for (uint64_t i = 1; i < COUNT; i += 2)
    assert_value(m, &f.ephemeron[i], i);
  gc_root_clear(m, &f.key);
  test_collect(m);
  assert_deaths(COUNT);
  for (uint64_t i = 1; i < COUNT; i += 2)
    assert_cleared(m, &f.ephemeron[i]);
}

/* The key holds the ephemeron, which is no cycle: nothing leads to the key. */
static void the_key_holds_the_ephemeron(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, key, ephemeron);
  test_make(m, &f.key, test_node, 0);
  make_with(m, &f.ephemeron, gc_root_get(&f.key), 0);
  gc_set_move(m, gc_root_get(&f.key), 0, &f.ephemeron);
  test_collect(m);
  gc_root_set(m, &f.ephemeron, gc_get(gc_root_get(&f.key), 0));
  assert_value(m, &f.ephemeron, 0);
  gc_root_clear(m, &f.ephemeron);
  gc_root_clear(m, &f.key);
  test_collect(m);
  assert_deaths(1);
}

/* --- values that lead to their keys ----------------------------------------
 */

/* Makes an ephemeron whose value leads to the key. */
static void make_loop(gc_mutator *m, gc_root *out, gc_root *key, uint64_t id) {
  GC_FRAME(m, f, value);
  assert_non_null(test_make(m, &f.value, test_mortal, id));
  gc_set(m, gc_root_get(&f.value), 1, gc_root_get(key));
  assert_non_null(
      gc_ephemeron_new(m, out, gc_root_get(key), gc_root_get(&f.value)));
}

static size_t least_loops(size_t n) {
  return test_finds_cycles() ? n : 0;
}

static void a_value_that_leads_to_its_key_dies_with_it(void **state) {
  gc_mutator *m = *state;
  const gc_type types[] = {test_leaf, test_node};
  for (int i = 0; i < 2; i++) {
    test_deaths_begin(1);
    GC_FRAME(m, f, key, ephemeron, out);
    test_make(m, &f.key, types[i], 1);
    make_loop(m, &f.ephemeron, &f.key, 0);
    test_collect(m);
    assert_value(m, &f.ephemeron, 0);
    gc_root_clear(m, &f.key);
    test_collect(m);
    assert_in_range(test_deaths(), least_loops(1), test_most_dead(1));
    if (test_finds_cycles())
      assert_cleared(m, &f.ephemeron);
    gc_root_clear(m, &f.ephemeron);
    test_collect(m);
    assert_deaths(1);
  }
}

/* Its target lives on, and must not find it when it dies later. */
static void a_weak_reference_is_the_key(void **state) {
  gc_mutator *m = *state;
  for (int turn = 0; turn < 3; turn++) {
    test_deaths_begin(2);
    GC_FRAME(m, f, target, key, ephemeron, younger);
    test_make(m, &f.target, test_mortal, 1);
    assert_non_null(gc_weak_new(m, &f.key, gc_root_get(&f.target)));
    make_loop(m, &f.ephemeron, &f.key, 0);
    gc_root_clear(m, &f.key);
    test_collect(m);
    assert_in_range(test_deaths(), least_loops(1), test_most_dead(1));
    assert_non_null(gc_weak_new(m, &f.younger, gc_root_get(&f.target)));
    gc_root_clear(m, &f.ephemeron);
    gc_root_clear(m, &f.target);
    test_collect(m);
    assert_deaths(2);
  }
}

/* A holder of the value, or of the ephemeron and a key, keeps all alive. */
static void another_holder_keeps_the_loop_alive(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, key, ephemeron, value);
  test_make(m, &f.key, test_leaf, 1);
  make_loop(m, &f.ephemeron, &f.key, 0);
  gc_ephemeron_get(m, &f.value, gc_root_get(&f.ephemeron));
  gc_root_clear(m, &f.key);
  for (int i = 0; i < 3; i++)
    test_collect(m);
  assert_int_equal(test_deaths(), 0);
  assert_value(m, &f.ephemeron, 0);
  assert_int_equal(test_id(gc_get(gc_root_get(&f.value), 1)), 1);
  gc_root_set(m, &f.key, gc_get(gc_root_get(&f.value), 1));
  gc_root_clear(m, &f.value);
  for (int i = 0; i < 3; i++)
    test_collect(m);
  assert_value(m, &f.ephemeron, 0);
  assert_int_equal(test_deaths(), 0);
}

/* The ephemeron itself is garbage, or its key and value are part of a larger
   dead structure. */
static void all_three_die_together(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, key, ephemeron, other);
  test_make(m, &f.key, test_node, 1);
  make_loop(m, &f.ephemeron, &f.key, 0);
  gc_set(m, gc_root_get(&f.key), 0, gc_root_get(&f.ephemeron));
  make_loop(m, &f.other, &f.key, 1);
  gc_set_move(m, gc_root_get(&f.key), 1, &f.other);
  test_collect(m);
  assert_value(m, &f.ephemeron, 0);
  gc_root_clear(m, &f.ephemeron);
  gc_root_clear(m, &f.key);
  test_collect(m);
  assert_in_range(test_deaths(), least_loops(2), test_most_dead(2));
}

/* The value survives if a finalizer resurrects the key. A value with a
   finalizer would have died at the same time as the key. */
static gc_type phoenix;
static gc_root *nest;

/* At the end of a heap, there is no nest any more. */
static void rise(gc_mutator *m, const gc_root *self) {
  if (nest != NULL)
    gc_root_set(m, nest, gc_root_get(self));
}

static void a_resurrected_key_keeps_its_value(void **state) {
  gc_mutator *m = *state;
  if (phoenix == 0)
    phoenix = gc_type_define(&(struct gc_type_desc){
        .name = "phoenix", .refs = 1, .bytes = 16, .finalize = rise});
  assert_true(phoenix != 0);
  GC_FRAME(m, f, key, ephemeron, nest, value);
  nest = &f.nest;
  test_make(m, &f.key, phoenix, 5);
  test_make(m, &f.value, test_leaf, 6);
  assert_non_null(gc_ephemeron_new(m, &f.ephemeron, gc_root_get(&f.key),
                                   gc_root_get(&f.value)));
  gc_root_clear(m, &f.value);
  gc_root_clear(m, &f.key);
  test_collect(m);
  if (test_finds_garbage())
    assert_int_equal(test_id(gc_root_get(&f.nest)), 5);
  assert_value(m, &f.ephemeron, 6);
  gc_root_clear(m, &f.nest);
  test_collect(m);
  assert_cleared(m, &f.ephemeron);
  nest = NULL;
}

/* --- chains ----------------------------------------------------------------
 */

/* A chain of `count` ephemerons in an array: each value is the next key. Only
   `first` keeps the first key. The last value is mortal. */
static void make_chain(gc_mutator *m, gc_root *array, gc_root *first,
                       size_t count) {
  GC_FRAME(m, f, key, value, ephemeron);
  assert_non_null(gc_new_array(m, array, test_refs, count));
  assert_non_null(test_make(m, &f.key, test_leaf, 0));
  gc_root_set(m, first, gc_root_get(&f.key));
  for (size_t i = 0; i < count; i++) {
    gc_type type = i + 1 == count ? test_mortal : test_leaf;
    assert_non_null(test_make(m, &f.value, type, i + 1));
    assert_non_null(gc_ephemeron_new(m, &f.ephemeron, gc_root_get(&f.key),
                                     gc_root_get(&f.value)));
    gc_set_move(m, gc_root_get(array), count - 1 - i, &f.ephemeron);
    gc_root_move(m, &f.key, &f.value);
  }
}

static void assert_chain(gc_mutator *m, const gc_root *array, size_t count) {
  GC_FRAME(m, f, value);
  for (size_t i = 0; i < count; i++) {
    gc_ref ephemeron = gc_get(gc_root_get(array), count - 1 - i);
    gc_ref value = gc_ephemeron_get(m, &f.value, ephemeron);
    assert_non_null(value);
    assert_int_equal(test_id(value), i + 1);
  }
}

static void a_chain_lives_and_dies_with_its_first_key(void **state) {
  gc_mutator *m = *state;
  size_t count = test_many() / 2;
  test_deaths_begin(count + 1);
  GC_FRAME(m, f, array, first);
  make_chain(m, &f.array, &f.first, count);
  for (int i = 0; i < 3; i++)
    gc_collect(m, i == 0 ? 0 : GC_FULL);
  assert_chain(m, &f.array, count);
  gc_root_clear(m, &f.first);
  test_collect(m);
  assert_deaths(1);
}

/* --- threads ---------------------------------------------------------------
 */

enum { SHARED = 64 };

struct shared {
  gc_root array; /* global: ephemerons */
};

/* The key of slot i is replaced again and again; others read the ephemerons
   meanwhile. The id of a value is that of its key plus one. */
static void replace_and_read(struct test_thread *t) {
  struct shared *shared = t->shared;
  uint64_t steps = test_scaled(20000);
  GC_FRAME(t->m, f, key[SHARED / 4], value, ephemeron, out);
  for (uint64_t i = 0; i < steps; i++) {
    uint64_t slot = workload_random_below(&t->random, SHARED / 4);
    if (test_make(t->m, &f.key[slot], test_node, i * 2) == NULL ||
        test_make(t->m, &f.value, test_node, i * 2 + 1) == NULL ||
        gc_ephemeron_new(t->m, &f.ephemeron, gc_root_get(&f.key[slot]),
                         gc_root_get(&f.value)) == NULL)
      continue;
    gc_set(t->m, gc_root_get(&f.value), 0, gc_root_get(&f.key[slot]));
    size_t place = slot * t->count + t->index;
    gc_set(t->m, gc_root_get(&shared->array), place, gc_root_get(&f.ephemeron));
    gc_root_clear(t->m, &f.value);
    gc_root_set(t->m, &f.ephemeron,
                gc_get(gc_root_get(&shared->array),
                       workload_random_below(&t->random, SHARED)));
    gc_ref other = gc_root_get(&f.ephemeron);
    if (other != NULL && gc_ephemeron_get(t->m, &f.out, other) != NULL) {
      uint64_t id = test_id(gc_root_get(&f.out));
      CHECK(id % 2 == 1);
      if (gc_weak_get(t->m, &f.value, other) != NULL)
        CHECK(test_id(gc_root_get(&f.value)) == id - 1);
    }
    if (i % 1024 == 0)
      gc_collect(t->m, (int)(i / 1024 % 3));
  }
}

static void threads_share_ephemerons(void **state) {
  gc_mutator *m = *state;
  struct shared shared = {{NULL}};
  gc_global_add(m->heap, &shared.array);
  {
    GC_FRAME(m, f, array);
    assert_non_null(gc_new_array(m, &f.array, test_refs, SHARED));
    gc_global_set(m, &shared.array, gc_root_get(&f.array));
  }
  test_threads_run(m, 4, replace_and_read, &shared);
  assert_int_equal(gc_verify(m), 0);
  test_collect(m);
  gc_global_remove(m, &shared.array);
}

/* Threads drop chains while others make theirs. */
static void chain_and_drop(struct test_thread *t) {
  uint64_t rounds = test_scaled(40);
  for (uint64_t round = 0; round < rounds; round++) {
    GC_FRAME(t->m, f, array, first, key, value, ephemeron);
    enum { COUNT = 300 };
    if (gc_new_array(t->m, &f.array, test_refs, COUNT) == NULL ||
        test_make(t->m, &f.key, test_leaf, 0) == NULL)
      return;
    gc_root_set(t->m, &f.first, gc_root_get(&f.key));
    for (size_t i = 0; i < COUNT; i++) {
      if (test_make(t->m, &f.value, test_leaf, i + 1) == NULL ||
          gc_ephemeron_new(t->m, &f.ephemeron, gc_root_get(&f.key),
                           gc_root_get(&f.value)) == NULL)
        return;
      gc_set_move(t->m, gc_root_get(&f.array), i, &f.ephemeron);
      gc_root_move(t->m, &f.key, &f.value);
    }
    gc_root_clear(t->m, &f.key);
    if (round % 4 == 0)
      gc_collect(t->m, (int)(round / 4 % 3));
    for (size_t i = 0; i < COUNT; i++) {
      gc_ref value =
          gc_ephemeron_get(t->m, &f.value, gc_get(gc_root_get(&f.array), i));
      CHECK(value != NULL && test_id(value) == i + 1);
    }
    gc_root_clear(t->m, &f.value);
    gc_root_clear(t->m, &f.first);
  }
}

static void threads_make_chains(void **state) {
  gc_mutator *m = *state;
  test_threads_run(m, 4, chain_and_drop, NULL);
  assert_int_equal(gc_verify(m), 0);
  test_collect(m);
}

int conformance_ephemerons(void) {
  const struct CMUnitTest tests[] = {
      heap_test(gives_key_and_value_while_the_key_lives),
      heap_test(is_cleared_when_the_key_dies),
      heap_test(the_ephemeron_dies_first),
      heap_test(the_value_is_rooted),
      heap_test(many_ephemerons_of_one_key),
      heap_test(the_key_holds_the_ephemeron),
      heap_test(a_value_that_leads_to_its_key_dies_with_it),
      heap_test(a_weak_reference_is_the_key),
      heap_test(another_holder_keeps_the_loop_alive),
      heap_test(all_three_die_together),
      heap_test(a_resurrected_key_keeps_its_value),
      heap_test(a_chain_lives_and_dies_with_its_first_key),
      heap_test(threads_share_ephemerons),
      heap_test(threads_make_chains),
  };
  return cmocka_run_group_tests_name("ephemerons", tests, NULL, NULL);
}
