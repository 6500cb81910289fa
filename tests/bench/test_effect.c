/* SPDX-License-Identifier: MIT */
/* The numbers of the first tests are those of tests/bench/effect.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/stats/effect.h"
#include "bench/stats/family.h"
#include "workloads/random.h"

static void assert_near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.6f is not %.6f", got, want);
}

/* --- against numpy ------------------------------------------------------- */

static void one_row_as_numpy_has_it(void **state) {
  (void)state;
  static const double ratios[] = {0.953, 0.971, 0.934, 1.012, 0.961,
                                  0.942, 0.984, 0.921, 0.957};
  struct effect e = effect_estimate(ratios, 1, 9);
  assert_int_equal(e.blocks, 9);
  assert_near(e.ratio, 0.9570, 1e-6);
  assert_near(e.low, 0.9340, 5e-4);
  assert_near(e.high, 0.9840, 5e-4);
  assert_near(e.spread, 0.02831, 5e-6);
  assert_near(e.p, 0.00221, 5e-6);
}

static void means_as_numpy_has_them(void **state) {
  (void)state;
  static const double ratios[] = {
      1.031, 1.052, 1.018, 1.044, 1.066, 1.027, 1.039, 1.058, /* */
      0.982, 1.011, 1.007, 0.991, 1.023, 0.996, 1.002, 1.014, /* */
      1.121, 1.093, 1.142, 1.107, 1.118, 1.131, 1.089, 1.126};
  struct effect e = effect_estimate(ratios, 3, 8);
  assert_int_equal(e.blocks, 8);
  assert_near(e.ratio, 1.0541, 5e-5);
  assert_near(e.low, 1.0456, 5e-4);
  assert_near(e.high, 1.0635, 5e-4);
  assert_near(e.spread, 0.00905, 5e-6);
  assert_near(e.p, 9.07e-7, 5e-9);
}

/* t(0.975) is 2.306 at 8 degrees of freedom:
   exp(2.306 × 0.02831 / 3) - 1 = 0.02200. */
static void resolution_by_hand(void **state) {
  (void)state;
  assert_near(effect_resolution(0.02831, 9), 0.02200, 5e-6);
  assert_int_equal(effect_blocks_needed(0.02831, 0.02201), 9);
  assert_int_equal(effect_blocks_needed(0.02831, 0.02199), 10);
}

/* --- few blocks, gaps ---------------------------------------------------- */

static void few_blocks_prove_nothing(void **state) {
  (void)state;
  static const double ratios[] = {0.5, NAN, 0.5};
  struct effect e = effect_estimate(ratios, 1, 3);
  assert_int_equal(e.blocks, 2);
  assert_near(e.ratio, 0.5, 0);
  assert_true(isnan(e.low) && isnan(e.high));
  assert_int_equal(effect_judge(&e), EFFECT_UNKNOWN);
}

static void gaps_are_left_out(void **state) {
  (void)state;
  static const double gaps[] = {0.5, NAN, 0.6, 0.7, NAN};
  static const double whole[] = {0.5, 0.6, 0.7};
  struct effect a = effect_estimate(gaps, 1, 5);
  struct effect b = effect_estimate(whole, 1, 3);
  assert_int_equal(a.blocks, b.blocks);
  assert_near(a.ratio, b.ratio, 0);
  assert_near(a.p, b.p, 0);
  assert_near(a.low, b.low, 1e-12);
  assert_near(a.high, b.high, 1e-12);
}

static void equal_ratios_have_no_interval_to_speak_of(void **state) {
  (void)state;
  static const double ratios[] = {0.5, 0.5, 0.5, 1, 1, 1};
  struct effect half = effect_estimate(ratios, 1, 3);
  assert_near(half.low, 0.5, 0);
  assert_near(half.high, 0.5, 0);
  assert_int_equal(effect_judge(&half), EFFECT_LESS);
  struct effect same = effect_estimate(ratios + 3, 1, 3);
  assert_int_equal(effect_judge(&same), EFFECT_NONE);
  assert_near(effect_reach(&same), 0, 0);
}

static void small_effects_are_none(void **state) {
  (void)state;
  struct effect e = {
      .blocks = 20, .ratio = 1.019, .low = 1.015, .high = 1.023, .p = 1e-9};
  assert_int_equal(effect_judge(&e), EFFECT_NONE);
  assert_near(effect_reach(&e), 0.023, 1e-12);
  e.ratio = 1.021;
  assert_int_equal(effect_judge(&e), EFFECT_MORE);
  e.p = 0.06;
  assert_int_equal(effect_judge(&e), EFFECT_NONE);
}

/* --- known effects in noise ---------------------------------------------- */

/* Nearly normal noise: the sum of twelve uniform numbers. */
static double noise(struct workload_random *random) {
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += (double)workload_random_below(random, 1 << 20) / (1 << 20);
  return sum;
}

static struct effect noisy_effect(struct workload_random *random, double ratio,
                                  double spread, size_t blocks) {
  double ratios[32];
  for (size_t i = 0; i < blocks; i++)
    ratios[i] = ratio * exp(spread * noise(random));
  return effect_estimate(ratios, 1, blocks);
}

enum { TRIALS = 100, CELLS = 5 };

/* Identical programs. Up to one in twenty comparisons of five cells can find a
   difference: 26 of 600 trials did. In 100 trials, more than nine are too many
   for chance. */
static void nothing_is_found_where_nothing_is(void **state) {
  (void)state;
  struct workload_random random = workload_random_make(5, 0);
  int found = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    struct effect e[CELLS];
    double p[CELLS];
    for (int i = 0; i < CELLS; i++) {
      e[i] = noisy_effect(&random, 1, 0.05, 10);
      p[i] = e[i].p;
    }
    family_adjust(FAMILY_HOLM, p, CELLS, 1 - EFFECT_CONFIDENCE);
    bool any = false;
    for (int i = 0; i < CELLS; i++) {
      e[i].p = p[i];
      any |= effect_judge(&e[i]) != EFFECT_NONE;
    }
    found += any;
  }
  assert_in_range(found, 0, 9);
}

/* Programs slowed by 1, 3 and 10 %. The interval covers the effect. An effect
   above the least is found, and never with the wrong sign. */
static void what_is_there_is_found(void **state) {
  (void)state;
  static const double slowed[] = {1.01, 1.03, 1.10};
  struct workload_random random = workload_random_make(3, 4);
  for (int i = 0; i < 3; i++) {
    int covered = 0, found = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      struct effect e = noisy_effect(&random, slowed[i], 0.01, 20);
      assert_int_not_equal(effect_judge(&e), EFFECT_LESS);
      covered += e.low <= slowed[i] && slowed[i] <= e.high;
      found += effect_judge(&e) == EFFECT_MORE;
    }
    assert_in_range(covered, TRIALS * 9 / 10, TRIALS);
    assert_in_range(found, i == 0 ? 0 : TRIALS * 9 / 10, i == 0 ? 0 : TRIALS);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_row_as_numpy_has_it),
      cmocka_unit_test(means_as_numpy_has_them),
      cmocka_unit_test(resolution_by_hand),
      cmocka_unit_test(few_blocks_prove_nothing),
      cmocka_unit_test(gaps_are_left_out),
      cmocka_unit_test(equal_ratios_have_no_interval_to_speak_of),
      cmocka_unit_test(small_effects_are_none),
      cmocka_unit_test(nothing_is_found_where_nothing_is),
      cmocka_unit_test(what_is_there_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
