/* SPDX-License-Identifier: MIT */
/* Arrays that change their length: in place or in a new array, they keep their
   elements and their fixed part. */
#include <string.h>

#include "tests/conformance/conformance.h"

enum { THREADS = 4 };

/* Each element has the id of its index. */
static void elements_fill(gc_mutator *m, gc_root *array, size_t refs,
                          size_t from, gc_type type) {
  for (size_t i = from; i < gc_length(gc_root_get(array)); i++) {
    GC_FRAME(m, f, element);
    test_make(m, &f.element, type, i);
    gc_set_move(m, gc_root_get(array), refs + i, &f.element);
  }
}

static size_t next_length(size_t length, size_t step) {
  static const size_t ways[] = {3, 0, 1, 2, 9, 8, 70, 71, 200, 201, 90};
  return step % 3 == 2 ? length + 1 : ways[step * 7 % 11];
}

static void slots_keep_their_values(void **state) {
  gc_mutator *m = *state;
  gc_type type = gc_type_define(&(struct gc_type_desc){
      .name = "resized", .refs = 2, .bytes = 16, .tail = GC_REF_TAIL});
  GC_FRAME(m, f, array, head);
  gc_new_array(m, &f.array, type, 0);
  test_make(m, &f.head, test_leaf, 5);
  gc_set_move(m, gc_root_get(&f.array), 0, &f.head);
  memset(gc_bytes(gc_root_get(&f.array)), 0x5a, 16);
  for (size_t step = 0, length = 0; step < 60; step++) {
    size_t next = next_length(length, step);
    size_t common = next < length ? next : length;
    gc_ref array = gc_array_resize(m, &f.array, next);
    assert_ptr_equal(array, gc_root_get(&f.array));
    assert_int_equal(gc_length(array), next);
    for (size_t i = 0; i < next; i++)
      if (i < common)
        assert_int_equal(test_id(gc_get(array, 2 + i)), i);
      else
        assert_null(gc_get(array, 2 + i));
    assert_int_equal(test_id(gc_get(array, 0)), 5);
    assert_null(gc_get(array, 1));
    for (int k = 0; k < 16; k++)
      assert_int_equal(((char *)gc_bytes(array))[k], 0x5a);
    elements_fill(m, &f.array, 2, common, test_leaf);
    if (step % 5 == 0)
      gc_collect(m, (int)step % 3);
    length = next;
  }
}

static void bytes_keep_their_values(void **state) {
  gc_mutator *m = *state;
  gc_type type = gc_type_define(&(struct gc_type_desc){
      .name = "resized bytes", .refs = 1, .bytes = 3, .tail = GC_BYTE_TAIL});
  GC_FRAME(m, f, array, head);
  gc_new_array(m, &f.array, type, 0);
  test_make(m, &f.head, test_leaf, 5);
  gc_set_move(m, gc_root_get(&f.array), 0, &f.head);
  for (size_t step = 0, length = 0; step < 200; step++) {
    size_t next = next_length(length, step) * (step % 10 == 9 ? 5000 : 1);
    size_t common = next < length ? next : length;
    memset(gc_bytes(gc_root_get(&f.array)), (int)step + 1, 3 + length);
    gc_ref array = gc_array_resize(m, &f.array, next);
    unsigned char *bytes = gc_bytes(array);
    assert_int_equal(gc_length(array), next);
    for (size_t i = 0; i < 3 + common; i++)
      assert_int_equal(bytes[i], step + 1);
    for (size_t i = 3 + common; i < 3 + next; i++)
      assert_int_equal(bytes[i], 0);
    assert_int_equal(test_id(gc_get(array, 0)), 5);
    length = next;
  }
}

/* What is cut off dies. */
static void shrinking_drops_elements(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 300 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, array);
  gc_new_array(m, &f.array, test_refs, COUNT);
  elements_fill(m, &f.array, 0, 0, test_mortal);
  for (size_t length = COUNT; length > 0;) {
    length -= length > 8 ? 7 : 1;
    gc_array_resize(m, &f.array, length);
    test_settle(m);
    assert_deaths(COUNT - length);
    if (length > 0)
      assert_int_equal(test_id(gc_get(gc_root_get(&f.array), length - 1)),
                       length - 1);
  }
}

