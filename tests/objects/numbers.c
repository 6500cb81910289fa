/* SPDX-License-Identifier: MIT */
/* Integers, floats, truth; which of them are shared. */
#include "tests/objects/objects.h"

static bool is_shared(const struct gc_py *py, int64_t value) {
  GC_FRAME(py->m, f, a, b);
  gc_py_int(py, &f.a, value);
  gc_py_int(py, &f.b, value);
  assert_int_equal(gc_py_int_value(gc_root_get(&f.a)), value);
  assert_int_equal(gc_py_int_value(gc_root_get(&f.b)), value);
  return gc_root_get(&f.a) == gc_root_get(&f.b);
}

/* I-1: all 262 of them, and their neighbours. */
static void small_ints_are_one_object_each(void **state) {
  const int64_t others[] = {-6, 257, INT64_MIN, INT64_MAX, INT64_C(1) << 32};
  int shared = 0;
  for (int value = -300; value <= 600; value++) {
    assert_int_equal(is_shared(*state, value), value >= -5 && value <= 256);
    shared += is_shared(*state, value);
  }
  assert_int_equal(shared, 262);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    assert_false(is_shared(*state, others[i]));
}

static void the_cache_can_be_switched_off(void **state) {
  const struct gc_py *py = *state;
  struct gc_py bare =
      objects_world(py->m, &(struct gc_py_options){.no_small_ints = true});
  for (int value = -10; value <= 300; value++)
    assert_false(is_shared(&bare, value));
  gc_py_close(bare.m, bare.world);
}

static size_t count_of_one(const struct gc_py *py) {
  GC_FRAME(py->m, f, items[10]);
  for (int i = 0; i < 10; i++)
    gc_py_int(py, &f.items[i], 1);
  return gc_refcount(gc_root_get(&f.items[0]));
}

/* immortal objects cause no count traffic. */
static void shared_objects_are_immortal_or_not(void **state) {
  const struct gc_py *py = *state;
  size_t at_rest = gc_refcount(gc_py_none(py));
  struct gc_py mortal =
      objects_world(py->m, &(struct gc_py_options){.mortal = true});
  size_t at_first = gc_refcount(gc_py_shared(py, 6));
  assert_int_equal(count_of_one(py), at_first);
  assert_int_equal(gc_refcount(gc_py_shared(py, 6)), at_first);
  if (gc_collector.counts && !test_counts_narrowly()) {
    assert_true(at_rest > gc_collector.counts_to);
    assert_int_equal(count_of_one(&mortal), 11);
    assert_int_equal(gc_refcount(gc_py_shared(&mortal, 6)), 1);
  }
  gc_py_close(mortal.m, mortal.world);
}

static void floats_are_never_shared(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, b);
  gc_py_float(py, &f.a, 0.5);
  gc_py_float(py, &f.b, 0.5);
  assert_true(gc_root_get(&f.a) != gc_root_get(&f.b));
  assert_true(gc_py_float_value(gc_root_get(&f.a)) == 0.5);
  assert_int_equal(gc_py_kind_of(gc_root_get(&f.a)), GC_PY_FLOAT);
}

/* I-2 */
static void none_and_truth_are_one_object_each(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, b);
  for (int truth = 0; truth < 2; truth++) {
    gc_py_bool(py, &f.a, truth);
    gc_py_bool(py, &f.b, truth);
    assert_ptr_equal(gc_root_get(&f.a), gc_root_get(&f.b));
    assert_int_equal(gc_py_int_value(gc_root_get(&f.a)), truth);
    assert_int_equal(gc_py_kind_of(gc_root_get(&f.a)), GC_PY_BOOL);
  }
  assert_int_equal(gc_py_kind_of(gc_py_none(py)), GC_PY_NONE);
}

static void numbers_are_no_larger_than_two_words(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, b);
  assert_int_equal(gc_sizeof(gc_py_int(py, &f.a, 1 << 20)), 16);
  assert_int_equal(gc_sizeof(gc_py_float(py, &f.b, 1)), 16);
}

/* Threads take and drop the same small integers; none may be freed. */
enum { TAKES = 100000 };
static void take_and_drop(struct test_thread *self) {
  const struct gc_py py = {self->m, self->shared};
  for (uint64_t i = test_scaled(TAKES); i > 0; i--) {
    GC_FRAME(py.m, f, number);
    int64_t value = (int64_t)(i % GC_PY_SMALL_COUNT) + GC_PY_LEAST_SMALL;
    gc_py_int(&py, &f.number, value);
    CHECK(gc_py_int_value(gc_root_get(&f.number)) == value);
  }
}

static void threads_share_them(void **state) {
  const struct gc_py *py = *state;
  for (int mortal = 0; mortal < 2; mortal++) {
    struct gc_py shared =
        objects_world(py->m, &(struct gc_py_options){.mortal = mortal});
    test_threads_run(py->m, 4, take_and_drop, shared.world);
    gc_py_close(py->m, shared.world);
  }
}

int objects_numbers(void) {
  const struct CMUnitTest tests[] = {
      objects_test(small_ints_are_one_object_each),
      objects_test(the_cache_can_be_switched_off),
      objects_test(shared_objects_are_immortal_or_not),
      objects_test(floats_are_never_shared),
      objects_test(none_and_truth_are_one_object_each),
      objects_test(numbers_are_no_larger_than_two_words),
      objects_test(threads_share_them),
  };
  return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
