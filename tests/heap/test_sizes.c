/* SPDX-License-Identifier: MIT */
/* What gc_sizeof says is what jemalloc has given for it, where objects come
   from there: all of them where they are counted, large ones elsewhere. And
   what dies in a burst is used again: Note [Whole bursts]. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include "heap/memory.h"
#include "tests/support/support.h"

#include <cmocka.h>
#include <jemalloc/jemalloc.h>

enum { OBJECTS = 40, LEAST_LARGE = 64 << 10, ENTRY_MOST = 64 };

/* A collector that does not count may have a table of large objects, which
   grows meanwhile. */
static size_t table_most(void) {
  return gc_collector.counts ? 0 : OBJECTS * ENTRY_MOST;
}

/* Bytes that this thread has requested from jemalloc, rounded up as jemalloc
   rounds them. */
static uint64_t allocated(void) {
  uint64_t bytes = 0;
  size_t size = sizeof bytes;
  assert_int_equal(mallctl("thread.allocated", &bytes, &size, NULL, 0), 0);
  return bytes;
}

static void agree_on(gc_mutator *m, gc_type type, size_t length) {
  GC_FRAME(m, f, objects[OBJECTS]);
  uint64_t before = allocated(), sum = 0;
  for (int i = 0; i < OBJECTS; i++) {
    gc_ref object = gc_type_tail(type) == GC_NO_TAIL
                        ? gc_new(m, &f.objects[i], type)
                        : gc_new_array(m, &f.objects[i], type, length);
    assert_non_null(object);
    sum += gc_sizeof(object);
  }
  assert_in_range(allocated() - before, sum, sum + table_most());
}

/* Each size once, in a heap where no cell lies at hand. */
static void sizes_agree_with_jemalloc(void **state) {
  const size_t lengths[] = {0,    1,    7,    8,     40,          100,
                            1000, 4000, 5000, 20000, LEAST_LARGE, 1000000};
  (void)state;
  if (GC_SYSTEM_MALLOC || !gc_collector.reclaims || !gc_collector.precise)
    skip();
  test_types_define();
  const gc_type types[] = {test_leaf, test_node, test_refs, test_blob};
  for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
      bool is_array = gc_type_tail(types[t]) != GC_NO_TAIL;
      if ((!gc_collector.counts && (!is_array || lengths[i] < LEAST_LARGE)) ||
          (!is_array && i > 0))
        continue;
      gc_mutator *m = test_open(0);
      agree_on(m, types[t], lengths[i]);
      test_close(m);
    }
}

static size_t resident(void) {
  struct gc_memory_figures figures;
  gc_memory_report(&figures);
  return figures.resident;
}

enum { CELLS = 4000, MANY = 25 * CELLS, CELL = 1200, PAGE = 4096 };

static void burst(struct gc_memory_source *source, int count) {
  static void *cells[MANY];
  for (int i = 0; i < count; i++)
    assert_non_null(cells[i] = gc_memory_new_zeroed(source, CELL));
  for (int i = 0; i < count; i++)
    gc_memory_free(source, cells[i], CELL);
}

static void bursts_use_the_same_memory(void **state) {
  struct gc_memory memory;
  struct gc_memory_source source;
  (void)state;
  if (GC_SYSTEM_MALLOC || GC_ASAN)
    skip();
  gc_memory_init(&memory);
  assert_int_equal(gc_memory_borrow(&memory, &source), 0);
  burst(&source, CELLS);
  size_t first = resident();
  for (int i = 0; i < 8; i++)
    burst(&source, CELLS);
  assert_in_range(resident(), 0, first + CELLS * CELL / 2);
  gc_memory_return(&source);
  gc_memory_finish(&memory);
}

static size_t page_faults(void) {
  struct rusage usage;
  assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
  return (size_t)usage.ru_minflt;
}

/* 120 MB die at once: jemalloc gets memory from the system in extents that grow
   from 2 MB. */
static void large_bursts_keep_their_pages(void **state) {
  struct gc_memory memory;
  struct gc_memory_source source;
  (void)state;
  if (GC_SYSTEM_MALLOC || GC_ASAN)
    skip();
  gc_memory_init(&memory);
  assert_int_equal(gc_memory_borrow(&memory, &source), 0);
  burst(&source, MANY);
  size_t before = page_faults();
  burst(&source, MANY);
  assert_in_range(page_faults() - before, 0, MANY * CELL / PAGE / 2);
  gc_memory_return(&source);
  gc_memory_finish(&memory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_agree_with_jemalloc),
      cmocka_unit_test(bursts_use_the_same_memory),
      cmocka_unit_test(large_bursts_keep_their_pages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
