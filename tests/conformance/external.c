/* SPDX-License-Identifier: MIT */
/* External memory counts as held: it makes collections due, the limit includes
   it, and it goes with the object. */
#include <pthread.h>

#include "heap/figures.h"
#include "tests/conformance/conformance.h"

enum { MEGABYTE = 1 << 20 };

static size_t external_of(gc_heap *heap) {
  struct gc_memory_figures figures;
  gc_memory_figures(heap, &figures);
  assert_true(figures.external <= figures.held);
  assert_true(figures.metadata + figures.external <= figures.held);
  return figures.external;
}

static void counts_as_held(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object, other);
  test_make(m, &f.object, test_leaf, 1);
  test_make(m, &f.other, test_node, 2);
  assert_true(gc_external_add(m, gc_root_get(&f.object), MEGABYTE));
  assert_true(gc_external_add(m, gc_root_get(&f.other), 100));
  assert_true(gc_external_add(m, gc_root_get(&f.object), MEGABYTE));
  assert_int_equal(external_of(m->heap), 2 * MEGABYTE + 100);
  test_collect(m);
  assert_int_equal(external_of(m->heap), 2 * MEGABYTE + 100);
  gc_external_sub(m, gc_root_get(&f.object), MEGABYTE + 1);
  assert_int_equal(external_of(m->heap), MEGABYTE + 99);
  gc_external_sub(m, gc_root_get(&f.object), MEGABYTE - 1);
  gc_external_sub(m, gc_root_get(&f.other), 100);
  assert_int_equal(external_of(m->heap), 0);
  assert_int_equal(test_id(gc_root_get(&f.object)), 1);
}

static void goes_with_the_object(void **state) {
  gc_mutator *m = *state;
  const gc_type types[] = {test_leaf, test_node, test_mortal};
  for (int i = 0; i < 3; i++) {
    test_deaths_begin(1);
    size_t before = external_of(m->heap);
    GC_FRAME(m, f, object);
    assert_non_null(test_make(m, &f.object, types[i], 0));
    assert_true(gc_external_add(m, gc_root_get(&f.object), MEGABYTE));
    gc_root_clear(m, &f.object);
    test_collect(m);
    test_collect(m);
    if (test_finds_garbage())
      assert_int_equal(external_of(m->heap), before);
    else if (!gc_collector.reclaims)
      assert_int_equal(external_of(m->heap), before + MEGABYTE);
  }
}

/* Memory that was added and taken off again is dropped once. */
static void is_dropped_once(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  for (int i = 0; i < 200; i++) {
    test_make(m, &f.object, i % 2 ? test_leaf : test_node, 0);
    for (int k = 0; k < 5; k++)
      assert_true(gc_external_add(m, gc_root_get(&f.object), 1000));
    gc_external_sub(m, gc_root_get(&f.object), 3000);
  }
  gc_root_clear(m, &f.object);
  test_collect(m);
  assert_in_range(external_of(m->heap), 0, 200 * 2000);
  if (test_finds_garbage())
    assert_int_equal(external_of(m->heap), 0);
}

/* --- few small objects that hold much ---------------------------------------
 */

enum { OBJECTS = 3000, MOST = 96 << 20 };

static void assert_few_held(gc_mutator *m) {
  if (gc_collector.reclaims)
    assert_true(test_held(m->heap) < MOST);
}

static void garbage_that_holds_much_is_collected(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  for (int i = 0; i < OBJECTS; i++) {
    assert_non_null(test_make(m, &f.object, test_node, 0));
    if (!gc_collector.reclaims && i == 10)
      return;
    assert_true(gc_external_add(m, gc_root_get(&f.object), MEGABYTE));
    assert_few_held(m);
  }
}

static void cycles_that_hold_much_are_collected(void **state) {
  gc_mutator *m = *state;
  if (!gc_collector.reclaims || !gc_collector.reclaims_cycles)
    skip();
  GC_FRAME(m, f, object, other);
  for (int i = 0; i < OBJECTS; i++) {
    assert_non_null(test_make(m, &f.object, test_node, 0));
    assert_non_null(test_make(m, &f.other, test_node, 0));
    gc_set(m, gc_root_get(&f.object), 0, gc_root_get(&f.other));
    gc_set(m, gc_root_get(&f.other), 0, gc_root_get(&f.object));
    assert_true(gc_external_add(m, gc_root_get(&f.object), MEGABYTE));
    assert_few_held(m);
  }
}

/* Old objects, too: the array that holds them has survived collections. */
static void old_garbage_that_holds_much_is_collected(void **state) {
  gc_mutator *m = *state;
  if (!gc_collector.reclaims)
    skip();
  enum { LIVE = 8 };
  GC_FRAME(m, f, array, object);
  assert_non_null(gc_new_array(m, &f.array, test_refs, LIVE));
  for (size_t i = 0; i < OBJECTS / 4; i++) {
    assert_non_null(test_make(m, &f.object, test_node, 0));
    assert_true(gc_external_add(m, gc_root_get(&f.object), MEGABYTE));
    gc_set(m, gc_root_get(&f.array), i % LIVE, gc_root_get(&f.object));
    if (i % 4 == 0)
      gc_collect(m, 0);
    assert_few_held(m);
  }
}

