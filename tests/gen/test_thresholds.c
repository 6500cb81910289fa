/* SPDX-License-Identifier: MIT */
/* Thresholds of `gen` that are set while mutators run. */
#include "collectors/shared/generational/generational.h"
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { NURSERY = 256 << 10 };

static size_t nursery_of(gc_mutator *m) {
  struct blk_heap *heap = blk_heap_of(m->heap);
  pthread_mutex_lock(&heap->space.lock);
  size_t nursery = heap->space.nursery;
  pthread_mutex_unlock(&heap->space.lock);
  return nursery;
}

/* --- an open nursery ------------------------------------------------------ */

/* Without generations, a limited heap collects when its memory is used up, so
   the nursery is open. A threshold counts from the next collection on. */
static void setting_a_threshold_closes_no_nursery(void **state) {
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 4 << 20, "nursery=256k,generations=0");
  gc_collect(m, GC_FULL);
  assert_int_equal(nursery_of(m), SIZE_MAX);
  assert_true(gc_threshold_set(m->heap, 0, 2 * NURSERY));
  assert_int_equal(nursery_of(m), SIZE_MAX);
  gen_close(m);
}

static void allocate_all(gc_mutator *m, gc_root *list) {
  GC_FRAME(m, f, node);
  while (gc_new(m, &f.node, test_node) != NULL) {
    gc_set_move(m, gc_root_get(&f.node), 0, list);
    gc_root_move(m, list, &f.node);
  }
}

/* The last attempt before an allocation fails may use all remaining memory.
   Later allocations collect again whenever a nursery is used up. */
static void the_last_attempt_leaves_no_nursery_open(void **state) {
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 4 << 20, "nursery=256k");
  {
    GC_FRAME(m, f, list);
    allocate_all(m, &f.list);
    assert_int_equal(nursery_of(m), NURSERY);
  }
  gen_close(m);
}

enum { RIVALS = 16, LEAST_NURSERY = 32 << 10, OF_EACH = 4 << 20 };

static void allocate_share(struct test_thread *self) {
  GC_FRAME(self->m, f, garbage);
  for (size_t made = 0; made < OF_EACH; made += gc_sizeof(f.garbage.ref))
    CHECK(test_make(self->m, &f.garbage, test_node, made) != NULL);
}

/* Each nursery has one block for each thread, so a thread often finds all of
   them taken by others. */
static void rivals_leave_no_nursery_open(void **state) {
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "nursery=32k");
  test_threads_run(m, RIVALS, allocate_share, NULL);
  gen_close(m);
  size_t collections = pauses.count[0] + pauses.count[1] + pauses.count[2];
  assert_true(collections >= OF_EACH / LEAST_NURSERY);
}

static void a_threshold_counts_at_once(void **state) {
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "nursery=256k");
  assert_int_equal(nursery_of(m), NURSERY);
  assert_true(gc_threshold_set(m->heap, 0, 0));
  gen_make_garbage(m, 8 * NURSERY);
  assert_int_equal(pauses.count[0], 0);
  assert_true(gc_threshold_set(m->heap, 0, NURSERY));
  gen_make_garbage(m, NURSERY);
  assert_in_range(pauses.count[0], 1, 2);
  gen_close(m);
}

/* --- blocks in which no run is long enough ---------------------------------
 */

enum { CELLS = 720000, SHORT = 4, LONG = 12 }; /* slots: 48 and 112 bytes */

/* Every third object lives, so all free runs between them have 96 bytes. */
static void make_holes(gc_mutator *m, const gc_root *table) {
  GC_FRAME(m, f, array);
  for (size_t i = 0; i < CELLS; i++) {
    assert_non_null(gc_new_array(m, &f.array, test_refs, SHORT));
    if (i % 3 == 0)
      gc_set_move(m, gc_root_get(table), i / 3, &f.array);
  }
}

/* A nursery has that many bytes of objects. What a mutator passes by, because
   the next object does not fit there, brings no collection nearer. */
