/* SPDX-License-Identifier: MIT */
/* Tuples and lists. */
#include "tests/objects/objects.h"

enum { ITEMS = 40 };

static void make_ints(const struct gc_py *py, gc_root *items, size_t count) {
  for (size_t i = 0; i < count; i++)
    gc_py_int(py, &items[i], (int64_t)(1000 + i));
}

static int64_t item_of(gc_ref list, size_t i) {
  return gc_py_int_value(gc_py_list_get(list, i));
}

/* I-2 */
static void there_is_one_empty_tuple(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, b, item[1]);
  assert_ptr_equal(gc_py_tuple(py, &f.a, NULL, 0),
                   gc_py_tuple(py, &f.b, NULL, 0));
  make_ints(py, f.item, 1);
  gc_py_tuple(py, &f.a, f.item, 1);
  assert_ptr_equal(gc_py_tuple_slice(py, &f.a, &f.a, 1, 1), gc_root_get(&f.b));
  assert_int_equal(gc_py_tuple_length(gc_root_get(&f.a)), 0);
  assert_int_equal(gc_py_kind_of(gc_root_get(&f.a)), GC_PY_TUPLE);
}

static void tuples_keep_their_items(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, tuple, slice, items[ITEMS]);
  make_ints(py, f.items, ITEMS);
  for (size_t n = 1; n <= ITEMS; n++) {
    gc_ref tuple = gc_py_tuple(py, &f.tuple, f.items, n);
    assert_int_equal(gc_py_kind_of(tuple), GC_PY_TUPLE);
    assert_int_equal(gc_py_tuple_length(tuple), n);
    for (size_t i = 0; i < n; i++)
      assert_ptr_equal(gc_py_tuple_get(tuple, i), gc_root_get(&f.items[i]));
    assert_ptr_equal(gc_py_tuple_slice(py, &f.slice, &f.tuple, 0, n),
                     gc_root_get(&f.tuple));
    gc_ref rest = gc_py_tuple_slice(py, &f.slice, &f.tuple, 1, SIZE_MAX);
    assert_int_equal(gc_py_tuple_length(rest), n - 1);
    if (n > 1)
      assert_ptr_equal(gc_py_tuple_get(rest, 0), gc_root_get(&f.items[1]));
  }
}

/* PYTHON: capacities 4, 8, 16, 24, 32, 40 and on. */
static void lists_grow_as_they_do_in_python(void **state) {
  const struct gc_py *py = *state;
  const size_t capacities[] = {4, 8, 16, 24, 32, 40, 52, 64, 76, 92};
  GC_FRAME(py->m, f, list, item);
  gc_py_list(py, &f.list, NULL, 0);
  assert_int_equal(gc_py_list_capacity(gc_root_get(&f.list)), 0);
  for (size_t n = 0, at = 0; n < 92; n++) {
    gc_py_int(py, &f.item, (int64_t)n);
    assert_true(gc_py_list_append(py, &f.list, &f.item));
    at += n == capacities[at];
    assert_int_equal(gc_py_list_capacity(gc_root_get(&f.list)), capacities[at]);
    for (size_t i = 0; i <= n; i++)
      assert_int_equal(item_of(gc_root_get(&f.list), i), i);
  }
}

static void lists_of_known_items_are_exact(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, items[ITEMS]);
  make_ints(py, f.items, ITEMS);
  for (size_t n = 0; n <= ITEMS; n++) {
    gc_ref list = gc_py_list(py, &f.list, f.items, n);
    assert_int_equal(gc_py_list_length(list), n);
    assert_int_equal(gc_py_list_capacity(list), n);
    if (n > 0)
      assert_int_equal(item_of(list, n - 1), 1000 + n - 1);
  }
}

/* A list that outgrows its own slots leaves nothing behind in them. */
static void lists_outgrow_their_own_slots(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, items[GC_PY_LIST_OWN + 1], popped);
  make_ints(py, f.items, GC_PY_LIST_OWN + 1);
  for (size_t n = 1; n <= GC_PY_LIST_OWN + 1; n++) {
    gc_py_list(py, &f.list, f.items, n);
    bool is_own = n <= GC_PY_LIST_OWN;
    gc_ref storage = gc_get(gc_root_get(&f.list), GC_PY_LIST_STORAGE);
    assert_int_equal(storage == NULL, is_own);
    assert_true(gc_py_list_append(py, &f.list, &f.items[0]));
    gc_ref list = gc_root_get(&f.list);
    for (size_t i = 0; i <= n; i++)
      assert_int_equal(item_of(list, i), i < n ? 1000 + i : 1000);
    for (size_t i = GC_PY_LIST_SLOTS; i < gc_slot_count(list); i++)
      assert_null(gc_get(list, i));
    gc_py_list_clear(py, list);
    assert_int_equal(gc_py_list_capacity(list), is_own ? n : 0);
    assert_false(gc_py_list_pop(py, &f.list, &f.popped));
  }
}

