/* SPDX-License-Identifier: MIT */
/* Objects and arrays are zeroed and aligned, have the right length and size,
   and do not overlap. */
#include <string.h>

#include "tests/conformance/conformance.h"

/* Sizes around the limits of the fields of a gc_type: 255 slots or words. */
static const uint32_t some_refs[] = {0, 1, 2, 3, 252, 253, 254, 255, 256, 300};
static const uint32_t some_bytes[] = {0,    1,    7,    8,    9,     24,
                                      2024, 2032, 2033, 2040, 20000, 300000};
static const size_t some_lengths[] = {0, 1, 7, 8, 255, 256, 1000, 40000};
enum {
  REFS = sizeof some_refs / sizeof some_refs[0],
  BYTES = sizeof some_bytes / sizeof some_bytes[0],
  LENGTHS = sizeof some_lengths / sizeof some_lengths[0],
};

static bool is_zero(const unsigned char *bytes, size_t count) {
  return count == 0 ||
         (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

static size_t slots_of(const struct gc_type_desc *desc, size_t length) {
  return desc->refs + (desc->tail == GC_REF_TAIL ? length : 0);
}

static size_t bytes_of(const struct gc_type_desc *desc, size_t length) {
  return desc->bytes + (desc->tail == GC_BYTE_TAIL ? length : 0);
}

static void check_fresh(gc_ref object, gc_type type, size_t length) {
  const struct gc_type_desc *desc = gc_type_describe(type);
  size_t slots = slots_of(desc, length), bytes = bytes_of(desc, length);
  assert_non_null(object);
  assert_int_equal(gc_type_of(object), type);
  if (desc->tail != GC_NO_TAIL)
    assert_int_equal(gc_length(object), length);
  for (size_t i = 0; i < slots; i++)
    assert_null(gc_get(object, i));
  assert_int_equal((uintptr_t)object % 8, 0);
  assert_int_equal((uintptr_t)gc_bytes(object) % 8, 0);
  assert_true(is_zero(gc_bytes(object), bytes));
  assert_true(gc_sizeof(object) >= 8 + 8 * slots + bytes);
  assert_int_equal(gc_sizeof(object), gc_size_for(type, length));
}

/* Fills every slot and byte, so that the memory is dirty when it is reused. */
static void make_dirty(gc_mutator *m, gc_ref object, size_t length) {
  const struct gc_type_desc *desc = gc_type_describe(gc_type_of(object));
  for (size_t i = 0; i < slots_of(desc, length); i++)
    gc_set(m, object, i, object);
  memset(gc_bytes(object), 0xa5, bytes_of(desc, length));
}

/* Clears the slots, so that no cycle keeps the object, and drops it. */
static void drop_dirty(gc_mutator *m, gc_root *root, size_t length) {
  gc_ref object = gc_root_get(root);
  const struct gc_type_desc *desc = gc_type_describe(gc_type_of(object));
  for (size_t i = 0; i < slots_of(desc, length); i++)
    gc_set(m, object, i, NULL);
  gc_root_clear(m, root);
  gc_safepoint(m);
}

static gc_ref make(gc_mutator *m, gc_root *out, gc_type type, size_t length) {
  if (gc_type_describe(type)->tail == GC_NO_TAIL)
    return gc_new(m, out, type);
  return gc_new_array(m, out, type, length);
}

/* Three times: the later ones may reuse the memory of the first. */
static void check_shape(gc_mutator *m, const struct gc_type_desc *desc,
                        size_t length) {
  GC_FRAME(m, f, object);
  gc_type type = gc_type_define(desc);
  assert_int_not_equal(type, 0);
  for (int i = 0; i < 3; i++) {
    check_fresh(make(m, &f.object, type, length), type, length);
    make_dirty(m, gc_root_get(&f.object), length);
    drop_dirty(m, &f.object, length);
  }
}

static void objects_of_every_shape(void **state) {
  gc_mutator *m = *state;
  for (int r = 0; r < REFS; r++)
    for (int b = 0; b < BYTES; b++)
      check_shape(m,
                  &(struct gc_type_desc){.name = "shape",
                                         .refs = some_refs[r],
                                         .bytes = some_bytes[b]},
                  0);
}

static void arrays_of_every_shape(void **state) {
  gc_mutator *m = *state;
  for (int i = 0; i < LENGTHS; i++)
    for (uint32_t k = 0; k < 9; k++) {
      struct gc_type_desc desc = {
          .name = "array", .refs = k % 3, .bytes = 5 * (k / 3)};
      desc.tail = GC_REF_TAIL;
      check_shape(m, &desc, some_lengths[i]);
      desc.tail = GC_BYTE_TAIL;
      check_shape(m, &desc, some_lengths[i]);
    }
}

static void small_nodes_are_small(void **state) {
  (void)state;
  gc_type pair =
      gc_type_define(&(struct gc_type_desc){.name = "pair", .refs = 2});
  assert_in_range(gc_size_for(pair, 0), 24, 32);
}

/* Fills each object with its number, then checks all of them. */
static void neighbours_do_not_overlap(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 300 };
  GC_FRAME(m, f, all[COUNT]);
  for (size_t i = 0; i < COUNT; i++)
    memset(gc_bytes(gc_new_array(m, &f.all[i], test_blob, i)), (int)i % 251, i);
  for (size_t i = 0; i < COUNT; i++) {
    gc_ref blob = gc_root_get(&f.all[i]);
    assert_int_equal(gc_length(blob), i);
    for (size_t k = 0; k < i; k++)
      assert_int_equal(((unsigned char *)gc_bytes(blob))[k], i % 251);
  }
}

/* Elements follow the fixed slots and the bytes follow the elements. */
static void slots_and_bytes_are_apart(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, array, value);
  gc_type type = gc_type_define(&(struct gc_type_desc){
      .name = "mixed", .refs = 2, .bytes = 8, .tail = GC_REF_TAIL});
  gc_new_array(m, &f.array, type, 3);
  for (size_t i = 0; i < 5; i++) {
    test_make(m, &f.value, test_leaf, i);
    gc_set(m, gc_root_get(&f.array), i, gc_root_get(&f.value));
  }
  gc_ref array = gc_root_get(&f.array);
  memset(gc_bytes(array), 0xff, 8);
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(test_id(gc_get(array, i)), i);
  assert_int_equal(*(uint64_t *)gc_bytes(array), UINT64_MAX);
}

static void the_root_gets_what_is_returned(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  gc_ref object = gc_new(m, &f.object, test_node);
  assert_ptr_equal(object, gc_root_get(&f.object));
  object = gc_new_array(m, &f.object, test_refs, 4);
  assert_ptr_equal(object, gc_root_get(&f.object));
}

int conformance_objects(void) {
  const struct CMUnitTest tests[] = {
      heap_test(objects_of_every_shape),
      heap_test(arrays_of_every_shape),
      heap_test(small_nodes_are_small),
      heap_test(neighbours_do_not_overlap),
      heap_test(slots_and_bytes_are_apart),
      heap_test(the_root_gets_what_is_returned),
  };
  return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
