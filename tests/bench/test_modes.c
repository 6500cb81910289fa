/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "bench/stats/modes.h"

static void two_groups_by_hand(void **state) {
  (void)state;
  const double ratios[] = {2.02, 1.0, NAN, 1.98, 2.0, 1.01};
  struct modes m = modes_find(ratios, 6, 1.05);
  assert_true(m.are_two);
  assert_int_equal(m.low_count, 2);
  assert_int_equal(m.high_count, 3);
  assert_true(fabs(m.low - sqrt(1.01)) < 1e-12);
  assert_true(fabs(m.high - cbrt(2.02 * 1.98 * 2.0)) < 1e-12);
}

/* One block by itself is no group, nor are groups that hardly differ, nor two
   ratios each. */
static void no_two_groups(void **state) {
  (void)state;
  const double outlier[] = {1, 1, 1, 1, 2}, near[] = {1, 1, 1.02, 1.02, 1.02};
  const double few[] = {1, 1, 2, 2}, same[] = {1, 1, 1, 1, 1};
  assert_false(modes_find(outlier, 5, 1.05).are_two);
  assert_false(modes_find(near, 5, 1.05).are_two);
  assert_false(modes_find(few, 4, 1.05).are_two);
  assert_false(modes_find(same, 5, 1.05).are_two);
}

/* The share, in per mille, of samples that have two modes. */
static unsigned found(gsl_rng *random, size_t count, double apart) {
  enum { SAMPLES = 4000 };
  unsigned two = 0;
  double ratios[40];
  for (int i = 0; i < SAMPLES; i++) {
    for (size_t j = 0; j < count; j++)
      ratios[j] = exp(gsl_ran_gaussian(random, 0.1) +
                      (gsl_rng_uniform(random) < 0.5 ? apart : 0));
    two += modes_find(ratios, count, 1).are_two;
  }
  return 1000 * two / SAMPLES;
}

static void one_mode_rarely_looks_like_two(void **state) {
  (void)state;
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  for (size_t count = 5; count <= 20; count++)
    assert_in_range(found(random, count, 0), 35, 65);
  assert_in_range(found(random, 40, 0), 0, 50);
  assert_in_range(found(random, 5, 1), 450, 1000);
  assert_in_range(found(random, 10, 1), 850, 1000);
  gsl_rng_free(random);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_groups_by_hand),
      cmocka_unit_test(no_two_groups),
      cmocka_unit_test(one_mode_rarely_looks_like_two),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