/* Its own slots stay, empty, when items go. */
static void own_slots_are_emptied(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, items[GC_PY_LIST_OWN], popped);
  make_ints(py, f.items, GC_PY_LIST_OWN);
  gc_py_list(py, &f.list, f.items, GC_PY_LIST_OWN);
  for (size_t left = GC_PY_LIST_OWN; left > 0; left--) {
    assert_true(gc_py_list_pop(py, &f.list, &f.popped));
    assert_int_equal(gc_py_int_value(gc_root_get(&f.popped)), 999 + left);
    gc_ref list = gc_root_get(&f.list);
    assert_int_equal(gc_py_list_length(list), left - 1);
    assert_null(gc_get(list, GC_PY_LIST_SLOTS + left - 1));
  }
}

static void lists_shrink(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, item, popped);
  gc_py_list(py, &f.list, NULL, 0);
  for (int64_t i = 0; i < 100; i++) {
    gc_py_int(py, &f.item, i);
    gc_py_list_append(py, &f.list, &f.item);
  }
  for (int64_t i = 99; i >= 0; i--) {
    assert_true(gc_py_list_pop(py, &f.list, &f.popped));
    assert_int_equal(gc_py_int_value(gc_root_get(&f.popped)), i);
    gc_ref list = gc_root_get(&f.list);
    assert_int_equal(gc_py_list_length(list), i);
    assert_in_range(gc_py_list_capacity(list), i, 2 * i + 8);
  }
  assert_false(gc_py_list_pop(py, &f.list, &f.popped));
  assert_int_equal(gc_py_list_capacity(gc_root_get(&f.list)), 0);
}

/* A list and its items, counted as sys.getrefcount would, without the one of
   the argument. */
static void items_are_counted(void **state) {
  const struct gc_py *py = *state;
  if (!gc_collector.counts || test_counts_narrowly())
    skip();
  GC_FRAME(py->m, f, list, item);
  gc_py_float(py, &f.item, 0.5);
  assert_int_equal(gc_refcount(gc_root_get(&f.item)), 1);
  gc_py_list(py, &f.list, NULL, 0);
  for (size_t i = 0; i < 10; i++)
    gc_py_list_append(py, &f.list, &f.item);
  gc_safepoint(py->m);
  assert_int_equal(gc_refcount(gc_root_get(&f.item)), 11);
  gc_py_list_clear(py, gc_root_get(&f.list));
  gc_safepoint(py->m);
  assert_int_equal(gc_refcount(gc_root_get(&f.item)), 1);
}

static void what_is_popped_may_die(void **state) {
  const struct gc_py *py = *state;
  test_deaths_begin(3);
  GC_FRAME(py->m, f, list, item);
  gc_py_list(py, &f.list, NULL, 0);
  for (uint64_t id = 0; id < 3; id++) {
    test_make(py->m, &f.item, test_mortal, id);
    gc_py_list_append(py, &f.list, &f.item);
  }
  gc_py_list_pop(py, &f.list, &f.item);
  gc_root_clear(py->m, &f.item);
  test_settle(py->m);
  assert_in_range(test_deaths(), test_least_dead(1), test_most_dead(1));
  gc_root_clear(py->m, &f.list);
  test_settle(py->m);
  assert_in_range(test_deaths(), test_least_dead(3), test_most_dead(3));
}

/* Lengths that no memory can hold, and whose size in bytes overflows. */
static void lists_cannot_be_huge(void **state) {
  static const size_t lengths[] = {
      SIZE_MAX,     SIZE_MAX - 3,  SIZE_MAX / 9 * 8, SIZE_MAX / 9 * 8 + 10,
      SIZE_MAX / 8, SIZE_MAX / 16, PTRDIFF_MAX / 8};
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, items[3]);
  make_ints(py, f.items, 3);
  gc_py_list(py, &f.list, f.items, 3);
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    assert_false(gc_py_list_resize(py, &f.list, lengths[i]));
    gc_ref list = gc_root_get(&f.list);
    assert_int_equal(gc_py_list_length(list), 3);
    assert_ptr_equal(gc_py_list_get(list, 2), gc_root_get(&f.items[2]));
  }
}

int objects_sequences(void) {
  const struct CMUnitTest tests[] = {
      objects_test(there_is_one_empty_tuple),
      objects_test(tuples_keep_their_items),
      objects_test(lists_grow_as_they_do_in_python),
      objects_test(lists_of_known_items_are_exact),
      objects_test(lists_outgrow_their_own_slots),
      objects_test(own_slots_are_emptied),
      objects_test(lists_shrink),
      objects_test(lists_cannot_be_huge),
      objects_test(items_are_counted),
      objects_test(what_is_popped_may_die),
  };
  return cmocka_run_group_tests_name("sequences", tests, NULL, NULL);
}
