/* SPDX-License-Identifier: MIT */
/* When memory runs out, allocation returns NULL and leaves the root unchanged.
   The heap still works, and dropped objects make room again. */
#include <unistd.h>

#include "tests/conformance/conformance.h"

/* Under stress every allocation collects the whole heap, so it is small. */
static size_t limit(void) {
  return test_is_stressed() ? 256 << 10 : 16 << 20;
}

static int limited_open(void **state) {
  *state = test_open(limit());
  return 0;
}

/* Prepends nodes until there is no memory; returns the number of nodes. */
static size_t fill(gc_mutator *m, gc_root *list) {
  GC_FRAME(m, f, node);
  size_t count = 0;
  for (;; count++) {
    gc_ref node = test_make(m, &f.node, test_node, count);
    if (node == NULL)
      return count;
    gc_set_move(m, node, 0, list);
    gc_root_move(m, list, &f.node);
  }
}

static size_t length_of(gc_root *list) {
  size_t count = 0;
  for (gc_ref at = gc_root_get(list); at; at = gc_get(at, 0))
    count += test_is_intact(at);
  return count;
}

static void need_limits(void) {
  if (!gc_collector.limits)
    skip();
}

static void the_limit_is_an_answer(void **state) {
  gc_mutator *m = *state;
  need_limits();
  GC_FRAME(m, f, list, kept);
  size_t count = fill(m, &f.list), size = gc_size_for(test_node, 0);
  assert_in_range(count * size, test_room(limit()) / 4 * 3, limit());
  assert_int_equal(length_of(&f.list), count);
  assert_in_range(test_held(m->heap), count * size, limit());
}

static void the_root_is_as_it_was(void **state) {
  gc_mutator *m = *state;
  need_limits();
  GC_FRAME(m, f, list, kept, empty, weak);
  gc_ref kept = test_make(m, &f.kept, test_leaf, 77);
  fill(m, &f.list);
  for (size_t i = 0; i < test_scaled(100); i++) {
    assert_null(test_make(m, &f.kept, test_node, 78));
    assert_null(test_make(m, &f.kept, test_mortal, 78));
    assert_null(gc_new_array(m, &f.kept, test_refs, 10000));
    assert_null(gc_new_array(m, &f.kept, test_blob, limit()));
    assert_null(gc_new(m, &f.empty, test_node));
    assert_null(gc_root_get(&f.empty));
  }
  if (!gc_collector.moves)
    assert_ptr_equal(gc_root_get(&f.kept), kept);
  assert_int_equal(test_id(gc_root_get(&f.kept)), 77);
}

/* There may be room for one weak reference more; in the end there is none. */
static void weak_references_run_out_too(void **state) {
  gc_mutator *m = *state;
  need_limits();
  GC_FRAME(m, f, list, kept, array, weak);
  test_make(m, &f.kept, test_leaf, 77);
  gc_new_array(m, &f.array, test_refs, limit() / 64);
  fill(m, &f.list);
  size_t count = 0;
  while (gc_weak_new(m, &f.weak, gc_root_get(&f.kept)) != NULL) {
    gc_set_move(m, gc_root_get(&f.array), count++, &f.weak);
    assert_in_range(count, 0, limit() / 64 - 1);
  }
  for (size_t i = 0; i < count; i++) {
    gc_ref weak = gc_get(gc_root_get(&f.array), i);
    assert_int_equal(test_id(gc_weak_get(m, &f.weak, weak)), 77);
  }
}

/* A failed allocation leads to no call of the finalizer. */
static void no_object_no_finalizer(void **state) {
  (void)state;
  need_limits();
  test_deaths_begin(2);
  gc_mutator *m = test_open(limit());
  {
    GC_FRAME(m, f, list, mortal);
    test_make(m, &f.mortal, test_mortal, 0);
    fill(m, &f.list);
    for (int i = 0; i < 100; i++)
      assert_null(test_make(m, &f.mortal, test_mortal, 1));
  }
  test_close(m);
  assert_int_equal(test_deaths(), 1);
  assert_int_equal(test_deaths_of(0), 1);
}

/* A table takes memory from a limit that is no multiple of anything, and gives
   it back when all other memory is in use. */
