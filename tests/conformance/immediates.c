/* SPDX-License-Identifier: MIT */
/* Immediates: slots and roots hold them as they hold references, and no
   collector follows or counts them. */
#include <stdint.h>

#include "tests/conformance/conformance.h"

/* The least and the greatest number, and values that look like addresses. */
static const intptr_t numbers[] = {
    0, 1, -1, INTPTR_MAX / 2, INTPTR_MIN / 2, 0x7fff12345678, -0x7fff12345678};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static void a_number_survives(void **state) {
  (void)state;
  for (size_t i = 0; i < NUMBERS; i++) {
    gc_ref value = gc_immediate(numbers[i]);
    assert_true(gc_is_immediate(value));
    assert_false(gc_is_object(value));
    assert_true(gc_immediate_number(value) == numbers[i]);
  }
  assert_false(gc_is_immediate(NULL));
  assert_false(gc_is_object(NULL));
}

static void an_object_is_none(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, node);
  assert_true(gc_is_object(test_make(m, &f.node, test_node, 0)));
  assert_false(gc_is_immediate(gc_root_get(&f.node)));
}

/* Slot 1 holds an object, so that there is something to trace. */
static void a_slot_keeps_it(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.value, test_mortal, 0);
  gc_set_move(m, gc_root_get(&f.holder), 1, &f.value);
  for (size_t i = 0; i < NUMBERS; i++) {
    gc_set(m, gc_root_get(&f.holder), 0, gc_immediate(numbers[i]));
    gc_collect(m, (int)i % 3);
    test_settle(m);
    gc_ref holder = gc_root_get(&f.holder);
    assert_ptr_equal(gc_get(holder, 0), gc_immediate(numbers[i]));
    assert_int_equal(test_id(gc_get(holder, 1)), 0);
  }
  assert_int_equal(gc_verify(m), 0);
}

/* In both directions: the object that is overwritten dies. */
static void it_takes_the_place_of_an_object(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 4 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  for (size_t i = 0; i < COUNT; i++) {
    test_make(m, &f.value, test_mortal, i);
    gc_set_move(m, gc_root_get(&f.holder), 0, &f.value);
    assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), 0)), i);
    gc_root_set(m, &f.value, gc_immediate(7));
    gc_set_move(m, gc_root_get(&f.holder), 0, &f.value);
    assert_null(gc_root_get(&f.value));
    assert_ptr_equal(gc_get(gc_root_get(&f.holder), 0), gc_immediate(7));
    test_settle(m);
    assert_deaths(i + 1);
  }
}

static void cas_takes_it(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, holder, value);
  gc_ref holder = test_make(m, &f.holder, test_node, 0), one = gc_immediate(1);
  assert_true(gc_cas(m, holder, 0, NULL, one));
  assert_false(gc_cas(m, holder, 0, gc_immediate(2), NULL));
  assert_true(gc_cas(m, holder, 0, one, gc_immediate(2)));
  test_make(m, &f.value, test_mortal, 0);
  holder = gc_root_get(&f.holder);
  assert_false(gc_cas(m, holder, 0, one, gc_root_get(&f.value)));
  assert_true(gc_cas(m, holder, 0, gc_immediate(2), gc_root_get(&f.value)));
  assert_true(gc_cas(m, holder, 0, gc_root_get(&f.value), one));
  gc_root_clear(m, &f.value);
  test_settle(m);
  assert_deaths(1);
}

static gc_root global;

static void roots_of_every_kind_keep_it(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, left, right);
  gc_root_stack *stack = gc_root_stack_create(m);
  assert_non_null(stack);
  gc_global_add(m->heap, &global);
  for (size_t i = 0; i < NUMBERS; i++) {
    gc_ref value = gc_immediate(numbers[i]);
    gc_root_set(m, &f.left, value);
    gc_root_set(m, &f.right, gc_root_get(&f.left));
    gc_global_set(m, &global, value);
    assert_true(gc_root_stack_push(m, stack, value));
    test_collect(m);
    assert_ptr_equal(gc_root_get(&f.left), value);
    assert_ptr_equal(gc_root_get(&global), value);
    assert_ptr_equal(gc_root_stack_pop(m, stack, &f.left), value);
    gc_root_move(m, &f.right, &f.left);
    assert_ptr_equal(gc_root_get(&f.right), value);
  }
  gc_global_remove(m, &global);
  gc_root_stack_destroy(m, stack);
}

/* New objects take the place of immediates in their roots. */
static void allocation_overwrites_it(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, node);
  for (uint64_t i = 0; i < 1000; i++) {
    gc_root_set(m, &f.node, gc_immediate((intptr_t)i));
    test_make(m, &f.node, i % 2 ? test_node : test_leaf, i);
    assert_int_equal(test_id(gc_root_get(&f.node)), i);
  }
}

