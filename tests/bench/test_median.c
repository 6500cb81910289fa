/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "bench/stats/median.h"

static void assert_near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.9f is not %.9f", got, want);
}

/* 1 - 2/2⁶; and 1 - 2(1 + 10 + 45)/2¹⁰ is too little, so the second of ten. */
static void pairs_by_hand(void **state) {
  (void)state;
  double six[] = {4, 1, 6, 3, 5, 2};
  struct median_interval i = median_interval(six, 6);
  assert_true(i.is_of_order && i.middle == 3.5 && i.low == 1 && i.high == 6);
  assert_near(i.coverage, 1 - 2 / 64.0, 1e-12);
  double ten[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  i = median_interval(ten, 10);
  assert_true(i.low == 2 && i.high == 9);
  assert_near(i.coverage, 1 - 22 / 1024.0, 1e-12);
}

/* Logarithms 0, 1, 2: mean 1, deviation 1, t(.975, 2) = 4.30265. */
static void few_values_by_hand(void **state) {
  (void)state;
  double three[] = {exp(2), 1, exp(1)};
  struct median_interval i = median_interval(three, 3);
  assert_false(i.is_of_order);
  assert_near(log(i.middle), 1, 1e-12);
  assert_near(log(i.low), 1 - 4.302653 / sqrt(3), 1e-6);
  assert_near(log(i.high), 1 + 4.302653 / sqrt(3), 1e-6);
  double one[] = {7};
  i = median_interval(one, 1);
  assert_near(i.middle, 7, 1e-12);
  assert_true(isnan(i.low) && isnan(i.high));
  double same[] = {7, 7, 7};
  i = median_interval(same, 3);
  assert_near(i.low, 7, 1e-12);
  assert_near(i.high, 7, 1e-12);
}

enum { TRIALS = 4000 };

/* The coverage of the median, which is 1, in thousandths. */
static int covered(gsl_rng *random, size_t count,
                   double (*draw)(gsl_rng *random)) {
  int hits = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    double values[32];
    for (size_t i = 0; i < count; i++)
      values[i] = draw(random);
    struct median_interval i = median_interval(values, count);
    hits += i.low <= 1 && 1 <= i.high;
  }
  return hits * 1000 / TRIALS;
}

static double draw_lognormal(gsl_rng *random) {
  return exp(gsl_ran_gaussian(random, 0.1));
}

/* Draws a time with a long tail. */
static double draw_exponential(gsl_rng *random) {
  return gsl_ran_exponential(random, 1 / M_LN2);
}

/* 95 % with a standard error of .35 %. Order intervals are discrete and cover
   up to 98.9 %. */
static void intervals_cover_what_they_say(void **state) {
  (void)state;
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  for (size_t count = 2; count < MEDIAN_ORDER_MIN; count++)
    assert_in_range(covered(random, count, draw_lognormal), 939, 961);
  for (size_t count = MEDIAN_ORDER_MIN; count <= 20; count++) {
    assert_in_range(covered(random, count, draw_lognormal), 940, 995);
    assert_in_range(covered(random, count, draw_exponential), 940, 995);
  }
  gsl_rng_free(random);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_by_hand),
      cmocka_unit_test(few_values_by_hand),
      cmocka_unit_test(intervals_cover_what_they_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