static void what_a_table_gives_back_has_whole_cells(void **state) {
  (void)state;
  need_limits();
  gc_mutator *m = test_open(limit() + 4);
  {
    GC_FRAME(m, f, list, node);
    gc_root_stack *stack = gc_root_stack_create(m);
    assert_non_null(stack);
    assert_true(gc_root_stack_reserve(stack, 1000));
    fill(m, &f.list);
    gc_root_stack_destroy(m, stack);
    for (int i = 0; i < 10; i++) {
      gc_ref node = gc_new(m, &f.node, test_node);
      assert_int_equal((uintptr_t)node % sizeof(gc_ref), 0);
    }
  }
  test_close(m);
}

static void room_is_made_again(void **state) {
  gc_mutator *m = *state;
  need_limits();
  GC_FRAME(m, f, list);
  size_t first = fill(m, &f.list);
  for (int i = 0; i < 3; i++) {
    gc_root_clear(m, &f.list);
    size_t again = fill(m, &f.list);
    if (test_finds_garbage())
      assert_in_range(again, first / 10 * 9, first / 9 * 10);
    else if (!gc_collector.reclaims)
      assert_int_equal(again, 0);
  }
}

/* After small objects have filled everything, a large one must fit. */
static void room_is_made_for_large_ones(void **state) {
  gc_mutator *m = *state;
  need_limits();
  if (!gc_collector.precise)
    skip(); /* garbage of the filling may be found only now */
  GC_FRAME(m, f, list, large);
  for (int i = 0; i < 3; i++) {
    fill(m, &f.list);
    assert_null(gc_new_array(m, &f.large, test_blob, limit() / 2));
    gc_root_clear(m, &f.list);
    gc_ref large = gc_new_array(m, &f.large, test_blob, limit() / 2);
    if (test_finds_garbage())
      assert_non_null(large);
    gc_root_clear(m, &f.large);
  }
}

static void lengths_that_cannot_be(void **state) {
  gc_mutator *m = *state;
  const size_t lengths[] = {SIZE_MAX,         SIZE_MAX - 7,     SIZE_MAX - 15,
                            SIZE_MAX - 31,    SIZE_MAX / 2,     SIZE_MAX / 8,
                            SIZE_MAX / 8 - 1, SIZE_MAX / 8 - 2, SIZE_MAX / 16};
  GC_FRAME(m, f, kept, object);
  test_make(m, &f.kept, test_leaf, 1);
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    assert_null(gc_new_array(m, &f.kept, test_refs, lengths[i]));
    assert_null(gc_new_array(m, &f.kept, test_blob, lengths[i]));
    assert_int_equal(test_id(gc_root_get(&f.kept)), 1);
    assert_non_null(test_make(m, &f.object, test_node, 2));
  }
}

/* A collector that touches all memory that it takes must not ask the system for
   more than the machine has. */
static void more_than_the_machine_has(void **state) {
  gc_mutator *m = *state;
  if (gc_collector.reclaims)
    skip();
  GC_FRAME(m, f, object);
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES);
  size_t machine = pages * (size_t)sysconf(_SC_PAGESIZE);
  assert_null(gc_new_array(m, &f.object, test_blob, 2 * machine));
  assert_non_null(gc_new(m, &f.object, test_node));
}

/* Allocates fifty times the limit. */
static void garbage_does_not_run_out(void **state) {
  gc_mutator *m = *state;
  need_limits();
  if (!test_finds_garbage())
    skip();
  size_t size = gc_size_for(test_node, 0);
  GC_FRAME(m, f, object);
  for (size_t i = 0; i < test_scaled(50 * limit() / size); i++)
    assert_non_null(test_make(m, &f.object, test_node, i));
}

/* Arrays are overwritten in a slot. Those that wait for a grace period must not
   count as live when memory runs out. */
static void large_garbage_does_not_run_out(void **state) {
  gc_mutator *m = *state;
  need_limits();
  if (!test_finds_garbage())
    skip();
  GC_FRAME(m, f, holder, large);
  test_make(m, &f.holder, test_node, 0);
  for (int i = 0; i < 200; i++) {
    assert_non_null(gc_new_array(m, &f.large, test_blob, limit() / 4));
    gc_set_move(m, gc_root_get(&f.holder), 0, &f.large);
  }
}

