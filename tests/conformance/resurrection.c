/* SPDX-License-Identifier: MIT */
/* A finalizer that stores its object somewhere resurrects it, with all objects
   that it holds. The second death runs no finalizer. */
#include "tests/conformance/conformance.h"

static gc_root saved;
static int calls;
/* Resurrects every Nth; 0: none. */
static uint64_t save_every = 1;

static void save_self(gc_mutator *m, const gc_root *self) {
  uint64_t id = test_id(gc_root_get(self));
  calls++;
  if (save_every != 0 && id % save_every == 0)
    gc_global_set(m, &saved, gc_root_get(self));
}

static gc_type phoenix(void) {
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "phoenix", .refs = 2, .bytes = 16, .finalize = save_self});
  return type;
}

static int saved_open(void **state) {
  heap_open(state);
  gc_global_add(((gc_mutator *)*state)->heap, &saved);
  calls = 0;
  save_every = 1;
  return 0;
}

static int saved_close(void **state) {
  save_every = 0;
  gc_global_remove(*state, &saved);
  return heap_close(state);
}

static gc_ref drop_phoenix(gc_mutator *m, gc_root *weak) {
  GC_FRAME(m, f, object, child);
  test_make(m, &f.object, phoenix(), 0);
  test_make(m, &f.child, test_mortal, 1);
  gc_set_move(m, gc_root_get(&f.object), 0, &f.child);
  return gc_weak_new(m, weak, gc_root_get(&f.object));
}

static void it_comes_back_whole(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, weak);
  drop_phoenix(m, &f.weak);
  test_settle(m);
  if (test_finds_garbage()) {
    assert_int_equal(calls, 1);
    gc_ref object = gc_root_get(&saved);
    assert_non_null(object);
    assert_int_equal(test_id(object), 0);
    assert_int_equal(test_id(gc_get(object, 0)), 1);
  }
}

/* The object holds a child that has a finalizer, too. In some collectors the
   child was never found dead; in others its finalizer has run. It lives in both
   cases. */
static void what_hangs_by_it_lives(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, weak, child);
  drop_phoenix(m, &f.weak);
  test_settle(m);
  if (!test_finds_garbage())
    return;
  if (gc_collector.prompt)
    assert_int_equal(test_deaths(), 0);
  for (int i = 0; i < 3; i++) {
    test_settle(m);
    gc_root_set(m, &f.child, gc_get(gc_root_get(&saved), 0));
    assert_int_equal(test_id(gc_root_get(&f.child)), 1);
  }
  gc_root_clear(m, &f.child);
  gc_global_set(m, &saved, NULL);
  test_settle(m);
  assert_int_equal(test_deaths_of(1), 1);
}

/* Weak references are cleared when the object is freed, not before. */
static void weak_references_survive_it(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, weak, target);
  drop_phoenix(m, &f.weak);
  test_settle(m);
  gc_ref target = gc_weak_get(m, &f.target, gc_root_get(&f.weak));
  if (test_finds_garbage())
    assert_ptr_equal(target, gc_root_get(&saved));
}

static void the_second_death_is_silent(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, weak, target);
  drop_phoenix(m, &f.weak);
  test_settle(m);
  gc_global_set(m, &saved, NULL);
  test_settle(m);
  if (!test_finds_garbage())
    return;
  assert_int_equal(calls, 1);
  assert_null(gc_weak_get(m, &f.target, gc_root_get(&f.weak)));
  assert_int_equal(test_deaths_of(1), 1);
}

/* One in ten objects is resurrected, and replaces the one before. */
static void others_die_meanwhile(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 100 };
  save_every = 10;
  GC_FRAME(m, f, object, all, weaks);
  gc_new_array(m, &f.all, test_refs, COUNT);
  gc_new_array(m, &f.weaks, test_refs, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    test_make(m, &f.object, phoenix(), i);
    gc_set(m, gc_root_get(&f.all), i, gc_root_get(&f.object));
    gc_weak_new(m, &f.object, gc_root_get(&f.object));
    gc_set_move(m, gc_root_get(&f.weaks), i, &f.object);
  }
  gc_root_clear(m, &f.all);
  test_settle(m);
  test_settle(m);
  if (!test_finds_garbage())
    return;
  assert_int_equal(calls, COUNT);
  gc_ref survivor = gc_root_get(&saved);
  assert_int_equal(test_id(survivor) % 10, 0);
  for (size_t i = 0; i < COUNT; i++) {
    gc_ref weak = gc_get(gc_root_get(&f.weaks), i);
    gc_ref target = gc_weak_get(m, &f.object, weak);
    if (i == test_id(gc_root_get(&saved)))
      assert_ptr_equal(target, gc_root_get(&saved));
    else
      assert_null(target);
  }
}

/* The finalizer stores its object in a slot of a live object. */
static void store_in_saved(gc_mutator *m, const gc_root *self) {
  calls++;
  if (gc_root_get(&saved) != NULL)
    gc_set(m, gc_root_get(&saved), 1, gc_root_get(self));
}

static void a_slot_can_bring_it_back(void **state) {
  gc_mutator *m = *state;
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "into a slot", .bytes = 16, .finalize = store_in_saved});
  GC_FRAME(m, f, holder, object);
  test_make(m, &f.holder, test_node, 0);
  gc_global_set(m, &saved, gc_root_get(&f.holder));
  test_make(m, &f.object, type, 4);
  gc_root_clear(m, &f.object);
  for (int i = 0; i < 3; i++)
    test_settle(m);
  if (test_finds_garbage()) {
    assert_int_equal(calls, 1);
    assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), 1)), 4);
  }
  gc_root_clear(m, &f.holder);
}

/* The finalizer resurrects its object and drops it again. */
static void save_and_drop(gc_mutator *m, const gc_root *self) {
  calls++;
  if (save_every == 0)
    return;
  gc_global_set(m, &saved, gc_root_get(self));
  gc_safepoint(m);
  CHECK(test_is_intact(gc_root_get(&saved)));
  gc_global_set(m, &saved, NULL);
  gc_safepoint(m);
  CHECK(test_is_intact(gc_root_get(self)));
}

static void a_short_return_is_a_death(void **state) {
  gc_mutator *m = *state;
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "short return", .bytes = 16, .finalize = save_and_drop});
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, type, 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_root_clear(m, &f.object);
  for (int i = 0; i < 3; i++)
    test_settle(m);
  if (!test_finds_garbage())
    return;
  assert_int_equal(calls, 1);
  assert_null(gc_weak_get(m, &f.object, gc_root_get(&f.weak)));
}

#define saved_test(f)                                                          \
  cmocka_unit_test_setup_teardown(f, saved_open, saved_close)

int conformance_resurrection(void) {
  const struct CMUnitTest tests[] = {
      saved_test(it_comes_back_whole),
      saved_test(what_hangs_by_it_lives),
      saved_test(weak_references_survive_it),
      saved_test(the_second_death_is_silent),
      saved_test(others_die_meanwhile),
      saved_test(a_slot_can_bring_it_back),
      saved_test(a_short_return_is_a_death),
  };
  return cmocka_run_group_tests_name("resurrection", tests, NULL, NULL);
}
