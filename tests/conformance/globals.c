/* SPDX-License-Identifier: MIT */
/* Roots outside frames. */
#include "tests/conformance/conformance.h"

static void a_global_keeps_what_it_holds(void **state) {
  gc_mutator *m = *state;
  gc_root global = {NULL};
  test_deaths_begin(2);
  gc_global_add(m->heap, &global);
  assert_null(gc_root_get(&global));
  for (size_t i = 0; i < 2; i++) {
    GC_FRAME(m, f, value);
    test_make(m, &f.value, test_mortal, i);
    gc_global_set(m, &global, gc_root_get(&f.value));
  }
  test_settle(m);
  assert_deaths(1);
  assert_int_equal(test_id(gc_root_get(&global)), 1);
  gc_global_set(m, &global, NULL);
  test_settle(m);
  assert_deaths(2);
  gc_global_remove(m, &global);
}

static void removing_empties_it(void **state) {
  gc_mutator *m = *state;
  gc_root global = {NULL};
  GC_FRAME(m, f, value);
  test_deaths_begin(1);
  gc_global_add(m->heap, &global);
  test_make(m, &f.value, test_mortal, 0);
  gc_global_set(m, &global, gc_root_get(&f.value));
  gc_root_clear(m, &f.value);
  gc_global_remove(m, &global);
  assert_null(gc_root_get(&global));
  test_settle(m);
  assert_deaths(1);
}

static void a_global_is_set_to_what_it_holds(void **state) {
  gc_mutator *m = *state;
  gc_root global = {NULL};
  test_deaths_begin(1);
  gc_global_add(m->heap, &global);
  {
    GC_FRAME(m, f, value);
    test_make(m, &f.value, test_mortal, 0);
    gc_global_set(m, &global, gc_root_get(&f.value));
  }
  gc_global_set(m, &global, gc_root_get(&global));
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&global)), 0);
  gc_global_remove(m, &global);
  test_settle(m);
  assert_deaths(1);
}

/* Rule 2 holds for global roots as for slots: a loaded value stays valid until
   the next safepoint. */
static void a_loaded_reference_outlives_its_global(void **state) {
  gc_mutator *m = *state;
  gc_root global = {NULL};
  GC_FRAME(m, f, value);
  test_deaths_begin(1);
  gc_global_add(m->heap, &global);
  test_make(m, &f.value, test_mortal, 0);
  gc_global_set(m, &global, gc_root_get(&f.value));
  gc_root_clear(m, &f.value);
  test_settle(m);
  gc_ref raw = gc_root_get(&global);
  gc_global_set(m, &global, NULL);
  assert_int_equal(test_id(raw), 0);
  gc_root_set(m, &f.value, raw);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&f.value)), 0);
  gc_global_remove(m, &global);
}

/* Removed in another order than they were added. */
static void many_globals_come_and_go(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 1000, STEP = 617 };
  static gc_root globals[COUNT];
  test_deaths_begin(COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    GC_FRAME(m, f, value);
    gc_global_add(m->heap, &globals[i]);
    test_make(m, &f.value, test_mortal, i);
    gc_global_set(m, &globals[i], gc_root_get(&f.value));
  }
  for (size_t i = 0; i < COUNT; i++) {
    size_t victim = i * STEP % COUNT;
    assert_int_equal(test_id(gc_root_get(&globals[victim])), victim);
    assert_int_equal(test_deaths_of(victim), 0);
    gc_global_remove(m, &globals[victim]);
    if (i % 100 == 0) {
      test_settle(m);
      assert_deaths(i + 1);
    }
  }
}

enum { READERS = 3 };

static void read_until_gone(struct test_thread *self) {
  gc_root *global = self->shared;
  GC_FRAME(self->m, f, value);
  do {
    gc_root_set(self->m, &f.value, gc_root_get(global));
    gc_safepoint(self->m);
    if (gc_root_get(&f.value) != NULL) {
      CHECK(test_id(gc_root_get(&f.value)) == 5);
      CHECK(test_deaths() == 0);
      gc_global_set(self->m, global, NULL);
    }
  } while (gc_root_get(&f.value) != NULL);
}

static void every_thread_sees_a_global(void **state) {
  gc_mutator *m = *state;
  gc_root global = {NULL};
  test_deaths_begin(6);
  gc_global_add(m->heap, &global);
  {
    GC_FRAME(m, f, value);
    test_make(m, &f.value, test_mortal, 5);
    gc_global_set(m, &global, gc_root_get(&f.value));
  }
  test_threads_run(m, READERS, read_until_gone, &global);
  test_settle(m);
  assert_deaths(1);
  gc_global_remove(m, &global);
}

/* A thread without a mutator, or one that is parked, may call gc_global_add
   while the world is stopped. */
enum { ADDED = 300 };
static gc_root added[2][ADDED];

static void add_or_collect(struct test_thread *self) {
  gc_mutator *m = self->m;
  if (self->index == 2) {
    for (uint64_t i = 0; i < test_scaled(500); i++)
      gc_collect(m, GC_FULL);
    return;
  }
  gc_park(m);
  for (size_t i = 0; i < ADDED; i++)
    gc_global_add(self->heap, &added[self->index][i]);
  gc_unpark(m);
}

static void globals_are_added_at_any_time(void **state) {
  gc_mutator *m = *state;
  test_threads_run(m, 3, add_or_collect, NULL);
  for (size_t i = 0; i < 2 * ADDED; i++) {
    GC_FRAME(m, f, value);
    test_make(m, &f.value, test_leaf, i);
    gc_global_set(m, &added[i % 2][i / 2], gc_root_get(&f.value));
  }
  test_collect(m);
  for (size_t i = 0; i < 2 * ADDED; i++) {
    assert_int_equal(test_id(gc_root_get(&added[i % 2][i / 2])), i);
    gc_global_remove(m, &added[i % 2][i / 2]);
  }
}

/* Each object owns a global root, which its finalizer removes. */
enum { OWNERS = 40 };
static gc_root owned[OWNERS];
static int taken_away;

static void take_away(gc_mutator *m, const gc_root *self) {
  gc_global_remove(m, &owned[test_id(gc_root_get(self))]);
  taken_away++;
}

static void a_finalizer_removes_its_global_at_the_end(void **state) {
  (void)state;
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "owner of a global", .bytes = 16, .finalize = take_away});
  gc_mutator *m = test_open(0);
  taken_away = 0;
  {
    GC_FRAME(m, f, owner, value);
    for (uint64_t i = 0; i < OWNERS; i++) {
      gc_global_add(m->heap, &owned[i]);
      test_make(m, &f.owner, type, i);
      test_make(m, &f.value, test_leaf, i);
      gc_global_set(m, &owned[i], gc_root_get(i % 2 ? &f.owner : &f.value));
    }
  }
  test_close(m);
  assert_int_equal(taken_away, OWNERS);
  for (size_t i = 0; i < OWNERS; i++)
    assert_null(gc_root_get(&owned[i]));
}

int conformance_globals(void) {
  const struct CMUnitTest tests[] = {
      heap_test(a_global_keeps_what_it_holds),
      heap_test(removing_empties_it),
      heap_test(a_global_is_set_to_what_it_holds),
      heap_test(a_loaded_reference_outlives_its_global),
      heap_test(many_globals_come_and_go),
      heap_test(every_thread_sees_a_global),
      heap_test(globals_are_added_at_any_time),
      cmocka_unit_test(a_finalizer_removes_its_global_at_the_end),
  };
  return cmocka_run_group_tests_name("globals", tests, NULL, NULL);
}
