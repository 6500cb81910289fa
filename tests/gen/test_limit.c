/* SPDX-License-Identifier: MIT */
/* How `gen` uses its memory: it keeps to its limit, uses all of it, and
   gives back what it does not need. */
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collectors/shared/generational/generational.h"

/* Keeps a window of live nodes in a heap whose limit is `percent` of their
   bytes. Returns whether all allocations succeeded. In any case the heap must
   stay within its limit. */
static bool runs_within(unsigned percent) {
  enum { WINDOW = 1 << 16 };
  struct pauses pauses;
  size_t live = (size_t)WINDOW * (gc_size_for(test_node, 0) + sizeof(gc_ref));
  size_t limit = live / 100 * percent;
  bool ok = true;
  gc_mutator *m = gen_open(&pauses, limit, NULL);
  {
    GC_FRAME(m, f, table, node);
    ok = gc_new_array(m, &f.table, test_refs, WINDOW) != NULL;
    for (size_t i = 0; ok && i < 6 * WINDOW; i++) {
      ok = gc_new(m, &f.node, test_node) != NULL;
      if (ok)
        gc_set(m, gc_root_get(&f.table), i % WINDOW, f.node.ref);
    }
    struct gc_memory_figures figures;
    gc_memory_figures(m->heap, &figures);
    assert_true(figures.held_peak <= limit);
    assert_int_equal(gc_verify(m), 0);
  }
  gen_close(m);
  return ok;
}

static void the_limit_holds(void **state) {
  (void)state;
  for (unsigned percent = 105; percent < 200; percent += 5)
    assert_true(runs_within(percent) || percent < 130);
}

/* Fills the heap with nodes and drops every second one, so that each hole has
   room for one node. Allocates arrays of `bytes` until one is refused. Then a
   node must still fit. After some adjacent nodes have died, an array must fit
   as well if it needs less than half their space. */
static void is_refused(size_t bytes) {
  enum { HEAP = 4 << 20, NODES = HEAP / 32, NEIGHBOURS = 64 };
  struct pauses pauses;
  gc_mutator *m = gen_open(&pauses, HEAP, NULL);
  {
    GC_FRAME(m, f, table, node, array);
    assert_non_null(gc_new_array(m, &f.table, test_refs, NODES / 2));
    size_t made = 0;
    while (made < NODES / 2 && gc_new(m, &f.node, test_node) != NULL)
      gc_set(m, gc_root_get(&f.table), made++, f.node.ref);
    gc_root_clear(m, &f.node);
    for (size_t i = 0; i < made; i += 2)
      gc_set(m, gc_root_get(&f.table), i, NULL);
    while (gc_new_array(m, &f.array, test_blob, bytes) != NULL)
      gc_set(m, gc_root_get(&f.table), made -= 2, f.array.ref);
    assert_non_null(gc_new(m, &f.node, test_node));
    for (size_t i = made / 2; i < made / 2 + NEIGHBOURS; i++)
      gc_set(m, gc_root_get(&f.table), i, NULL);
    bool may_fit = bytes < NEIGHBOURS * 32 / 2;
    assert_true(!may_fit || gc_new_array(m, &f.array, test_blob, bytes));
  }
  gen_close(m);
}

/* 4000 bytes make a large object. 400 bytes make an object that needs space in
   a block. */
static void a_cell_that_fits_nowhere_is_refused(void **state) {
  (void)state;
  is_refused(4000);
  is_refused(400);
}

/* Nearly all objects are alive, and those that die are old, so each full
   collection leaves room for only a few objects. Soon an allocation must fail.
   When the program has dropped everything, allocations must succeed again. */
static void thrashing_ends(void **state) {
  enum { HEAP = 4 << 20, SLOTS = HEAP / 48, SPARE = 100, MOST = 60 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, HEAP, NULL);
  {
    GC_FRAME(m, f, table, node);
    assert_non_null(gc_new_array(m, &f.table, test_refs, SLOTS));
    size_t made = 0;
    while (gc_new(m, &f.node, test_node) != NULL)
      gc_set(m, gc_root_get(&f.table), made++, f.node.ref);
    for (size_t i = 0; i < SPARE; i++)
      gc_set(m, gc_root_get(&f.table), i, NULL);
    pauses = (struct pauses){0};
    size_t at = 0;
    for (; at < SPARE * 4 * MOST && gc_new(m, &f.node, test_node); at++) {
      gc_set(m, gc_root_get(&f.table), at % made, f.node.ref);
      gc_set(m, gc_root_get(&f.table), (at + SPARE) % made, NULL);
    }
    assert_in_range(at, SPARE, SPARE * MOST);
    assert_in_range(pauses.count[2], 1, MOST);
    gc_root_clear(m, &f.table);
    for (size_t i = 0; i < 2 * SLOTS; i++)
      gen_node_new(m, &f.node);
  }
  gen_close(m);
}

