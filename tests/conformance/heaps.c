/* SPDX-License-Identifier: MIT */
/* Several heaps at a time are created and destroyed; invalid options are
   refused with a reason. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/conformance/conformance.h"

static void heaps_come_and_go(void **state) {
  (void)state;
  for (int i = 0; i < 50; i++) {
    test_deaths_begin(2);
    gc_mutator *m = test_open(i % 2 ? 8 << 20 : 0);
    {
      GC_FRAME(m, f, object, ring);
      test_make(m, &f.object, test_mortal, 0);
      test_make(m, &f.ring, test_mortal, 1);
      gc_set(m, gc_root_get(&f.ring), 0, gc_root_get(&f.ring));
      assert_non_null(gc_new_array(m, &f.object, test_blob, 100000));
    }
    test_close(m);
    assert_int_equal(test_deaths(), 2);
  }
}

static void an_unused_heap_is_destroyed(void **state) {
  (void)state;
  gc_heap_destroy(test_heap_create(0));
}

/* One thread uses two heaps, which do not affect each other. */
static void heaps_are_apart(void **state) {
  gc_mutator *a = *state, *b = test_open(0);
  gc_root global = {NULL};
  test_deaths_begin(3);
  gc_global_add(b->heap, &global);
  {
    GC_FRAME(a, fa, object, dropped);
    GC_FRAME(b, fb, object);
    test_make(a, &fa.object, test_mortal, 0);
    test_make(a, &fa.dropped, test_mortal, 1);
    test_make(b, &fb.object, test_mortal, 2);
    gc_global_set(b, &global, gc_root_get(&fb.object));
    gc_root_clear(a, &fa.dropped);
    test_collect(b);
    assert_int_equal(test_deaths(), 0);
    test_settle(a);
    assert_deaths(1);
    assert_int_equal(test_id(gc_root_get(&fa.object)), 0);
  }
  test_settle(a);
  assert_deaths(2);
  assert_int_equal(test_id(gc_root_get(&global)), 2);
  test_close(b);
  assert_int_equal(test_deaths_of(2), 1);
}

static const char *const bad_tunings[] = {
    "nonsense=1",   "stress",    "stress=",
    "stress=often", "stress=-1", "stress=99999999999999999999",
    "=1",           ",",         "stress=1,,verify=1",
    "stress=1 ",    "shrink=2",  "verify=1,nonsense=1",
    "stress=1x",    "STRESS=1",  "stress=1=1",
};
enum { BAD_TUNINGS = sizeof bad_tunings / sizeof bad_tunings[0] };

static void bad_tunings_are_refused(void **state) {
  (void)state;
  for (int i = 0; i < BAD_TUNINGS; i++) {
    gc_heap *heap = NULL;
    const struct gc_options options = {.tuning = bad_tunings[i]};
    assert_int_equal(gc_heap_create(&options, &heap), EINVAL);
    assert_null(heap);
  }
}

static void a_sentence_says_why(void **state) {
  (void)state;
  for (int i = 0; i < BAD_TUNINGS; i++) {
    char why[200] = "";
    const struct gc_options options = {.tuning = bad_tunings[i]};
    assert_int_equal(gc_options_check(&options, why, sizeof why), EINVAL);
    assert_in_range(strlen(why), 10, sizeof why - 1);
    assert_null(strchr(why, '\n'));
  }
  char cut[8] = "xxxxxxx";
  const struct gc_options options = {.tuning = "nonsense=1"};
  assert_int_equal(gc_options_check(&options, cut, sizeof cut), EINVAL);
  assert_in_range(strlen(cut), 1, sizeof cut - 1);
}

static void good_tunings_are_taken(void **state) {
  (void)state;
  const char *const good[] = {NULL, "", "stress=7", "stress=2k,shrink=1",
                              "verify=1,shrink=0,stress=0"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    gc_heap *heap = NULL;
    char why[200] = "";
    const struct gc_options options = {.tuning = good[i]};
    assert_int_equal(gc_options_check(&options, why, sizeof why), 0);
    assert_int_equal(gc_heap_create(&options, &heap), 0);
    gc_heap_destroy(heap);
  }
}

/* Every key accepts its initial value, its least and its greatest (not tried if
   it would cost too much), and no value beyond. */
