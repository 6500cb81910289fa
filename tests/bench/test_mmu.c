/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/stats/mmu.h"

#define LANE(...)                                                              \
  {                                                                            \
    (struct mmu_interval[]){__VA_ARGS__},                                      \
        sizeof((struct mmu_interval[]){__VA_ARGS__}) /                         \
            sizeof(struct mmu_interval)                                        \
  }

static double least(const struct mmu_curve *curve, uint64_t window) {
  double out = -1;
  assert_true(mmu_least(curve, window, &out));
  return out;
}

static void assert_close(double got, double want) {
  assert_true(got > want - 1e-12 && got < want + 1e-12);
}

/* Two pauses in a run of 100: [10, 20] and [25, 35].
   w = 5, 10: a window inside a pause.
   w = 15: from 10 to 25, ten of fifteen.
   w = 25: from 10 to 35, twenty of twenty-five.
   w = 50: from 0 to 50 or from 10 to 60, twenty of fifty.
   w = 100: the run itself. */
static void one_thread_by_hand(void **state) {
  (void)state;
  struct mmu_lane lane = LANE({25, 35}, {10, 20});
  mmu_lane_unite(&lane);
  struct mmu_curve curve;
  assert_true(mmu_curve_init(&curve, 0, 100, &lane, 1));
  assert_close(least(&curve, 5), 0);
  assert_close(least(&curve, 10), 0);
  assert_close(least(&curve, 15), 1 - 10.0 / 15);
  assert_close(least(&curve, 25), 1 - 20.0 / 25);
  assert_close(least(&curve, 50), 1 - 20.0 / 50);
  assert_close(least(&curve, 100), 0.8);
  mmu_curve_finish(&curve);
}

/* The worst window ends with the run: [90, 100] of a run from 60 to 100. A
   window must not extend beyond the run: for width 20 the result is a half, not
   more. */
static void windows_stay_in_the_run(void **state) {
  (void)state;
  struct mmu_lane lane = LANE({50, 61}, {90, 130});
  mmu_lane_unite(&lane);
  struct mmu_curve curve;
  assert_true(mmu_curve_init(&curve, 60, 100, &lane, 1));
  assert_close(least(&curve, 20), 0.5);
  assert_close(least(&curve, 40), 1 - 11.0 / 40);
  double out;
  assert_false(mmu_least(&curve, 41, &out));
  assert_false(mmu_least(&curve, 0, &out));
  mmu_curve_finish(&curve);
}

/* One thread is held up in [0, 10], the other in [5, 15], of a run of 20: the
   system loses 20 of 40; in [5, 10] it stands still, in [0, 10] it loses 15
   of 20. */
static void the_system_is_the_mean_of_its_threads(void **state) {
  (void)state;
  struct mmu_lane lanes[2] = {LANE({0, 10}), LANE({5, 15})};
  struct mmu_curve curve;
  assert_true(mmu_curve_init(&curve, 0, 20, lanes, 2));
  assert_close(least(&curve, 5), 0);
  assert_close(least(&curve, 10), 0.25);
  assert_close(least(&curve, 20), 0.5);
  mmu_curve_finish(&curve);
}

static void overlaps_count_once(void **state) {
  (void)state;
  struct mmu_lane lane = LANE({30, 40}, {0, 10}, {2, 4}, {8, 12}, {12, 15});
  mmu_lane_unite(&lane);
  assert_int_equal(lane.count, 2);
  assert_int_equal(lane.items[0].begin, 0);
  assert_int_equal(lane.items[0].end, 15);
  assert_int_equal(lane.items[1].begin, 30);
  assert_int_equal(lane.items[1].end, 40);
}

static void without_pauses_all_is_the_mutators(void **state) {
  (void)state;
  struct mmu_lane lane = {NULL, 0};
  mmu_lane_unite(&lane);
  struct mmu_curve curve;
  assert_true(mmu_curve_init(&curve, 7, 1007, &lane, 1));
  assert_close(least(&curve, 1), 1);
  assert_close(least(&curve, 1000), 1);
  mmu_curve_finish(&curve);
}

/* Compares the exact answer with every window position of a small random
   run. */