/* --- the limit ---------------------------------------------------------------
 */

static void the_limit_includes_it(void **state) {
  (void)state;
  enum { LIMIT = 16 * MEGABYTE };
  if (!gc_collector.limits)
    skip();
  gc_mutator *m = test_open(LIMIT);
  {
    GC_FRAME(m, f, object);
    test_make(m, &f.object, test_leaf, 0);
    size_t added = 0;
    while (gc_external_add(m, gc_root_get(&f.object), MEGABYTE / 4))
      added += MEGABYTE / 4;
    assert_in_range(added, gc_collector.reclaims ? LIMIT / 2 : 0, LIMIT);
    assert_int_equal(external_of(m->heap), added);
    assert_false(gc_external_add(m, gc_root_get(&f.object), SIZE_MAX));
    assert_false(gc_external_add(m, gc_root_get(&f.object), SIZE_MAX - 7));
    assert_int_equal(external_of(m->heap), added);
    gc_external_sub(m, gc_root_get(&f.object), added);
    assert_true(gc_external_add(m, gc_root_get(&f.object), added));
    assert_true(test_held(m->heap) <= LIMIT);
  }
  test_close(m);
}

static void garbage_makes_room_at_the_limit(void **state) {
  (void)state;
  if (!gc_collector.limits || !gc_collector.reclaims)
    skip();
  gc_mutator *m = test_open(16 * MEGABYTE);
  {
    GC_FRAME(m, f, object);
    for (int i = 0; i < 100; i++) {
      assert_non_null(test_make(m, &f.object, test_node, 0));
      assert_true(gc_external_add(m, gc_root_get(&f.object), 5 * MEGABYTE));
    }
  }
  test_close(m);
}

/* --- bad input
 * ----------------------------------------------------------------- */

/* Where it is not checked, taking off too much does no harm. */
static void too_much_taken_off_does_no_harm(void **state) {
  gc_mutator *m = *state;
  if (GC_ASSERT_LEVEL >= 2)
    skip();
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_leaf, 0);
  gc_external_sub(m, gc_root_get(&f.object), 5);
  assert_int_equal(external_of(m->heap), 0);
  assert_true(gc_external_add(m, gc_root_get(&f.object), 10));
  gc_external_sub(m, gc_root_get(&f.object), SIZE_MAX);
  assert_int_equal(external_of(m->heap), 0);
  gc_root_clear(m, &f.object);
  test_collect(m);
  assert_int_equal(external_of(m->heap), 0);
}

/* --- threads
 * --------------------------------------------------------------------- */

static void add_and_drop(struct test_thread *t) {
  uint64_t steps = test_scaled(20000);
  GC_FRAME(t->m, f, object[8], shared);
  for (uint64_t i = 0; i < steps; i++) {
    gc_root *root = &f.object[workload_random_below(&t->random, 8)];
    if (gc_root_get(root) == NULL || i % 3 == 0)
      test_make(t->m, root, i % 2 ? test_leaf : test_node, 0);
    gc_root_set(t->m, &f.shared, gc_root_get(t->shared));
    if (gc_root_get(root) != NULL && gc_collector.reclaims)
      gc_external_add(t->m, gc_root_get(root), 1000 + i % 1000);
    if (gc_external_add(t->m, gc_root_get(&f.shared), 16))
      gc_external_sub(t->m, gc_root_get(&f.shared), 16);
    if (i % 1024 == 0)
      gc_collect(t->m, (int)(i / 1024 % 3));
  }
}

static void threads_add_and_drop(void **state) {
  gc_mutator *m = *state;
  gc_root shared = {NULL};
  {
    GC_FRAME(m, f, object);
    test_make(m, &f.object, test_leaf, 0);
    gc_global_add(m->heap, &shared);
    gc_global_set(m, &shared, gc_root_get(&f.object));
  }
  test_threads_run(m, 4, add_and_drop, &shared);
  gc_global_remove(m, &shared);
  test_collect(m);
  if (test_finds_garbage())
    assert_int_equal(external_of(m->heap), 0);
  assert_int_equal(gc_verify(m), 0);
}

static void add_garbage(struct test_thread *t) {
  GC_FRAME(t->m, f, object);
  for (int i = 0; i < OBJECTS / 4; i++) {
    CHECK(test_make(t->m, &f.object, test_node, 0) != NULL);
    CHECK(gc_external_add(t->m, gc_root_get(&f.object), MEGABYTE));
    CHECK(test_held(t->heap) < MOST);
  }
}

static void garbage_of_threads_is_collected(void **state) {
  gc_mutator *m = *state;
  if (!gc_collector.reclaims)
    skip();
  test_threads_run(m, 4, add_garbage, NULL);
}