static void keys_take_their_range(void **state) {
  (void)state;
  for (const struct gc_tuning_key *key = gc_collector.tuning; key && key->name;
       key++) {
    char text[100], why[200];
    const struct gc_options options = {.tuning = text};
    assert_in_range(key->initial, key->least, key->greatest);
    assert_true(strlen(key->help) > 0);
    snprintf(text, sizeof text, "%s=%llu", key->name,
             (unsigned long long)key->least);
    assert_int_equal(gc_options_check(&options, why, sizeof why), 0);
    snprintf(text, sizeof text, "%s=%llu", key->name,
             (unsigned long long)key->greatest);
    assert_int_equal(gc_options_check(&options, why, sizeof why), 0);
    if (key->greatest == UINT64_MAX)
      continue;
    snprintf(text, sizeof text, "%s=%llu", key->name,
             (unsigned long long)key->greatest + 1);
    assert_int_equal(gc_options_check(&options, why, sizeof why), EINVAL);
  }
}

static void limits_that_are_too_small(void **state) {
  (void)state;
  const size_t limits[] = {1, 1000, 4096, 16 << 10, GC_LEAST_HEAP - 1};
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    gc_heap *heap = NULL;
    char why[200] = "";
    const struct gc_options options = {.heap_bytes = limits[i]};
    assert_int_equal(gc_options_check(&options, why, sizeof why), EINVAL);
    assert_non_null(strstr(why, "65536"));
    assert_int_equal(gc_heap_create(&options, &heap), EINVAL);
    assert_null(heap);
  }
}

static void heap_is_of_use(size_t bytes, unsigned threads, size_t objects) {
  gc_heap *heap = NULL;
  const struct gc_options options = {.heap_bytes = bytes,
                                     .gc_threads = threads};
  assert_int_equal(gc_heap_create(&options, &heap), 0);
  gc_mutator *m = gc_attach(heap);
  assert_non_null(m);
  {
    GC_FRAME(m, f, objects[16], weak, finalizable);
    for (size_t i = 0; i < objects; i++)
      assert_non_null(test_make(m, &f.objects[i % 16], test_node, i));
    assert_non_null(gc_weak_new(m, &f.weak, gc_root_get(&f.objects[0])));
    assert_non_null(test_make(m, &f.finalizable, test_mortal, 0));
  }
  gc_detach(m);
  gc_heap_destroy(heap);
}

/* The smallest limit works with any number of collector threads. */
static void the_least_limit(void **state) {
  (void)state;
  if (!gc_collector.precise)
    skip(); /* garbage of earlier heaps may fill it */
  test_deaths_begin(2);
  heap_is_of_use(GC_LEAST_HEAP, 1, 100);
  heap_is_of_use(GC_LEAST_HEAP, 64, 100);
}

/* More than the machine has, and more than it can address. */
static void limits_beyond_the_machine(void **state) {
  (void)state;
  test_deaths_begin(4);
  heap_is_of_use((size_t)1 << 42, 1, 1000);
  heap_is_of_use((size_t)1 << 46, 1, 1000);
  heap_is_of_use((size_t)1 << 50, 1, 1000);
  heap_is_of_use(SIZE_MAX, 1, 1000);
}

static void the_card_is_filled_in(void **state) {
  (void)state;
  assert_true(strlen(gc_collector.name) > 0);
  assert_true(strlen(gc_collector.summary) > 0);
  assert_true(gc_collector.generations >= 1);
  assert_true(gc_collector.reclaims || !gc_collector.reclaims_cycles);
  assert_true(gc_collector.reclaims || !gc_collector.prompt);
}

int conformance_heaps(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heaps_come_and_go),
      cmocka_unit_test(an_unused_heap_is_destroyed),
      heap_test(heaps_are_apart),
      cmocka_unit_test(bad_tunings_are_refused),
      cmocka_unit_test(a_sentence_says_why),
      cmocka_unit_test(good_tunings_are_taken),
      cmocka_unit_test(keys_take_their_range),
      cmocka_unit_test(limits_that_are_too_small),
      cmocka_unit_test(the_least_limit),
      cmocka_unit_test(limits_beyond_the_machine),
      cmocka_unit_test(the_card_is_filled_in),
  };
  return cmocka_run_group_tests_name("heaps", tests, NULL, NULL);
}
