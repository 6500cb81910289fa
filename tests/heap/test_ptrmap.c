/* SPDX-License-Identifier: MIT */
/* Compares the map with a plain array and linear search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "heap/ptrmap.h"
#include "workloads/random.h"

#include <cmocka.h>

enum { KEYS = 700 };

static void *key_of(size_t i) {
  return (void *)((i + 1) * 16);
}
static void *value_of(size_t i) {
  return (void *)(i * 8 + 1);
}

static void put(struct gc_ptrmap *map, void *key, void *value) {
  assert_true(gc_ptrmap_reserve(map));
  gc_ptrmap_put(map, key, value);
}

static void an_empty_map_has_nothing(void **state) {
  (void)state;
  struct gc_ptrmap map = {0};
  assert_null(gc_ptrmap_get(&map, key_of(0)));
  assert_null(gc_ptrmap_remove(&map, key_of(0)));
  gc_ptrmap_finish(&map);
  assert_int_equal(map.count, 0);
}

static void putting_again_replaces(void **state) {
  (void)state;
  struct gc_ptrmap map = {0};
  put(&map, key_of(3), value_of(1));
  put(&map, key_of(3), value_of(2));
  assert_int_equal(map.count, 1);
  assert_ptr_equal(gc_ptrmap_get(&map, key_of(3)), value_of(2));
  assert_ptr_equal(gc_ptrmap_remove(&map, key_of(3)), value_of(2));
  assert_null(gc_ptrmap_remove(&map, key_of(3)));
  assert_int_equal(map.count, 0);
  gc_ptrmap_finish(&map);
}

/* A missing entry is NULL at first, and exists afterwards. */
static void a_place_can_be_counted_in(void **state) {
  (void)state;
  struct gc_ptrmap map = {0};
  for (size_t i = 0; i < 3 * KEYS; i++) {
    void **count = gc_ptrmap_at(&map, key_of(i % KEYS));
    assert_int_equal((size_t)*count, i / KEYS);
    *count = (void *)(i / KEYS + 1);
  }
  assert_int_equal(map.count, KEYS);
  assert_int_equal((size_t)gc_ptrmap_get(&map, key_of(KEYS - 1)), 3);
  gc_ptrmap_finish(&map);
}

static void clearing_keeps_what_was_used(void **state) {
  (void)state;
  struct gc_ptrmap map = {0};
  gc_ptrmap_clear(&map);
  for (size_t i = 0; i < KEYS; i++)
    put(&map, key_of(i), value_of(i));
  size_t capacity = map.capacity;
  gc_ptrmap_clear(&map);
  assert_int_equal(map.count, 0);
  assert_int_equal(map.capacity, capacity);
  for (size_t i = 0; i < KEYS; i++)
    assert_null(gc_ptrmap_get(&map, key_of(i)));
  put(&map, key_of(1), value_of(1));
  gc_ptrmap_clear(&map);
  assert_int_equal(map.capacity, 0);
  assert_null(gc_ptrmap_get(&map, key_of(1)));
}

static void it_grows(void **state) {
  (void)state;
  enum { MANY = 100000 };
  struct gc_ptrmap map = {0};
  for (size_t i = 0; i < MANY; i++)
    put(&map, key_of(i), value_of(i));
  assert_int_equal(map.count, MANY);
  assert_int_equal(map.capacity & (map.capacity - 1), 0);
  for (size_t i = 0; i < MANY; i++)
    assert_ptr_equal(gc_ptrmap_get(&map, key_of(i)), value_of(i));
  assert_null(gc_ptrmap_get(&map, key_of(MANY)));
  gc_ptrmap_finish(&map);
}

/* The entries are what the heap walks: each key once, and none that is gone. */
static void check(const struct gc_ptrmap *map, void *const *model) {
  size_t present = 0, entries = 0;
  for (size_t i = 0; i < KEYS; i++) {
    assert_ptr_equal(gc_ptrmap_get(map, key_of(i)), model[i]);
    present += model[i] != NULL;
  }
  for (size_t i = 0; i < map->capacity; i++)
    entries += map->entries[i].key != NULL;
  assert_int_equal(map->count, present);
  assert_int_equal(entries, present);
}

/* Alternates between dense and sparse, so that removal closes gaps in long
   runs, also across the end of the table. */
static void removing_loses_no_other(void **state) {
  (void)state;
  struct gc_ptrmap map = {0};
  struct workload_random random = workload_random_make(1, 0);
  void *model[KEYS] = {NULL};
  for (size_t step = 0; step < 40000; step++) {
    size_t i = workload_random_below(&random, KEYS);
    bool is_growing = step / 4000 % 2 == 0;
    if (workload_random_below(&random, 10) < (is_growing ? 7 : 3)) {
      model[i] = value_of(workload_random_below(&random, 1000));
      put(&map, key_of(i), model[i]);
    } else {
      assert_ptr_equal(gc_ptrmap_remove(&map, key_of(i)), model[i]);
      model[i] = NULL;
    }
    if (step % 100 == 0)
      check(&map, model);
  }
  check(&map, model);
  gc_ptrmap_finish(&map);
}

/* A lookup that misses ends even when the map is as full as it can be before
   it grows. */
static void a_miss_ends(void **state) {
  (void)state;
  struct gc_ptrmap map = {0};
  for (size_t i = 0; i < KEYS; i++) {
    put(&map, key_of(i), value_of(i));
    assert_true(map.count < map.capacity);
    for (size_t k = i + 1; k < i + 20; k++)
      assert_null(gc_ptrmap_get(&map, key_of(k)));
  }
  gc_ptrmap_finish(&map);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_map_has_nothing),
      cmocka_unit_test(putting_again_replaces),
      cmocka_unit_test(a_place_can_be_counted_in),
      cmocka_unit_test(clearing_keeps_what_was_used),
      cmocka_unit_test(it_grows),
      cmocka_unit_test(removing_loses_no_other),
      cmocka_unit_test(a_miss_ends),
  };
  return cmocka_run_group_tests_name("ptrmap", tests, NULL, NULL);
}