/* Stores new nodes in randomly chosen old nodes. A new node replaces an earlier
   one, so dead nodes leave holes everywhere. A full collection must move the
   last new node to generation 2. */
static void renew_leaves(gc_mutator *m, const gc_root *table, size_t count,
                         const struct pauses *pauses) {
  GC_FRAME(m, f, leaf, last);
  uint64_t random = 1;
  for (size_t i = 0; i < count; i++) {
    size_t full = pauses->count[2];
    random = random * UINT64_C(6364136223846793005) + 1;
    size_t at = (random >> 33) % gc_length(table->ref);
    gc_ref leaf = gen_node_new(m, &f.leaf);
    gc_set(m, gc_get(gc_root_get(table), at), 0, leaf);
    if (i > 0 && pauses->count[2] > full)
      assert_int_equal(gc_generation_of(gc_root_get(&f.last)), 2);
    gc_root_move(m, &f.last, &f.leaf);
  }
}

/* Nearly all young objects survive. So collections are put off until the heap
   is full, when there is no memory for the remembered set. Still, each full
   collection must free all garbage. When all new objects die young, minor
   collections must happen regularly again. */
static void what_is_put_off_is_not_done_twice(void **state) {
  enum { WINDOW = 1 << 16, LEAVES = 40 * WINDOW };
  enum { NURSERY = 256 << 10, GARBAGE = 256 << 20 };
  struct pauses pauses;
  (void)state;
  size_t node = gc_size_for(test_node, 0);
  size_t live = WINDOW * (2 * node + sizeof(gc_ref));
  gc_mutator *m = gen_open(&pauses, 3 * live, "nursery=256k");
  {
    GC_FRAME(m, f, table, holder);
    assert_non_null(gc_new_array(m, &f.table, test_refs, WINDOW));
    for (size_t i = 0; i < WINDOW; i++)
      gc_set(m, gc_root_get(&f.table), i, gen_node_new(m, &f.holder));
    gc_collect(m, GC_FULL);
    pauses = (struct pauses){0};
    renew_leaves(m, &f.table, LEAVES, &pauses);
    assert_in_range(pauses.count[2], 1, 1 + LEAVES * node / live);
    assert_in_range(pauses.count[0], 0, pauses.count[2] / 2);
    pauses = (struct pauses){0};
    gen_make_garbage(m, GARBAGE);
    assert_in_range(pauses.count[0], GARBAGE / NURSERY / 4, GARBAGE / NURSERY);
    assert_in_range(pauses.count[2], 0, 16);
  }
  gen_close(m);
}

/* Blocks leave space for large objects, but not more than large objects use. */
static void what_is_kept_for_the_large_is_used(void **state) {
  enum { WINDOW = 1 << 13, BYTES = 2000, COUNT = 20 * WINDOW };
  struct pauses pauses;
  (void)state;
  size_t both = gc_size_for(test_blob, BYTES) + gc_size_for(test_node, 0);
  size_t live = WINDOW * (both + sizeof(gc_ref));
  gc_mutator *m = gen_open(&pauses, 2 * live, "nursery=256k");
  {
    GC_FRAME(m, f, table, node, large);
    uint64_t random = 1;
    assert_non_null(gc_new_array(m, &f.table, test_refs, WINDOW));
    for (size_t i = 0; i < COUNT; i++) {
      random = random * UINT64_C(6364136223846793005) + 1;
      size_t at = i < WINDOW ? i : (random >> 33) % WINDOW;
      assert_non_null(gc_new_array(m, &f.large, test_blob, BYTES));
      gc_set(m, gen_node_new(m, &f.node), 0, f.large.ref);
      gc_set(m, gc_root_get(&f.table), at, f.node.ref);
    }
    assert_in_range(pauses.count[2], 1, COUNT * both / live * 5 / 4);
  }
  gen_close(m);
}

