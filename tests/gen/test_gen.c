/* SPDX-License-Identifier: MIT */
/* Guarantees that only `gen` gives: its thresholds, collection of one
   generation, remembered objects, large objects, mark stacks that overflow. */
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- thresholds ----------------------------------------------------------- */

enum { NURSERY = 1 << 20 };

static void the_nursery_says_when(void **state) {
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "nursery=1m");
  assert_int_equal(gc_threshold_get(m->heap, 0), NURSERY);
  gen_make_garbage(m, 20 * NURSERY);
  assert_in_range(pauses.count[0] + pauses.count[1], 18, 21);
  assert_in_range(pauses.count[1], 1, 2);
  assert_int_equal(pauses.count[2], 0);
  assert_true(gc_threshold_set(m->heap, 0, 4 * NURSERY));
  gen_make_garbage(m, 2 * NURSERY);
  pauses = (struct pauses){0};
  gen_make_garbage(m, 20 * NURSERY);
  assert_in_range(pauses.count[0] + pauses.count[1], 4, 6);
  gen_close(m);
}

static void generation_1_comes_every_so_often(void **state) {
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "nursery=256k,gen1=3");
  assert_int_equal(gc_threshold_get(m->heap, 1), 3);
  gen_make_garbage(m, 30 * (NURSERY / 4));
  assert_in_range(pauses.count[1], 9, 11);
  assert_true(gc_threshold_set(m->heap, 1, 0));
  pauses = (struct pauses){0};
  gen_make_garbage(m, 30 * (NURSERY / 4));
  assert_int_equal(pauses.count[1], 0);
  gen_close(m);
}

/* Makes `count` nodes. The table keeps the last `window` of them alive. */
static void churn(gc_mutator *m, gc_root *table, size_t window, size_t count) {
  GC_FRAME(m, f, node);
  for (size_t i = 0; i < count; i++) {
    gc_ref node = gen_node_new(m, &f.node);
    gc_set(m, gc_root_get(table), i % window, node);
  }
}

static void generation_2_comes_with_growth(void **state) {
  enum { WINDOW = 1 << 18 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "growth=50");
  assert_int_equal(gc_threshold_get(m->heap, 2), 50);
  {
    GC_FRAME(m, f, table);
    assert_non_null(gc_new_array(m, &f.table, test_refs, WINDOW));
    churn(m, &f.table, WINDOW, 24 * WINDOW);
    assert_in_range(pauses.count[2], 3, 30);
    size_t live = WINDOW * (gc_size_for(test_node, 0) + sizeof(gc_ref));
    assert_in_range(pauses.held_most, live, 6 * live);
  }
  gen_close(m);
}

static void what_cannot_be_is_refused(void **state) {
  static const char *const bad[] = {
      "nursery=1",        "nursery=",     "nursery=12x", "gen1=0",
      "generations=2",    "nurserie=1m",  "growth=-1",   "growth=0",
      "nursery=1m,,gen1", "nursery=1m;3", "=",           "nursery=99999g"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char why[200] = "";
    gc_heap *heap = NULL;
    struct gc_options options = {.gc_threads = 1, .tuning = bad[i]};
    assert_int_not_equal(gc_options_check(&options, why, sizeof why), 0);
    assert_true(strlen(why) > 10);
    assert_int_not_equal(gc_heap_create(&options, &heap), 0);
    assert_null(heap);
  }
}

static void thresholds_that_cannot_be_are_refused(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  assert_false(gc_threshold_set(m->heap, 1, UINT64_MAX));
  assert_false(gc_threshold_set(m->heap, 3, 1));
  assert_false(gc_threshold_set(m->heap, -1, 1));
  assert_int_equal(gc_threshold_get(m->heap, 3), 0);
  test_close(m);
}

/* --- generations ---------------------------------------------------------- */

static void survivors_go_up_one_at_a_time(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, small, large);
    gen_node_new(m, &f.small);
    assert_non_null(gc_new_array(m, &f.large, test_refs, 100000));
    for (int age = 0; age <= 3; age++) {
      int expected = age < 2 ? age : 2;
      assert_int_equal(gc_generation_of(f.small.ref), expected);
      assert_int_equal(gc_generation_of(f.large.ref), expected);
      gc_collect(m, age == 0 ? 0 : age == 1 ? 1 : GC_FULL);
    }
  }
  test_close(m);
}

