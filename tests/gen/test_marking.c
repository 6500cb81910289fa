/* SPDX-License-Identifier: MIT */
/* Marking by several threads: overflowing stacks, and the cost of markers. */
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static gc_mutator *open_with_markers(size_t heap_bytes, unsigned markers,
                                     const char *tuning) {
  struct gc_options options = {
      .heap_bytes = heap_bytes, .gc_threads = markers, .tuning = tuning};
  gc_heap *heap;
  assert_int_equal(gc_heap_create(&options, &heap), 0);
  gc_mutator *m = gc_attach(heap);
  assert_non_null(m);
  return m;
}

/* --- stacks that overflow ------------------------------------------------- */

enum { WIDTH = 40, OBJECTS = 20000 };

static gc_type wide_type(void) {
  static gc_type wide;
  if (wide == 0)
    wide = gc_type_define(
        &(struct gc_type_desc){.name = "wide", .refs = WIDTH, .bytes = 8});
  return wide;
}

static void fill_table(gc_mutator *m, gc_root *table) {
  GC_FRAME(m, f, wide);
  for (size_t i = 0; i < OBJECTS; i++) {
    gc_ref object = gc_new(m, &f.wide, wide_type());
    assert_non_null(object);
    gc_set(m, gc_root_get(table), i, object);
  }
}

/* Slot 0 links all objects to one ring. The other slots refer to random
   objects. */
static void make_graph(gc_mutator *m, gc_root *first) {
  GC_FRAME(m, f, table);
  struct workload_random random = workload_random_make(test_seed(), 0);
  assert_non_null(gc_new_array(m, &f.table, test_refs, OBJECTS));
  fill_table(m, &f.table);
  gc_ref table = gc_root_get(&f.table);
  for (size_t i = 0; i < OBJECTS; i++)
    for (size_t slot = 0; slot < WIDTH; slot++) {
      size_t to =
          slot ? workload_random_below(&random, OBJECTS) : (i + 1) % OBJECTS;
      gc_set(m, gc_get(table, i), slot, gc_get(table, to));
    }
  gc_root_set(m, first, gc_get(table, 0));
}

static size_t ring_length(const gc_root *first) {
  size_t length = 0;
  gc_ref object = gc_root_get(first);
  do {
    object = gc_get(object, 0);
    length++;
  } while (object != gc_root_get(first) && length <= OBJECTS);
  return length;
}

/* With `shrink`, a stack has room for the slots of a few objects, and workers
   are woken at once. So they mark while the stopper scans noted blocks
   again. */
static void workers_mark_while_the_stopper_scans_again(void **state) {
  (void)state;
  gc_mutator *m = open_with_markers(0, 4, "shrink=1,shake=7");
  {
    GC_FRAME(m, f, first);
    make_graph(m, &f.first);
    assert_int_equal(gc_collect(m, GC_FULL), 1); /* the table */
    for (int i = 0; i < 9; i++)
      assert_int_equal(gc_collect(m, GC_FULL), 0);
    assert_int_equal(ring_length(&f.first), OBJECTS);
    gc_root_clear(m, &f.first);
    assert_int_equal(gc_collect(m, GC_FULL), OBJECTS);
  }
  test_close(m);
}

/* --- the cost of markers -------------------------------------------------- */

/* All markers together take no more than a 64th of the limit, however many are
   requested. */
static void markers_share_a_part_of_the_limit(void **state) {
  static const size_t limits[] = {1 << 20, 16 << 20, 256 << 20};
  static const unsigned counts[] = {1, 2, 16, 64, 256};
  (void)state;
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
      gc_mutator *m = open_with_markers(limits[i], counts[k], NULL);
      assert_in_range(test_held(m->heap), 1, limits[i] / 64);
      assert_in_range(m->heap->gc_threads, 1, counts[k]);
      if (counts[k] <= 64 && limits[i] >= 16 << 20)
        assert_int_equal(m->heap->gc_threads, counts[k]);
      test_close(m);
    }
}

struct clocks {
  gc_heap *heap;
  uint64_t process;    /* when the stop was requested */
  uint64_t of_workers; /* summed over all pauses */
  size_t too_much; /* pauses that report more CPU time than the process used */
};

static void on_requested(void *data, uint64_t t) {
  struct clocks *clocks = data;
  (void)t;
  clocks->process = gc_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static void on_resumed(void *data, const struct gc_pause *pause) {
  struct clocks *clocks = data;
  uint64_t own = gc_thread_cpu_ns() - clocks->heap->stop_cpu_ns;
  uint64_t all = gc_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - clocks->process;
  clocks->too_much += pause->cpu_ns > all;
  clocks->of_workers += pause->cpu_ns > own ? pause->cpu_ns - own : 0;
}

/* Each pause reports all CPU time of its own markers and no more. Time that
   a marker used before does not appear in a later pause. */
static void pauses_know_the_cpu_of_their_markers(void **state) {
  (void)state;
  gc_mutator *m = open_with_markers(0, 4, "shrink=1,shake=7");
  struct clocks clocks = {.heap = m->heap};
  gc_listen(m->heap, &(struct gc_listener){.data = &clocks,
                                           .stop_requested = on_requested,
                                           .resumed = on_resumed});
  {
    GC_FRAME(m, f, first);
    make_graph(m, &f.first);
    for (int i = 0; i < 20; i++)
      gc_collect(m, i % 3);
  }
  gc_listen(m->heap, NULL);
  test_close(m);
  assert_int_equal(clocks.too_much, 0);
  assert_true(clocks.of_workers > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(workers_mark_while_the_stopper_scans_again),
      cmocka_unit_test(markers_share_a_part_of_the_limit),
      cmocka_unit_test(pauses_know_the_cpu_of_their_markers),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
