/* SPDX-License-Identifier: MIT */
/* The numbers of the first tests are those of tests/bench/effect.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/stats/effect.h"
#include "workloads/random.h"

static void assert_near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.6f is not %.6f", got, want);
}

/* --- against another program --------------------------------------------- */

static void one_row_as_computed_elsewhere(void **state) {
  (void)state;
  static const double ratios[] = {0.953, 0.971, 0.934, 1.012, 0.961,
                                  0.942, 0.984, 0.921, 0.957, 0.949};
  struct effect e = effect_bootstrap(ratios, 1, 10);
  assert_int_equal(e.blocks, 10);
  assert_near(e.ratio, 0.9581, 5e-5);
  assert_near(e.low, 0.9439, 5e-4);
  assert_near(e.high, 0.9741, 5e-4);
}

static void means_as_computed_elsewhere(void **state) {
  (void)state;
  static const double ratios[] = {
      1.031, 1.052, 1.018, 1.044, 1.066, 1.027, 1.039, 1.058, 1.047, 1.022,
      0.982, 1.011, 1.007, 0.991, 1.023, 0.996, 1.002, 1.014, 0.988, 1.004,
      1.121, 1.093, 1.142, 1.107, 1.118, 1.131, 1.089, 1.126, 1.101, 1.137};
  struct effect e = effect_bootstrap(ratios, 3, 10);
  assert_int_equal(e.blocks, 10);
  assert_near(e.ratio, 1.0517, 5e-5);
  assert_near(e.low, 1.0469, 5e-4);
  assert_near(e.high, 1.0573, 5e-4);
}

/* --- few blocks, gaps ---------------------------------------------------- */

static void few_blocks_have_no_interval(void **state) {
  (void)state;
  static const double ratios[] = {0.5, NAN, 0.5, 0.6, 0.5,
                                  0.4, 0.5, 0.5, 0.6, 0.4};
  struct effect e = effect_bootstrap(ratios, 1, 10);
  assert_int_equal(e.blocks, 9);
  assert_true(e.ratio > 0.45 && e.ratio < 0.55);
  assert_true(isnan(e.low) && isnan(e.high));
}

static void gaps_are_left_out(void **state) {
  (void)state;
  double gaps[12], whole[10];
  for (size_t i = 0; i < 10; i++)
    whole[i] = gaps[i + (i > 3) + (i > 7)] = 0.5 + 0.01 * (double)i;
  gaps[4] = gaps[9] = NAN;
  struct effect a = effect_bootstrap(gaps, 1, 12);
  struct effect b = effect_bootstrap(whole, 1, 10);
  assert_int_equal(a.blocks, b.blocks);
  assert_near(a.ratio, b.ratio, 1e-12);
  assert_true(a.low < a.ratio && a.ratio < a.high);
  assert_near(a.low, b.low, 2e-3);
  assert_near(a.high, b.high, 2e-3);
}

static void equal_ratios_have_a_point_for_an_interval(void **state) {
  (void)state;
  double ratios[10];
  for (size_t i = 0; i < 10; i++)
    ratios[i] = 0.5;
  struct effect e = effect_bootstrap(ratios, 1, 10);
  assert_near(e.low, 0.5, 1e-12);
  assert_near(e.high, 0.5, 1e-12);
}

/* --- known effects in noise ---------------------------------------------- */

/* Nearly normal noise: the sum of twelve uniform numbers. */
static double noise(struct workload_random *random) {
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += (double)workload_random_below(random, 1 << 20) / (1 << 20);
  return sum;
}

/* The bootstrap of twenty blocks is a little too narrow: it covers about 93 %
   where 95 are asked for. */
static void the_interval_covers_the_effect(void **state) {
  (void)state;
  enum { TRIALS = 100, BLOCKS = 20 };
  struct workload_random random = workload_random_make(3, 4);
  int covered = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    double ratios[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++)
      ratios[i] = 1.03 * exp(0.01 * noise(&random));
    struct effect e = effect_bootstrap(ratios, 1, BLOCKS);
    covered += e.low <= 1.03 && 1.03 <= e.high;
  }
  assert_in_range(covered, 86, 99);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_row_as_computed_elsewhere),
      cmocka_unit_test(means_as_computed_elsewhere),
      cmocka_unit_test(few_blocks_have_no_interval),
      cmocka_unit_test(gaps_are_left_out),
      cmocka_unit_test(equal_ratios_have_a_point_for_an_interval),
      cmocka_unit_test(the_interval_covers_the_effect),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