static void only_what_is_collected_dies(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, young, middle, old);
    gen_node_new(m, &f.old);
    gc_collect(m, 0);
    gen_node_new(m, &f.middle);
    gc_collect(m, 1);
    gen_node_new(m, &f.young);
    assert_int_equal(gc_generation_of(f.old.ref), 2);
    assert_int_equal(gc_generation_of(f.middle.ref), 1);
    gc_root_clear(m, &f.young);
    gc_root_clear(m, &f.middle);
    gc_root_clear(m, &f.old);
    for (int generation = 0; generation < 3; generation++)
      assert_int_equal(gc_collect(m, generation), 1);
    assert_int_equal(gc_collect(m, GC_FULL), 0);
  }
  test_close(m);
}

/* --- remembered objects --------------------------------------------------- */

static void hang_young_on(gc_mutator *m, gc_root *holder, size_t slot) {
  GC_FRAME(m, f, young);
  gen_node_new(m, &f.young);
  gc_set(m, gc_root_get(holder), slot, f.young.ref);
}

static int age_in(const gc_root *holder, size_t slot) {
  return gc_generation_of(gc_get(gc_root_get(holder), slot));
}

static void old_node_new(gc_mutator *m, gc_root *out) {
  gen_node_new(m, out);
  gc_collect(m, 0);
  gc_collect(m, 1);
  assert_int_equal(gc_generation_of(gc_root_get(out)), 2);
}

/* A reference from generation 2 to generation 0 becomes one from 2 to 1. The
   object referred to survives collections of both generations. */
static void the_old_keep_the_young(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, holder);
    old_node_new(m, &f.holder);
    hang_young_on(m, &f.holder, 0);
    assert_int_equal(gc_collect(m, 0), 0);
    assert_int_equal(age_in(&f.holder, 0), 1);
    assert_int_equal(gc_verify(m), 0);
    hang_young_on(m, &f.holder, 1);
    assert_int_equal(gc_collect(m, 0), 0);
    assert_int_equal(gc_collect(m, 1), 0);
    assert_int_equal(age_in(&f.holder, 0), 2);
    assert_int_equal(age_in(&f.holder, 1), 2);
    gc_set(m, gc_root_get(&f.holder), 0, NULL);
    assert_int_equal(gc_collect(m, 1), 0);
    assert_int_equal(gc_collect(m, GC_FULL), 1);
  }
  test_close(m);
}

/* A full collection moves the young object to generation 1, while its holder is
   in generation 2. The reference must be remembered although no store
   follows. */
static void a_full_collection_remembers(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, holder);
    old_node_new(m, &f.holder);
    hang_young_on(m, &f.holder, 0);
    gc_collect(m, GC_FULL);
    assert_int_equal(age_in(&f.holder, 0), 1);
    assert_int_equal(gc_collect(m, 1), 0);
    assert_int_equal(age_in(&f.holder, 0), 2);
  }
  test_close(m);
}

static void a_dead_holder_of_its_generation_keeps_nothing(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, holder);
    gen_node_new(m, &f.holder);
    gc_collect(m, 0);
    hang_young_on(m, &f.holder, 0);
    gc_root_clear(m, &f.holder);
    assert_int_equal(gc_collect(m, 1), 2);
  }
  test_close(m);
}

/* Far more holders than the remembered set has room for, because `shrink` makes
   it small. */
static void what_was_not_remembered_lives_too(void **state) {
  enum { HOLDERS = 1000 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "shrink=1,verify=1");
  {
    GC_FRAME(m, f, table, holder);
    assert_non_null(gc_new_array(m, &f.table, test_refs, HOLDERS));
    for (size_t i = 0; i < HOLDERS; i++)
      gc_set(m, gc_root_get(&f.table), i, gen_node_new(m, &f.holder));
    gc_collect(m, 0);
    gc_collect(m, 1);
    for (int round = 0; round < 3; round++) {
      for (size_t i = 0; i < HOLDERS; i++) {
        gc_root_set(m, &f.holder, gc_get(gc_root_get(&f.table), i));
        hang_young_on(m, &f.holder, 0);
      }
      gc_collect(m, 0);
      for (size_t i = 0; i < HOLDERS; i++) {
        gc_root_set(m, &f.holder, gc_get(gc_root_get(&f.table), i));
        assert_in_range(age_in(&f.holder, 0), 1, 2);
      }
    }
  }
  gen_close(m);
}