/* Memory that the finalizers of one thread hold is there for others, even while
   that thread waits in one of them. */
enum { STUCK = 40, WANTED = 48 };
struct stuck {
  gc_type type;
  _Atomic int runs;
  _Atomic bool is_over;
};
static struct stuck stuck;

static void wait_in_the_first(gc_mutator *m, const gc_root *self) {
  (void)self;
  if (atomic_fetch_add(&stuck.runs, 1) > 0)
    return;
  gc_park(m);
  while (!atomic_load(&stuck.is_over))
    test_sleep_ms(1);
  gc_unpark(m);
}

static void get_stuck(gc_mutator *m) {
  GC_FRAME(m, f, object[STUCK]);
  for (int i = 0; i < STUCK; i++) {
    CHECK(gc_new(m, &f.object[i], stuck.type) != NULL);
    CHECK(gc_external_add(m, gc_root_get(&f.object[i]), MEGABYTE));
  }
  for (int i = 0; i < STUCK; i++)
    gc_root_clear(m, &f.object[i]);
  while (atomic_load(&stuck.runs) == 0)
    gc_collect(m, GC_FULL);
}

static void get_stuck_or_add(struct test_thread *t) {
  GC_FRAME(t->m, f, object);
  if (t->index == 0) {
    get_stuck(t->m);
    return;
  }
  gc_park(t->m);
  while (atomic_load(&stuck.runs) == 0)
    test_sleep_ms(1);
  gc_unpark(t->m);
  CHECK(test_make(t->m, &f.object, test_leaf, 0) != NULL);
  CHECK(gc_external_add(t->m, gc_root_get(&f.object), WANTED * MEGABYTE));
  atomic_store(&stuck.is_over, true);
}

static void finalizers_of_others_make_room(void **state) {
  (void)state;
  if (!test_finds_garbage())
    skip();
  if (stuck.type == 0)
    stuck.type = gc_type_define(&(struct gc_type_desc){
        .name = "stuck", .bytes = 8, .finalize = wait_in_the_first});
  atomic_store(&stuck.runs, 0);
  atomic_store(&stuck.is_over, false);
  gc_mutator *m = test_open(MOST);
  test_threads_run(m, 2, get_stuck_or_add, NULL);
  assert_int_equal(atomic_load(&stuck.runs), STUCK);
  test_close(m);
}

/* As in docs/embedding.md: memory runs out for several threads at once, and
   what one of them may have is held by finalizers that others are running. */
static struct {
  gc_type type;
  gc_root last;
  pthread_mutex_t lock;
} buffers = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void buffer_finalize(gc_mutator *m, const gc_root *self) {
  (void)self;
  gc_lock(m, &buffers.lock);
  pthread_mutex_unlock(&buffers.lock);
}

static void buffer_make(gc_mutator *m, gc_root *out) {
  gc_finalizers_defer(m);
  gc_lock(m, &buffers.lock);
  CHECK(gc_new(m, out, buffers.type) != NULL);
  pthread_mutex_unlock(&buffers.lock);
  gc_finalizers_resume(m);
  CHECK(gc_external_add(m, gc_root_get(out), MEGABYTE));
}

static void make_buffers(struct test_thread *t) {
  GC_FRAME(t->m, f, buffer);
  for (int i = 0; i < 300; i++) {
    buffer_make(t->m, &f.buffer);
    gc_global_set(t->m, &buffers.last, gc_root_get(&f.buffer));
  }
}

static void finalizers_that_others_run_make_room(void **state) {
  (void)state;
  if (!gc_collector.limits || !test_finds_garbage())
    skip();
  if (buffers.type == 0)
    buffers.type = gc_type_define(&(struct gc_type_desc){
        .name = "buffer", .bytes = 8, .finalize = buffer_finalize});
  gc_mutator *m = test_open(MOST);
  gc_global_add(m->heap, &buffers.last);
  test_threads_run(m, 4, make_buffers, NULL);
  gc_global_remove(m, &buffers.last);
  test_close(m);
}

int conformance_external(void) {
  const struct CMUnitTest tests[] = {
      heap_test(counts_as_held),
      heap_test(goes_with_the_object),
      heap_test(is_dropped_once),
      heap_test(garbage_that_holds_much_is_collected),
      heap_test(cycles_that_hold_much_are_collected),
      heap_test(old_garbage_that_holds_much_is_collected),
      cmocka_unit_test(the_limit_includes_it),
      cmocka_unit_test(garbage_makes_room_at_the_limit),
      heap_test(too_much_taken_off_does_no_harm),
      heap_test(threads_add_and_drop),
      heap_test(garbage_of_threads_is_collected),
      cmocka_unit_test(finalizers_of_others_make_room),
      cmocka_unit_test(finalizers_that_others_run_make_room),
  };
  return cmocka_run_group_tests_name("external", tests, NULL, NULL);
}