static void what_is_passed_by_fills_no_nursery(void **state) {
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "");
  assert_true(gc_threshold_set(m->heap, 0, 0));
  assert_true(gc_threshold_set(m->heap, 2, 0));
  {
    GC_FRAME(m, f, table, garbage);
    assert_non_null(gc_new_array(m, &f.table, test_refs, CELLS / 3));
    make_holes(m, &f.table);
    gc_collect(m, GC_FULL);
    assert_true(gc_threshold_set(m->heap, 0, NURSERY));
    size_t before = pauses.count[0] + pauses.count[1], made = 0;
    for (; made < 32 * NURSERY; made += gc_sizeof(f.garbage.ref))
      assert_non_null(gc_new_array(m, &f.garbage, test_refs, LONG));
    size_t minors = pauses.count[0] + pauses.count[1] - before;
    assert_in_range(minors, 28, 36);
  }
  gen_close(m);
}

/* --- without full collections --------------------------------------------- */

/* Allocates so many bytes. A quarter of the objects survives a collection, so
   minor collections do not pay. */
static void quarter_survives(gc_mutator *m, size_t bytes) {
  GC_FRAME(m, f, list, node);
  size_t kept = 0;
  for (size_t made = 0; made < bytes;) {
    gc_ref node = gen_node_new(m, &f.node);
    made += gc_sizeof(node);
    if (made / gc_sizeof(node) % 4 != 0)
      continue;
    kept += gc_sizeof(node);
    gc_set_move(m, node, 0, &f.list);
    gc_root_move(m, &f.list, &f.node);
    if (kept > NURSERY)
      gc_root_clear(m, &f.list);
    kept = kept > NURSERY ? 0 : kept;
  }
}

/* A threshold of generation 2 that is 0 or out of reach turns only full
   collections off, also if it is set while a collection is put off. */
static void minor_collections_go_on(uint64_t growth) {
  struct pauses pauses;
  gc_mutator *m = gen_open(&pauses, 0, "nursery=256k");
  quarter_survives(m, 64 * NURSERY);
  assert_true(gc_threshold_set(m->heap, 2, growth));
  quarter_survives(m, 64 * NURSERY);
  size_t minor = pauses.count[0] + pauses.count[1], full = pauses.count[2];
  quarter_survives(m, 64 * NURSERY);
  assert_true(pauses.count[0] + pauses.count[1] - minor >= 32);
  assert_int_equal(pauses.count[2], full);
  gen_close(m);
}

static void no_full_collection_stops_minor_ones(void **state) {
  (void)state;
  minor_collections_go_on(0);
  minor_collections_go_on(UINT32_MAX);
}

/* --- any thread, at any time ---------------------------------------------- */

struct setting {
  gc_heap *heap;
  _Atomic bool is_done;
};

static void *set_thresholds(void *data) {
  struct setting *setting = data;
  for (uint64_t i = 0; !atomic_load(&setting->is_done); i++)
    for (int g = 0; g < 3; g++) {
      uint64_t value = g ? 1 + i % 50 : NURSERY * (1 + i % 2);
      CHECK(gc_threshold_set(setting->heap, g, value));
      CHECK(gc_threshold_get(setting->heap, g) == value);
    }
  return NULL;
}

/* The threshold is set by an unattached thread, for which no collection
   waits. */
static void a_thread_sets_while_others_allocate(void **state) {
  struct pauses pauses;
  pthread_t thread;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "nursery=256k");
  struct setting setting = {.heap = m->heap};
  assert_int_equal(pthread_create(&thread, NULL, set_thresholds, &setting), 0);
  gen_make_garbage(m, 100 * NURSERY);
  atomic_store(&setting.is_done, true);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_in_range(pauses.count[0] + pauses.count[1] + pauses.count[2], 40, 110);
  gen_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(setting_a_threshold_closes_no_nursery),
      cmocka_unit_test(the_last_attempt_leaves_no_nursery_open),
      cmocka_unit_test(rivals_leave_no_nursery_open),
      cmocka_unit_test(a_threshold_counts_at_once),
      cmocka_unit_test(what_is_passed_by_fills_no_nursery),
      cmocka_unit_test(no_full_collection_stops_minor_ones),
      cmocka_unit_test(a_thread_sets_while_others_allocate),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