/* --- large objects -------------------------------------------------------- */

static void large_objects_come_and_go(void **state) {
  enum { LENGTH = 1 << 20 };
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, large, bytes);
    gc_collect(m, GC_FULL);
    size_t before = test_held(m->heap);
    gc_new_array(m, &f.large, test_refs, LENGTH);
    gc_new_array(m, &f.bytes, test_blob, LENGTH);
    assert_true(test_held(m->heap) >= before + 9 * (size_t)LENGTH);
    for (size_t i = 0; i < LENGTH; i += 997) {
      assert_null(gc_get(f.large.ref, i));
      assert_int_equal(((char *)gc_bytes(f.bytes.ref))[i], 0);
    }
    gc_collect(m, GC_FULL);
    hang_young_on(m, &f.large, LENGTH - 1);
    assert_int_equal(gc_collect(m, 0), 0);
    assert_int_equal(age_in(&f.large, LENGTH - 1), 1);
    gc_root_clear(m, &f.large);
    gc_root_clear(m, &f.bytes);
    assert_int_equal(gc_collect(m, GC_FULL), 3);
    assert_true(test_held(m->heap) <= before + (1 << 20));
  }
  test_close(m);
}

/* Stores to slots of a large holder that are far apart. Each collection scans
   only the marked cards of the holder, and no object that it refers to may be
   lost. Every seventh collection is one of generation 1. */
static void large_holders_remember_by_cards(void **state) {
  enum { LENGTH = 20000, STEP = 997, ROUNDS = 60 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "verify=1");
  {
    GC_FRAME(m, f, large);
    gc_new_array(m, &f.large, test_refs, LENGTH);
    gc_collect(m, GC_FULL);
    gc_collect(m, GC_FULL);
    for (size_t round = 0, slot = 0; round < ROUNDS; round++) {
      for (int i = 0; i < 5; i++, slot = (slot + STEP) % LENGTH)
        hang_young_on(m, &f.large, slot);
      gc_collect(m, round % 7 == 6);
      assert_int_equal(gc_verify(m), 0);
    }
    size_t found = 0;
    for (size_t i = 0; i < LENGTH; i++)
      found += gc_get(f.large.ref, i) != NULL;
    assert_int_equal(found, 5 * ROUNDS);
    gc_root_clear(m, &f.large);
    assert_int_equal(gc_collect(m, GC_FULL), 5 * ROUNDS + 1);
  }
  gen_close(m);
}

static bool is_large(gc_ref object) {
  return (object->word & BLK_LARGE) != 0;
}

/* Whether an object is large depends only on its size. It does not depend on
   earlier allocations, and so not on how much memory is cleared ahead. */
static void size_alone_says_what_is_large(void **state) {
  struct gc_type_desc desc = {.name = "kilobyte", .bytes = 1000};
  gc_type kilobyte = gc_type_define(&desc);
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, small, object);
    for (int i = 0; i < 200; i++) {
      gen_node_new(m, &f.small);
      assert_true(is_large(gc_new(m, &f.object, kilobyte)));
      gc_new_array(m, &f.small, test_blob, 10);
      assert_true(is_large(gc_new_array(m, &f.object, test_blob, 600)));
      assert_true(is_large(gc_new_array(m, &f.object, test_refs, 64)));
      assert_false(is_large(gc_new_array(m, &f.object, test_refs, 62)));
    }
    assert_true(gc_size_for(test_refs, SIZE_MAX / 8 - 4) > SIZE_MAX / 2);
  }
  test_close(m);
}

/* --- marking -------------------------------------------------------------- */

