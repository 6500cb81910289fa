/* SPDX-License-Identifier: MIT */
/* Maps with weak keys. */
#include "objects/weakmap.h"
#include "tests/objects/objects.h"

enum { KEYS = 200 };

static void set(gc_mutator *m, struct gc_weakmap *map, const gc_root *key,
                uint64_t id) {
  GC_FRAME(m, f, value);
  assert_non_null(test_make(m, &f.value, test_node, id));
  assert_true(gc_weakmap_set(m, map, key, test_id(gc_root_get(key)), &f.value));
}

/* Key i in slot i of a new array, and an entry with the value 1000 + i. */
static void fill(gc_mutator *m, struct gc_weakmap *map, gc_root *array,
                 size_t count) {
  GC_FRAME(m, f, key);
  assert_non_null(gc_new_array(m, array, test_refs, count));
  for (size_t i = 0; i < count; i++) {
    assert_non_null(test_make(m, &f.key, test_node, i));
    set(m, map, &f.key, 1000 + i);
    gc_set_move(m, gc_root_get(array), i, &f.key);
  }
}

static uint64_t id_of(gc_mutator *m, struct gc_weakmap *map,
                      const gc_root *array, size_t i) {
  GC_FRAME(m, f, key, value);
  gc_root_set(m, &f.key, gc_get(gc_root_get(array), i));
  gc_ref value = gc_weakmap_get(m, map, &f.value, &f.key, i);
  assert_ptr_equal(value, gc_root_get(&f.value));
  return value ? test_id(value) : 0;
}

static void assert_entries(size_t found, size_t live, size_t all) {
  assert_in_range(found, live, test_finds_garbage() ? live : all);
}

static void finds_by_identity(void **state) {
  gc_mutator *m = ((struct gc_py *)*state)->m;
  struct gc_weakmap map;
  gc_weakmap_init(m->heap, &map);
  {
    GC_FRAME(m, f, array, other, value);
    fill(m, &map, &f.array, KEYS);
    test_collect(m);
    for (size_t i = 0; i < KEYS; i++)
      assert_int_equal(id_of(m, &map, &f.array, i), 1000 + i);
    assert_int_equal(gc_weakmap_size(m, &map), KEYS);
    assert_non_null(test_make(m, &f.other, test_node, 5));
    assert_null(gc_weakmap_get(m, &map, &f.value, &f.other, 5));
    assert_false(gc_weakmap_remove(m, &map, &f.other, 5));
  }
  gc_weakmap_finish(m, &map);
}

static void replaces_and_removes(void **state) {
  gc_mutator *m = ((struct gc_py *)*state)->m;
  struct gc_weakmap map;
  gc_weakmap_init(m->heap, &map);
  assert_true(gc_weakmap_reserve(m, &map, KEYS));
  {
    GC_FRAME(m, f, array, key);
    fill(m, &map, &f.array, KEYS);
    for (size_t i = 0; i < KEYS; i++) {
      gc_root_set(m, &f.key, gc_get(gc_root_get(&f.array), i));
      if (i % 3 == 0)
        set(m, &map, &f.key, 5000 + i);
      if (i % 3 == 1)
        assert_true(gc_weakmap_remove(m, &map, &f.key, i));
    }
    test_settle(m);
    for (size_t i = 0; i < KEYS; i++)
      assert_int_equal(id_of(m, &map, &f.array, i), i % 3 == 0   ? 5000 + i
                                                    : i % 3 == 1 ? 0
                                                                 : 1000 + i);
    assert_int_equal(gc_weakmap_size(m, &map), KEYS - (KEYS + 1) / 3);
  }
  gc_weakmap_finish(m, &map);
}

struct seen {
  size_t count;
  uint64_t sum;
};

static void see(gc_ref key, gc_ref value, void *data) {
  struct seen *seen = data;
  CHECK(test_id(value) == 1000 + test_id(key));
  seen->count++;
  seen->sum += test_id(key);
}

