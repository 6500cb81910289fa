/* SPDX-License-Identifier: MIT */
/* Marking by several threads: stacks that overflow, and what markers cost. */
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static gc_mutator *open_with_markers(size_t heap_bytes, unsigned markers,
                                     const char *tuning) {
  struct gc_options options = {heap_bytes, markers, tuning};
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

/* Slot 0 makes a ring of them all; the other slots lead anywhere. */
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

/* With `shrink` a stack has room for a few objects' slots, and workers are
   woken at once: they mark while the stopper scans the blocks that were noted.
 */
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(workers_mark_while_the_stopper_scans_again),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