/* Where the new length takes the same cell, no object is made, unless all
   objects move anyway. */
static void it_stays_in_its_cell(void **state) {
  gc_mutator *m = *state;
  enum { LONG = 100000 };
  GC_FRAME(m, f, array, weak);
  gc_ref array = gc_new_array(m, &f.array, test_blob, LONG);
  size_t length = LONG;
  while (gc_size_for(test_blob, length + 8) == gc_size_for(test_blob, LONG))
    length += 8;
  if (gc_collector.moves || GC_SYSTEM_MALLOC)
    skip();
  assert_ptr_equal(gc_array_resize(m, &f.array, length), array);
  assert_int_equal(gc_length(array), length);
  assert_int_equal(gc_sizeof(array), gc_size_for(test_blob, LONG));
  assert_ptr_equal(gc_array_resize(m, &f.array, LONG), array);
  assert_ptr_not_equal(gc_array_resize(m, &f.array, 2 * LONG), array);
}

/* A large array that is old, and whose new elements are young. */
static void an_old_array_grows(void **state) {
  gc_mutator *m = *state;
  size_t length = test_many();
  GC_FRAME(m, f, array);
  gc_new_array(m, &f.array, test_refs, length);
  elements_fill(m, &f.array, 0, 0, test_leaf);
  for (int round = 0; round < 10; round++) {
    gc_collect(m, GC_FULL);
    gc_collect(m, GC_FULL);
    size_t grown = length + 40;
    assert_non_null(gc_array_resize(m, &f.array, grown));
    elements_fill(m, &f.array, 0, length, test_leaf);
    gc_collect(m, 0);
    gc_collect(m, 1);
    test_expect_whole(m);
    for (size_t i = 0; i < grown; i++)
      assert_int_equal(test_id(gc_get(gc_root_get(&f.array), i)), i);
    assert_non_null(gc_array_resize(m, &f.array, grown - 20));
    length = grown - 20;
  }
}

static void without_memory_nothing_changes(void **state) {
  (void)state;
  gc_mutator *m = test_open(8 << 20);
  {
    GC_FRAME(m, f, array);
    gc_ref array = gc_new_array(m, &f.array, test_blob, 1000);
    memset(gc_bytes(array), 3, 1000);
    assert_null(gc_array_resize(m, &f.array, (size_t)64 << 20));
    assert_null(gc_array_resize(m, &f.array, SIZE_MAX));
    assert_int_equal(gc_length(gc_root_get(&f.array)), 1000);
    assert_int_equal(((char *)gc_bytes(gc_root_get(&f.array)))[999], 3);
  }
  test_close(m);
}

/* Each thread has a vector that grows and shrinks while the others collect. */
static void resize_often(struct test_thread *self) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, array);
  size_t length = 0;
  gc_new_array(m, &f.array, test_refs, 0);
  for (uint64_t i = 0; i < test_scaled(2000); i++) {
    size_t next = workload_random_below(&self->random, 100);
    size_t common = next < length ? next : length;
    CHECK(gc_array_resize(m, &f.array, next) != NULL);
    elements_fill(m, &f.array, 0, common, test_node);
    length = next;
    if (i % 50 == 0)
      gc_collect(m, (int)(i / 50 % 3));
    for (size_t k = 0; k < length; k++)
      CHECK(test_id(gc_get(gc_root_get(&f.array), k)) == k);
  }
}

static void threads_resize(void **state) {
  test_threads_run(*state, 1, resize_often, NULL);
  test_threads_run(*state, THREADS, resize_often, NULL);
}

int conformance_arrays(void) {
  const struct CMUnitTest tests[] = {
      heap_test(slots_keep_their_values),
      heap_test(bytes_keep_their_values),
      heap_test(shrinking_drops_elements),
      heap_test(it_stays_in_its_cell),
      heap_test(an_old_array_grows),
      cmocka_unit_test(without_memory_nothing_changes),
      heap_test(threads_resize),
  };
  return cmocka_run_group_tests_name("arrays", tests, NULL, NULL);
}
