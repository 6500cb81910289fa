/* SPDX-License-Identifier: MIT */
/* Compares the bytes that a heap says it holds with those that the system
   reports. The heap must count all memory that grows with the objects, and no
   other. */
#include <jemalloc/jemalloc.h>
#include <stdio.h>

#include "tests/conformance/conformance.h"

/* At least SHARE of SHARE_OF parts of the memory that becomes resident must be
   counted. The rest is ends of pages, and memory that allocators keep. */
enum { SHARE_OF = 4, SHARE = 3, SLACK = 2 << 20 };

/* The resident bytes of the process, without pages that the system may take at
   any time (MADV_FREE). Freed memory is given back first. */
static size_t resident(void) {
  size_t kilobytes = 0, lent = 0;
  char line[128];
  snprintf(line, sizeof line, "arena.%u.purge", (unsigned)MALLCTL_ARENAS_ALL);
  mallctl(line, NULL, NULL, NULL, 0);
  FILE *file = fopen("/proc/self/smaps_rollup", "r");
  CHECK(file != NULL);
  while (fgets(line, sizeof line, file) != NULL) {
    sscanf(line, "Rss: %zu", &kilobytes);
    sscanf(line, "LazyFree: %zu", &lent);
  }
  fclose(file);
  return (kilobytes - lent) << 10;
}

struct growth {
  size_t resident, held;
};

static struct growth growth_begin(gc_heap *heap) {
  return (struct growth){resident(), test_held(heap)};
}

static void assert_counted(gc_heap *heap, const struct growth *begun) {
  size_t now = resident(), held = test_held(heap) - begun->held;
  size_t grown = now > begun->resident ? now - begun->resident : 0;
  if (held + SLACK < grown / SHARE_OF * SHARE)
    print_error("the heap says that it holds %zu bytes more than before; the "
                "system says that %zu bytes more are resident\n",
                held, grown);
  assert_true(held + SLACK >= grown / SHARE_OF * SHARE);
}

/* Skips builds and collectors in which the comparison fails: sanitizers keep
   freed memory; under stress no heap grows; a collector that moves has two
   copies and counts one. */
static void need_resident(void) {
  if (GC_SYSTEM_MALLOC || test_is_stressed() || gc_collector.moves)
    skip();
}

enum { MANY = 400000 };

/* A type whose finalizer does nothing. */
static gc_type light;

static void nothing_happens(gc_mutator *m, const gc_root *self) {
  (void)m;
  (void)self;
}

static int light_define(void **state) {
  (void)state;
  light = gc_type_define(&(struct gc_type_desc){
      .name = "light", .refs = 1, .bytes = 8, .finalize = nothing_happens});
  return light == 0;
}

/* Fills the array until there is no memory. */
static size_t fill(gc_mutator *m, gc_root *array, gc_type type) {
  GC_FRAME(m, f, object);
  size_t count = 0;
  for (; count < gc_length(gc_root_get(array)); count++) {
    if (gc_new(m, &f.object, type) == NULL)
      break;
    gc_set_move(m, gc_root_get(array), count, &f.object);
  }
  return count;
}

static void finalizable_objects_are_counted(void **state) {
  gc_mutator *m = *state;
  need_resident();
  struct growth begun = growth_begin(m->heap);
  GC_FRAME(m, f, array);
  assert_non_null(gc_new_array(m, &f.array, test_refs, MANY));
  assert_int_equal(fill(m, &f.array, light), MANY);
  assert_counted(m->heap, &begun);
}

static void weak_references_are_counted(void **state) {
  gc_mutator *m = *state;
  need_resident();
  struct growth begun = growth_begin(m->heap);
  GC_FRAME(m, f, targets, weaks, weak);
  assert_non_null(gc_new_array(m, &f.targets, test_refs, MANY));
  assert_non_null(gc_new_array(m, &f.weaks, test_refs, MANY));
  assert_int_equal(fill(m, &f.targets, test_leaf), MANY);
  for (size_t i = 0; i < MANY; i++) {
    gc_ref target = gc_get(gc_root_get(&f.targets), i);
    assert_non_null(gc_weak_new(m, &f.weak, target));
    gc_set_move(m, gc_root_get(&f.weaks), i, &f.weak);
  }
  assert_counted(m->heap, &begun);
}

/* Nodes of finalizers count against the limit: objects and nodes together fill
   it. */
static void finalizers_keep_to_the_limit(void **state) {
  (void)state;
  enum { LIMIT = 16 << 20 };
  need_resident();
  if (!gc_collector.limits)
    skip();
  size_t before = resident();
  gc_mutator *m = test_open(LIMIT);
  {
    GC_FRAME(m, f, array);
    assert_non_null(gc_new_array(m, &f.array, test_refs, MANY));
    assert_in_range(fill(m, &f.array, light), MANY / 16, MANY - 1);
    size_t now = resident();
    assert_true(now < before + LIMIT / SHARE * SHARE_OF + SLACK);
    if (gc_collector.precise) /* the library's stack for marking grows too */
      assert_in_range(test_held(m->heap), LIMIT / 2, LIMIT);
  }
  test_close(m);
}

/* Allocates objects of several sizes in turn. The free lists of all sizes must
   be counted as held. */