static void no_window_is_worse(void **state) {
  (void)state;
  uint64_t seed = 12345;
  struct mmu_interval items[20];
  for (int i = 0; i < 20; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    items[i].begin = (seed >> 33) % 900;
    items[i].end = items[i].begin + (seed >> 50) % 40;
  }
  struct mmu_lane lane = {items, 20};
  mmu_lane_unite(&lane);
  struct mmu_curve curve;
  assert_true(mmu_curve_init(&curve, 0, 1000, &lane, 1));
  for (uint64_t window = 1; window <= 1000; window += 37) {
    double worst = 1;
    for (uint64_t t = 0; t + window <= 1000; t++) {
      uint64_t taken = 0;
      for (uint64_t at = t; at < t + window; at++)
        for (size_t i = 0; i < lane.count; i++)
          taken += lane.items[i].begin <= at && at < lane.items[i].end;
      double left = 1 - (double)taken / (double)window;
      worst = left < worst ? left : worst;
    }
    assert_close(least(&curve, window), worst);
  }
  mmu_curve_finish(&curve);
}

static double bounded(const struct mmu_curve *curve, uint64_t window) {
  double out = -1;
  assert_true(mmu_bounded(curve, window, &out));
  return out;
}

/* Pauses [10, 20] and [25, 35] of 100. For w = 12 the worst window of that size
   has 10 of 12 in a pause, and 20 of 25 is better than that; for w = 20 the
   worst one has 15 of 20, and 20 of 25 is worse. */
static void a_longer_window_can_be_worse(void **state) {
  (void)state;
  struct mmu_lane lane = LANE({25, 35}, {10, 20});
  mmu_lane_unite(&lane);
  struct mmu_curve curve;
  assert_true(mmu_curve_init(&curve, 0, 100, &lane, 1));
  assert_close(bounded(&curve, 12), 1 - 10.0 / 12);
  assert_close(least(&curve, 20), 1 - 15.0 / 20);
  assert_close(bounded(&curve, 20), 1 - 20.0 / 25);
  assert_close(bounded(&curve, 100), 0.8);
  double out;
  assert_false(mmu_bounded(&curve, 101, &out));
  mmu_curve_finish(&curve);
}

/* Compares with the smallest MMU of all windows that are as long or longer, on
   two threads. */
static void no_longer_window_is_worse(void **state) {
  (void)state;
  uint64_t seed = 54321;
  struct mmu_interval items[2][15];
  struct mmu_lane lanes[2];
  for (int i = 0; i < 30; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    items[i % 2][i / 2].begin = (seed >> 33) % 290;
    items[i % 2][i / 2].end = items[i % 2][i / 2].begin + (seed >> 50) % 20;
  }
  for (int i = 0; i < 2; i++) {
    lanes[i] = (struct mmu_lane){items[i], 15};
    mmu_lane_unite(&lanes[i]);
  }
  struct mmu_curve curve;
  assert_true(mmu_curve_init(&curve, 0, 300, lanes, 2));
  for (uint64_t window = 300, i = 0; window >= 1; window--, i++) {
    static double worst = 1;
    double mmu = least(&curve, window);
    worst = mmu < worst ? mmu : worst;
    assert_close(bounded(&curve, window), worst);
  }
  mmu_curve_finish(&curve);
}

/* An interval taken out of the middle, at both ends, and of all of one. */
static void what_is_common_by_hand(void **state) {
  (void)state;
  struct mmu_lane lost = LANE({5, 12}, {14, 15}, {19, 30}, {39, 41});
  assert_int_equal(mmu_lane_overlap(&lost, (struct mmu_interval){10, 20}), 4);
  assert_int_equal(mmu_lane_overlap(&lost, (struct mmu_interval){12, 14}), 0);
  assert_int_equal(mmu_lane_overlap(&lost, (struct mmu_interval){20, 29}), 9);
  assert_int_equal(mmu_lane_overlap(&lost, (struct mmu_interval){0, 90}), 21);
  assert_int_equal(mmu_lane_overlap(&lost, (struct mmu_interval){41, 90}), 0);
  struct mmu_lane lane = {malloc(4 * sizeof *lane.items), 4};
  const struct mmu_interval items[] = {{10, 20}, {21, 29}, {31, 39}, {40, 50}};
  const struct mmu_interval rest[] = {{12, 14}, {15, 19}, {31, 39}, {41, 50}};
  assert_non_null(lane.items);
  memcpy(lane.items, items, sizeof items);
  assert_true(mmu_lane_subtract(&lane, &lost));
  assert_int_equal(lane.count, 4);
  assert_memory_equal(lane.items, rest, sizeof rest);
  free(lane.items);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_thread_by_hand),
      cmocka_unit_test(windows_stay_in_the_run),
      cmocka_unit_test(the_system_is_the_mean_of_its_threads),
      cmocka_unit_test(overlaps_count_once),
      cmocka_unit_test(without_pauses_all_is_the_mutators),
      cmocka_unit_test(no_window_is_worse),
      cmocka_unit_test(a_longer_window_can_be_worse),
      cmocka_unit_test(no_longer_window_is_worse),
      cmocka_unit_test(what_is_common_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