static void grow_tree(gc_mutator *m, gc_root *out, int depth) {
  GC_FRAME(m, f, left, right);
  if (depth > 0) {
    grow_tree(m, &f.left, depth - 1);
    grow_tree(m, &f.right, depth - 1);
  }
  gc_ref node = gen_node_new(m, out);
  gc_set_move(m, node, 0, &f.left);
  gc_set_move(m, node, 1, &f.right);
}

/* Marking is exact with any number of markers, and with stacks that are far
   too small. */
static void count_tree(const char *tuning, unsigned gc_threads, size_t width) {
  enum { DEPTH = 14 };
  struct gc_options options = {.gc_threads = gc_threads, .tuning = tuning};
  gc_heap *heap;
  assert_int_equal(gc_heap_create(&options, &heap), 0);
  gc_mutator *m = gc_attach(heap);
  {
    GC_FRAME(m, f, tree, table);
    assert_non_null(gc_new_array(m, &f.table, test_refs, width));
    for (size_t i = 0; i < width; i++) {
      grow_tree(m, &f.tree, 4);
      gc_set(m, gc_root_get(&f.table), i, f.tree.ref);
    }
    grow_tree(m, &f.tree, DEPTH);
    for (int i = 0; i < 4; i++)
      gc_collect(m, GC_FULL);
    gc_root_clear(m, &f.tree);
    assert_int_equal(gc_collect(m, GC_FULL), (2 << DEPTH) - 1);
    gc_root_clear(m, &f.table);
    assert_int_equal(gc_collect(m, GC_FULL), width * 31 + 1);
  }
  test_close(m);
}

static void marking_is_exact(void **state) {
  (void)state;
  for (unsigned threads = 1; threads <= 4; threads++) {
    count_tree(NULL, threads, 2000);
    count_tree("shrink=1,verify=1", threads, 300);
  }
}

/* Marking finds all arrays of the table before it scans any of them. With
   `shrink`, a marker has room for only two waiting arrays. */
static void many_arrays_wait(void **state) {
  enum { ARRAYS = 20, LENGTH = 200 };
  struct pauses pauses;
  (void)state;
  gc_mutator *m = gen_open(&pauses, 0, "shrink=1,verify=1");
  {
    GC_FRAME(m, f, table, array);
    assert_non_null(gc_new_array(m, &f.table, test_refs, ARRAYS));
    for (size_t i = 0; i < ARRAYS; i++) {
      assert_non_null(gc_new_array(m, &f.array, test_refs, LENGTH));
      hang_young_on(m, &f.array, LENGTH - 1);
      gc_set_move(m, gc_root_get(&f.table), i, &f.array);
    }
    for (int generation = 0; generation < 3; generation++)
      assert_int_equal(gc_collect(m, generation), 0);
    gc_root_clear(m, &f.table);
    assert_int_equal(gc_collect(m, GC_FULL), 2 * ARRAYS + 1);
  }
  gen_close(m);
}

/* Markers start late and steal work from each other at any time. */
static void marking_is_exact_when_shaken(void **state) {
  char tuning[32];
  (void)state;
  for (unsigned seed = 1; seed <= 8; seed++) {
    snprintf(tuning, sizeof tuning, "shrink=1,shake=%u", seed);
    count_tree(tuning, 2 + seed % 3, 300);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_nursery_says_when),
      cmocka_unit_test(generation_1_comes_every_so_often),
      cmocka_unit_test(generation_2_comes_with_growth),
      cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(thresholds_that_cannot_be_are_refused),
      cmocka_unit_test(survivors_go_up_one_at_a_time),
      cmocka_unit_test(only_what_is_collected_dies),
      cmocka_unit_test(the_old_keep_the_young),
      cmocka_unit_test(a_full_collection_remembers),
      cmocka_unit_test(a_dead_holder_of_its_generation_keeps_nothing),
      cmocka_unit_test(what_was_not_remembered_lives_too),
      cmocka_unit_test(large_objects_come_and_go),
      cmocka_unit_test(large_holders_remember_by_cards),
      cmocka_unit_test(size_alone_says_what_is_large),
      cmocka_unit_test(marking_is_exact),
      cmocka_unit_test(marking_is_exact_when_shaken),
      cmocka_unit_test(many_arrays_wait),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