static void free_lists_are_counted(void **state) {
  gc_mutator *m = *state;
  enum { BYTES = 12 << 20 };
  const size_t lengths[] = {24, 88, 200, 400, 700, 2000, 12000};
  need_resident();
  struct growth begun = growth_begin(m->heap);
  GC_FRAME(m, f, array, object);
  for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
    size_t count = BYTES / lengths[n];
    assert_non_null(gc_new_array(m, &f.array, test_refs, count));
    for (size_t i = 0; i < count; i++) {
      assert_non_null(gc_new_array(m, &f.object, test_blob, lengths[n]));
      gc_set_move(m, gc_root_get(&f.array), i, &f.object);
    }
    assert_counted(m->heap, &begun);
    gc_root_clear(m, &f.array);
    test_settle(m);
  }
}

/* Fills two arrays by turns with objects of two sizes. */
static void fill_by_turns(gc_mutator *m, const gc_root *kept,
                          const gc_root *dropped, size_t kept_length,
                          size_t dropped_length) {
  GC_FRAME(m, f, object);
  for (size_t i = 0; i < gc_length(gc_root_get(kept)); i++) {
    assert_non_null(gc_new_array(m, &f.object, test_blob, dropped_length));
    gc_set_move(m, gc_root_get(dropped), i, &f.object);
    assert_non_null(gc_new_array(m, &f.object, test_blob, kept_length));
    gc_set_move(m, gc_root_get(kept), i, &f.object);
  }
}

/* Most of the memory is free, but not all of any region. Where a collector does
   not give it back to the system, it is in free lists, or will be when the rest
   of a block has been swept: then it is held. The library of an outside
   collector has one heap for all of ours, so none of them holds its free
   memory. */
static void free_memory_is_counted(void **state) {
  gc_mutator *m = *state;
  enum { BYTES = 24 << 20 };
  const struct {
    size_t kept, dropped;
  } lengths[] = {{24, 200}, {24, 700}, {88, 2000}, {400, 12000}};
  need_resident();
  if (!gc_collector.precise)
    skip();
  struct growth begun = growth_begin(m->heap);
  for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
    GC_FRAME(m, f, kept, dropped);
    size_t count = BYTES / (lengths[n].kept + lengths[n].dropped);
    assert_non_null(gc_new_array(m, &f.kept, test_refs, count));
    assert_non_null(gc_new_array(m, &f.dropped, test_refs, count));
    fill_by_turns(m, &f.kept, &f.dropped, lengths[n].kept, lengths[n].dropped);
    gc_root_clear(m, &f.dropped);
    test_settle(m);
    assert_counted(m->heap, &begun);
  }
}

static size_t object_bytes(gc_heap *heap) {
  struct gc_memory_figures figures;
  gc_memory_figures(heap, &figures);
  assert_true(figures.metadata <= figures.held);
  return figures.held - figures.metadata;
}

/* A heap without objects holds only tables. */
static void metadata_is_all_but_objects(void **state) {
  gc_mutator *m = *state;
  if (!gc_collector.precise)
    skip(); /* the library's heap is older than this one */
  assert_int_equal(object_bytes(m->heap), 0);
  GC_FRAME(m, f, array);
  size_t count = test_scaled(10000);
  assert_non_null(gc_new_array(m, &f.array, test_refs, count));
  assert_int_equal(fill(m, &f.array, test_node), count);
  assert_true(object_bytes(m->heap) >= count * gc_size_for(test_node, 0));
}

static void tables_are_metadata(void **state) {
  gc_mutator *m = *state;
  struct gc_memory_figures before, after;
  GC_FRAME(m, f, array);
  size_t count = test_scaled(10000);
  assert_non_null(gc_new_array(m, &f.array, test_refs, count));
  gc_memory_figures(m->heap, &before);
  assert_int_equal(fill(m, &f.array, light), count);
  gc_memory_figures(m->heap, &after);
  assert_true(after.metadata >= before.metadata + count * 2 * sizeof(gc_ref));
}

/* More memory than any system has. */
static void what_is_refused_is_not_held(void **state) {
  gc_mutator *m = *state;
  const size_t lengths[] = {(size_t)PTRDIFF_MAX / 16, (size_t)PTRDIFF_MAX / 32,
                            (size_t)1 << 52, (size_t)1 << 48};
  struct gc_memory_figures figures;
  GC_FRAME(m, f, array);
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    assert_null(gc_new_array(m, &f.array, test_refs, lengths[i]));
    assert_null(gc_new_array(m, &f.array, test_blob, lengths[i]));
  }
  gc_memory_figures(m->heap, &figures);
  assert_true(figures.held_peak < (size_t)1 << 40);
}

int conformance_accounts(void) {
  const struct CMUnitTest tests[] = {
      heap_test(metadata_is_all_but_objects),
      heap_test(finalizable_objects_are_counted),
      heap_test(weak_references_are_counted),
      cmocka_unit_test(finalizers_keep_to_the_limit),
      heap_test(free_lists_are_counted),
      heap_test(free_memory_is_counted),
      heap_test(tables_are_metadata),
      heap_test(what_is_refused_is_not_held),
  };
  return cmocka_run_group_tests_name("accounts", tests, light_define, NULL);
}