static void dead_keys_leave(void **state) {
  gc_mutator *m = ((struct gc_py *)*state)->m;
  struct gc_weakmap map;
  gc_weakmap_init(m->heap, &map);
  {
    GC_FRAME(m, f, array);
    fill(m, &map, &f.array, KEYS);
    for (size_t i = 0; i < KEYS; i += 2)
      gc_set(m, gc_root_get(&f.array), i, NULL);
    test_collect(m);
    struct seen seen = {0};
    gc_weakmap_visit(m, &map, see, &seen);
    assert_entries(seen.count, KEYS / 2, KEYS);
    if (test_finds_garbage())
      assert_int_equal(seen.sum, KEYS / 2 * (KEYS / 2));
    assert_entries(gc_weakmap_size(m, &map), KEYS / 2, KEYS);
    for (size_t i = 1; i < KEYS; i += 2)
      assert_int_equal(id_of(m, &map, &f.array, i), 1000 + i);
  }
  gc_weakmap_finish(m, &map);
}

/* The table does not grow with the number of keys that have died. */
static void stays_small_while_keys_die(void **state) {
  gc_mutator *m = ((struct gc_py *)*state)->m;
  struct gc_weakmap map;
  gc_weakmap_init(m->heap, &map);
  {
    GC_FRAME(m, f, key);
    for (uint64_t i = 0; i < test_many() / 2; i++) {
      assert_non_null(test_make(m, &f.key, test_node, i));
      set(m, &map, &f.key, i);
      if (i % 64 == 0)
        test_settle(m);
    }
    gc_root_clear(m, &f.key);
    test_collect(m);
    if (test_finds_garbage()) {
      assert_in_range(gc_slot_count(gc_root_get(&map.table)), 16, 512);
      assert_int_equal(gc_weakmap_size(m, &map), 0);
    }
  }
  gc_weakmap_finish(m, &map);
}

/* --- threads ---------------------------------------------------------------
 */

static void fill_and_drop(struct test_thread *t) {
  struct gc_weakmap *map = t->shared;
  enum { OWN = 50 };
  uint64_t steps = test_scaled(20000);
  GC_FRAME(t->m, f, array, key, value);
  if (gc_new_array(t->m, &f.array, test_refs, OWN) == NULL)
    return;
  for (uint64_t i = 0; i < steps; i++) {
    uint64_t slot = i % OWN, id = i * t->count + t->index;
    gc_root_set(t->m, &f.key, gc_get(gc_root_get(&f.array), slot));
    if (gc_root_get(&f.key) != NULL) {
      uint64_t before = test_id(gc_root_get(&f.key));
      gc_ref value = gc_weakmap_get(t->m, map, &f.value, &f.key, before);
      CHECK(value != NULL && test_id(value) == before);
    }
    if (test_make(t->m, &f.key, test_node, id) == NULL ||
        test_make(t->m, &f.value, test_leaf, id) == NULL)
      return;
    CHECK(gc_weakmap_set(t->m, map, &f.key, id, &f.value));
    gc_set_move(t->m, gc_root_get(&f.array), slot, &f.key);
    if (i % 2048 == 0)
      gc_collect(t->m, (int)(i / 2048 % 3));
  }
}

static void threads_fill_while_keys_die(void **state) {
  gc_mutator *m = ((struct gc_py *)*state)->m;
  struct gc_weakmap map;
  gc_weakmap_init(m->heap, &map);
  test_threads_run(m, 4, fill_and_drop, &map);
  test_collect(m);
  if (test_finds_garbage())
    assert_int_equal(gc_weakmap_size(m, &map), 0);
  gc_weakmap_finish(m, &map);
}

int objects_weakmaps(void) {
  const struct CMUnitTest tests[] = {
      objects_test(finds_by_identity),
      objects_test(replaces_and_removes),
      objects_test(dead_keys_leave),
      objects_test(stays_small_while_keys_die),
      objects_test(threads_fill_while_keys_die),
  };
  return cmocka_run_group_tests_name("weakmaps", tests, NULL, NULL);
}