/* Makes pairs of an array and a node. The arrays have many sizes; some are
   large. Then drops every second pair. Returns how many bytes were alive before
   that. */
static size_t leave_holes(gc_mutator *m, gc_root *table) {
  enum { PAIRS = 1 << 15, SLOTS_MOST = 110 };
  GC_FRAME(m, f, array, node);
  uint64_t random = 1;
  assert_non_null(gc_new_array(m, table, test_refs, 2 * PAIRS));
  size_t bytes = gc_sizeof(gc_root_get(table));
  for (size_t i = 0; i < 2 * PAIRS; i += 2) {
    random = random * UINT64_C(6364136223846793005) + 1;
    size_t slots = 1 + (random >> 33) % SLOTS_MOST;
    assert_non_null(gc_new_array(m, &f.array, test_refs, slots));
    gc_set(m, gc_root_get(table), i, gc_root_get(&f.array));
    gc_set(m, gc_root_get(table), i + 1, gen_node_new(m, &f.node));
    bytes += gc_sizeof(gc_root_get(&f.array)) + gc_sizeof(f.node.ref);
  }
  for (size_t i = 0; i < 2 * PAIRS; i++)
    if (i / 2 % 2)
      gc_set(m, gc_root_get(table), i, NULL);
  return bytes;
}

/* Calls leave_holes and stores its result in `most`. Then allocates `total`
   objects of one size and keeps a window of them alive. Returns how many full
   collections this took. */
static size_t fulls_for_others(size_t heap_bytes, size_t total, size_t *most) {
  enum { SLOTS = 58, WINDOW = 7000 };
  struct pauses pauses;
  gc_mutator *m = gen_open(&pauses, heap_bytes, NULL);
  {
    GC_FRAME(m, f, table, window, object);
    *most = leave_holes(m, &f.table);
    assert_non_null(gc_new_array(m, &f.window, test_refs, WINDOW));
    pauses = (struct pauses){0};
    for (size_t i = 0; i < total; i++) {
      assert_non_null(gc_new_array(m, &f.object, test_refs, SLOTS));
      gc_set(m, gc_root_get(&f.window), i % WINDOW, gc_root_get(&f.object));
    }
  }
  gen_close(m);
  return pauses.count[2];
}

/* A program that makes no more large objects can use their space, so a fifth
   less memory does not cost many times as many collections. */
static void what_is_kept_for_the_large_is_not_kept_for_ever(void **state) {
  enum { TOTAL = 120000 };
  size_t most;
  (void)state;
  fulls_for_others(0, 0, &most);
  size_t with_more = fulls_for_others(most / 100 * 145, TOTAL, &most);
  size_t fulls = fulls_for_others(most / 100 * 115, TOTAL, &most);
  assert_in_range(fulls, 1, 3 * with_more);
}

/* Only a few holes are left in each block. They are used before allocation
   fails. */
static void the_last_holes_are_used(void **state) {
  enum { HEAP = 4 << 20, SLOTS = HEAP / 40, STEP = 100 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, HEAP, NULL);
  {
    GC_FRAME(m, f, table, node);
    assert_non_null(gc_new_array(m, &f.table, test_refs, SLOTS));
    size_t made = 0, holes = 0, again = 0;
    while (made < SLOTS && gc_new(m, &f.node, test_node) != NULL)
      gc_set(m, gc_root_get(&f.table), made++, f.node.ref);
    assert_true(made < SLOTS);
    gc_root_clear(m, &f.node);
    for (size_t i = 0; i < made; i += STEP, holes++)
      gc_set(m, gc_root_get(&f.table), i, NULL);
    while (again < 2 * holes && gc_new(m, &f.node, test_node) != NULL)
      gc_set(m, gc_root_get(&f.table), again++ * STEP % made, f.node.ref);
    assert_true(again >= holes / 10 * 9);
  }
  gen_close(m);
}

/* The remaining memory and the empty blocks together suffice for a large
   object. It needs one collection, which empties the blocks. */
