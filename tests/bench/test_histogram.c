/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/stats/histogram.h"

/* Each slot begins right after the previous one, up to the largest value, and
   each value is found in the slot that covers it. */
static void slots_tile_all_values(void **state) {
  (void)state;
  uint64_t next = 0;
  for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
    uint64_t least = histogram_slot_least(slot);
    uint64_t greatest = histogram_slot_greatest(slot);
    assert_true(least == next);
    assert_int_equal(histogram_slot(least), slot);
    assert_int_equal(histogram_slot(greatest), slot);
    assert_true((greatest - least) <= least / 128);
    next = greatest + 1;
  }
  assert_true(next == 0); /* the last slot ends at UINT64_MAX */
}

static void edges_are_where_the_drawing_says(void **state) {
  (void)state;
  static const struct {
    uint64_t value;
    uint32_t slot;
  } edge[] = {{0, 0},      {255, 255},  {256, 256},
              {257, 256},  {510, 383},  {512, 384},
              {1020, 511}, {1024, 512}, {UINT64_MAX, 7423}};
  for (size_t i = 0; i < sizeof edge / sizeof edge[0]; i++)
    assert_int_equal(histogram_slot(edge[i].value), edge[i].slot);
}

static struct histogram *histogram_new(void) {
  struct histogram *h = calloc(1, sizeof *h);
  assert_non_null(h);
  return h;
}

static void empty_answers_zero(void **state) {
  (void)state;
  struct histogram *h = histogram_new();
  assert_true(histogram_percentile(h, 0.5) == 0);
  free(h);
}

/* 1 … 100, by hand: the p-th percentile is p. */
static void small_values_are_exact(void **state) {
  (void)state;
  struct histogram *h = histogram_new();
  for (uint64_t value = 100; value > 0; value--)
    histogram_record(h, value);
  assert_int_equal(histogram_percentile(h, 0), 1);
  assert_int_equal(histogram_percentile(h, 0.01), 1);
  assert_int_equal(histogram_percentile(h, 0.5), 50);
  assert_int_equal(histogram_percentile(h, 0.99), 99);
  assert_int_equal(histogram_percentile(h, 1), 100);
  free(h);
}

static void assert_near(uint64_t got, double want) {
  assert_true((double)got > want * 0.99 && (double)got < want * 1.01);
}

static void great_values_are_within_one_percent(void **state) {
  (void)state;
  struct histogram *h = histogram_new();
  for (uint64_t i = 1; i <= 100000; i++)
    histogram_record(h, i * 7919);
  static const double share[] = {0.001, 0.1, 0.5, 0.9, 0.99, 0.999};
  for (size_t i = 0; i < sizeof share / sizeof share[0]; i++)
    assert_near(histogram_percentile(h, share[i]), share[i] * 791900000.0);
  assert_true(histogram_percentile(h, 1) == 791900000u);
  free(h);
}

static void the_greatest_value_has_room(void **state) {
  (void)state;
  struct histogram *h = histogram_new();
  histogram_record(h, UINT64_MAX);
  histogram_record(h, 0);
  assert_true(histogram_percentile(h, 1) == UINT64_MAX);
  assert_true(histogram_percentile(h, 0.5) == 0);
  free(h);
}

/* Merging two halves gives the same result as recording all values in one
   histogram. */
static void merging_is_recording(void **state) {
  (void)state;
  struct histogram *whole = histogram_new(), *low = histogram_new();
  struct histogram *high = histogram_new(), *merged = histogram_new();
  for (uint64_t value = 5; value < 500000; value += 3) {
    histogram_record(whole, value);
    histogram_record(value < 70000 ? low : high, value);
  }
  histogram_merge(merged, high);
  histogram_merge(merged, low);
  assert_memory_equal(merged, whole, sizeof *whole);
  memset(low, 0, sizeof *low);
  histogram_merge(merged, low); /* merging an empty one changes nothing */
  assert_memory_equal(merged, whole, sizeof *whole);
  free(whole);
  free(low);
  free(high);
  free(merged);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slots_tile_all_values),
      cmocka_unit_test(edges_are_where_the_drawing_says),
      cmocka_unit_test(empty_answers_zero),
      cmocka_unit_test(small_values_are_exact),
      cmocka_unit_test(great_values_are_within_one_percent),
      cmocka_unit_test(the_greatest_value_has_room),
      cmocka_unit_test(merging_is_recording),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