/* An array with immediates alone, and with objects between, large and small. */
static void arrays_of_them_survive(void **state) {
  gc_mutator *m = *state;
  const size_t lengths[] = {5, 500, 50000};
  for (size_t k = 0; k < 3; k++) {
    GC_FRAME(m, f, array, value);
    gc_new_array(m, &f.array, test_refs, lengths[k]);
    for (size_t i = 0; i < lengths[k]; i++) {
      gc_root_set(m, &f.value, gc_immediate((intptr_t)i));
      if (i % 1000 == 3)
        test_make(m, &f.value, test_leaf, i);
      gc_set(m, gc_root_get(&f.array), i, gc_root_get(&f.value));
    }
    test_collect(m);
    gc_collect(m, 0);
    for (size_t i = 0; i < lengths[k]; i++) {
      gc_ref value = gc_get(gc_root_get(&f.array), i);
      if (i % 1000 == 3)
        assert_int_equal(test_id(value), i);
      else
        assert_ptr_equal(value, gc_immediate((intptr_t)i));
    }
    assert_int_equal(gc_verify(m), 0);
  }
}

static void cycles_with_them_die(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  {
    GC_FRAME(m, f, a, b);
    test_make(m, &f.a, test_mortal, 0);
    test_make(m, &f.b, test_mortal, 1);
    gc_ref a = gc_root_get(&f.a), b = gc_root_get(&f.b);
    gc_set(m, a, 0, b);
    gc_set(m, b, 0, a);
    gc_set(m, a, 1, gc_immediate(1));
    gc_set(m, b, 1, gc_immediate(-1));
  }
  test_collect(m);
  if (gc_collector.reclaims_cycles)
    assert_deaths(2);
  assert_int_equal(gc_verify(m), 0);
}

static void an_ephemeron_keeps_it(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, key, ephemeron, value);
  test_make(m, &f.key, test_node, 0);
  assert_non_null(
      gc_ephemeron_new(m, &f.ephemeron, gc_root_get(&f.key), gc_immediate(42)));
  test_collect(m);
  assert_ptr_equal(gc_ephemeron_get(m, &f.value, gc_root_get(&f.ephemeron)),
                   gc_immediate(42));
  assert_ptr_equal(gc_root_get(&f.value), gc_immediate(42));
  gc_root_clear(m, &f.key);
  test_collect(m);
  if (test_finds_garbage())
    assert_null(gc_ephemeron_get(m, &f.value, gc_root_get(&f.ephemeron)));
  assert_int_equal(gc_verify(m), 0);
}

enum { THREADS = 4 };
static gc_heap *shared_heap;
static gc_root shared;

/* All threads store immediates and objects into the same slots. */
static void *mix(void *data) {
  gc_mutator *m = gc_attach(shared_heap);
  unsigned id = (unsigned)(uintptr_t)data;
  {
    GC_FRAME(m, f, value);
    for (uint64_t i = 0, rounds = test_scaled(20000); i < rounds; i++) {
      if ((i + id) % 3)
        gc_root_set(m, &f.value, gc_immediate((intptr_t)i));
      else
        test_make(m, &f.value, test_leaf, i);
      gc_ref array = gc_root_get(&shared), seen = gc_get(array, i % 7);
      CHECK(!gc_is_object(seen) || test_is_intact(seen));
      if (i % 5)
        gc_set(m, array, i % 7, gc_root_get(&f.value));
      else
        gc_cas(m, array, i % 7, seen, gc_root_get(&f.value));
    }
  }
  gc_detach(m);
  return NULL;
}

static void threads_share_slots_of_them(void **state) {
  gc_mutator *m = *state;
  pthread_t thread[THREADS];
  shared_heap = m->heap;
  gc_global_add(m->heap, &shared);
  {
    GC_FRAME(m, f, array);
    gc_new_array(m, &f.array, test_refs, 7);
    gc_global_set(m, &shared, gc_root_get(&f.array));
  }
  gc_park(m);
  for (uintptr_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&thread[i], NULL, mix, (void *)i), 0);
  for (size_t i = 0; i < THREADS; i++)
    pthread_join(thread[i], NULL);
  gc_unpark(m);
  assert_int_equal(gc_verify(m), 0);
  gc_global_remove(m, &shared);
}

int conformance_immediates(void) {
  const struct CMUnitTest tests[] = {
      heap_test(a_number_survives),
      heap_test(an_object_is_none),
      heap_test(a_slot_keeps_it),
      heap_test(it_takes_the_place_of_an_object),
      heap_test(cas_takes_it),
      heap_test(roots_of_every_kind_keep_it),
      heap_test(allocation_overwrites_it),
      heap_test(arrays_of_them_survive),
      heap_test(cycles_with_them_die),
      heap_test(an_ephemeron_keeps_it),
      heap_test(threads_share_slots_of_them),
  };
  return cmocka_run_group_tests_name("immediates", tests, NULL, NULL);
}