static void what_blocks_give_back_is_used_at_once(void **state) {
  enum { HEAP = 16 << 20, GARBAGE = 9 << 20, LARGE = 12 << 20 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, HEAP, "nursery=1g");
  {
    GC_FRAME(m, f, large);
    gen_make_garbage(m, GARBAGE);
    pauses = (struct pauses){0};
    assert_non_null(gc_new_array(m, &f.large, test_blob, LARGE));
    assert_int_equal(pauses.count[0] + pauses.count[1] + pauses.count[2], 1);
  }
  gen_close(m);
}

static size_t resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  assert_non_null(file);
  assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
  fclose(file);
  return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* A list of BYTES bytes lives and dies. While the program goes on without it,
   the heap gives the pages of the list back to the system. */
static void unneeded_pages_go_back(void **state) {
  enum { BYTES = 64 << 20, WORK = 4 << 20 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, NULL);
  {
    GC_FRAME(m, f, list, node);
    for (size_t made = 0; made < BYTES; made += gc_sizeof(f.node.ref)) {
      gen_node_new(m, &f.node);
      gc_set(m, gc_root_get(&f.node), 0, gc_root_get(&f.list));
      gc_root_set(m, &f.list, gc_root_get(&f.node));
    }
    size_t before = test_held(m->heap), resident = resident_bytes();
    gc_root_clear(m, &f.list);
    gc_root_clear(m, &f.node);
    gc_collect(m, GC_FULL);
    assert_true(test_held(m->heap) >= before);
    for (int i = 0; i < 6; i++) {
      gen_make_garbage(m, WORK);
      gc_collect(m, GC_FULL);
    }
    assert_true(test_held(m->heap) + BYTES / 2 < before);
    assert_true(resident_bytes() + BYTES / 2 < resident);
  }
  gen_close(m);
}

/* The program uses most blocks, then collects, and the heap gives them back to
   the system. Their memory must count as free room again. */
static void what_went_back_is_room(void **state) {
  enum { HEAP = 32 << 20, BYTES = 24 << 20 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, HEAP, "nursery=1g");
  size_t before = gc_blk_room(blk_heap_of(m->heap));
  gen_make_garbage(m, BYTES);
  assert_true(gc_blk_room(blk_heap_of(m->heap)) < before / 2);
  for (int i = 0; i < 4; i++)
    gc_collect(m, GC_FULL);
  assert_true(test_held(m->heap) < HEAP / 8);
  assert_true(gc_blk_room(blk_heap_of(m->heap)) > before / 8 * 7);
  gen_close(m);
}

/* --- without a limit ------------------------------------------------------ */

/* Stores every thirtieth new node in a table, over a random earlier one. So
   each block gets a few survivors, and most of it stays free. */
static void scatter(gc_mutator *m, const gc_root *table, size_t count) {
  GC_FRAME(m, f, node);
  uint64_t random = 1;
  for (size_t i = 0; i < count; i++) {
    random = random * UINT64_C(6364136223846793005) + 1;
    gc_ref node = gen_node_new(m, &f.node);
    if (i % 30 == 0)
      gc_set(m, gc_root_get(table), (random >> 33) % gc_length(table->ref),
             node);
  }
}

/* The free memory between them is used again before more is taken. */
static void scattered_survivors_hold_little(void **state) {
  enum { WINDOW = 100000, COUNT = 40 * WINDOW };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "nursery=256k");
  {
    GC_FRAME(m, f, table);
    assert_non_null(gc_new_array(m, &f.table, test_refs, WINDOW));
    scatter(m, &f.table, COUNT);
    size_t node = gc_size_for(test_node, 0);
    size_t live = WINDOW * (node + sizeof(gc_ref));
    assert_in_range(pauses.held_most, live / 2, 8 * live);
  }
  gen_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_limit_holds),
      cmocka_unit_test(thrashing_ends),
      cmocka_unit_test(what_is_put_off_is_not_done_twice),
      cmocka_unit_test(what_is_kept_for_the_large_is_used),
      cmocka_unit_test(what_is_kept_for_the_large_is_not_kept_for_ever),
      cmocka_unit_test(the_last_holes_are_used),
      cmocka_unit_test(what_blocks_give_back_is_used_at_once),
      cmocka_unit_test(unneeded_pages_go_back),
      cmocka_unit_test(what_went_back_is_room),
      cmocka_unit_test(scattered_survivors_hold_little),
      cmocka_unit_test(a_cell_that_fits_nowhere_is_refused),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