static void garbage_with_finalizers_does_not_run_out(void **state) {
  gc_mutator *m = *state;
  need_limits();
  if (!test_finds_garbage())
    skip();
  size_t count = test_scaled(5 * limit() / gc_size_for(test_mortal, 0));
  test_deaths_begin(count);
  GC_FRAME(m, f, object);
  for (size_t i = 0; i < count; i++)
    assert_non_null(test_make(m, &f.object, test_mortal, i));
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_deaths(count);
}

/* Dead objects with finalizers fill the heap. When memory runs out their
   finalizers must run, and then their memory must be freed. */
static void what_finalizers_hold_makes_room(void **state) {
  gc_mutator *m = *state;
  need_limits();
  if (!test_finds_garbage())
    skip();
  enum { ROUNDS = 3 };
  test_deaths_begin(ROUNDS);
  GC_FRAME(m, f, holder, large);
  for (unsigned i = 0; i < ROUNDS; i++) {
    assert_non_null(gc_new_array(m, &f.large, test_blob, limit() / 2));
    gc_ref holder = test_make(m, &f.holder, test_mortal, i);
    if (test_finds_cycles())
      gc_set(m, holder, 1, holder);
    gc_set_move(m, holder, 0, &f.large);
    gc_root_clear(m, &f.holder);
  }
  assert_non_null(gc_new_array(m, &f.large, test_blob, limit() / 2));
  assert_deaths(ROUNDS);
}

/* Memory runs out of rings only if the collector does not free cycles. */
static void cyclic_garbage(void **state) {
  gc_mutator *m = *state;
  need_limits();
  if (!gc_collector.precise)
    skip();
  size_t size = gc_size_for(test_node, 0), count = 4 * limit() / size, i;
  GC_FRAME(m, f, a, b);
  for (i = 0; i < count; i++) {
    if (!test_make(m, &f.a, test_node, i) || !test_make(m, &f.b, test_node, i))
      break;
    gc_set(m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
    gc_set(m, gc_root_get(&f.b), 1, gc_root_get(&f.a));
  }
  if (gc_collector.reclaims_cycles)
    assert_int_equal(i, count);
  else
    assert_in_range(i * 2 * size, limit() / 4 * 3, limit());
}

static void figures_follow(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 64, SIZE = 1 << 20 };
  struct gc_memory_figures before, full, after;
  gc_memory_figures(m->heap, &before);
  GC_FRAME(m, f, array[COUNT]);
  for (int i = 0; i < COUNT; i++)
    assert_non_null(gc_new_array(m, &f.array[i], test_blob, SIZE));
  gc_memory_figures(m->heap, &full);
  assert_true(full.held >= (size_t)COUNT * SIZE);
  assert_true(full.held_peak >= full.held);
  assert_true(full.metadata <= full.held);
  for (int i = 0; i < COUNT; i++)
    gc_root_clear(m, &f.array[i]);
  test_settle(m);
  gc_memory_figures(m->heap, &after);
  assert_true(after.held_peak >= full.held);
  if (test_finds_garbage())
    assert_in_range(after.held, 0, before.held + SIZE);
}

#define limited_test(f)                                                        \
  cmocka_unit_test_setup_teardown(f, limited_open, heap_close)

int conformance_memory(void) {
  const struct CMUnitTest tests[] = {
      limited_test(the_limit_is_an_answer),
      limited_test(the_root_is_as_it_was),
      limited_test(weak_references_run_out_too),
      cmocka_unit_test(no_object_no_finalizer),
      cmocka_unit_test(what_a_table_gives_back_has_whole_cells),
      limited_test(room_is_made_again),
      limited_test(room_is_made_for_large_ones),
      heap_test(lengths_that_cannot_be),
      heap_test(more_than_the_machine_has),
      limited_test(garbage_does_not_run_out),
      limited_test(large_garbage_does_not_run_out),
      limited_test(garbage_with_finalizers_does_not_run_out),
      limited_test(what_finalizers_hold_makes_room),
      limited_test(cyclic_garbage),
      heap_test(figures_follow),
  };
  return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
