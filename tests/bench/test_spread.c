/* SPDX-License-Identifier: MIT */
/* Principal components, worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "bench/stats/spread.h"

enum { ROWS = 4, COLUMNS = 3 };

static double scores[2][ROWS], loadings[2][COLUMNS];
static struct spread_axis axes[2] = {{0, scores[0], loadings[0]},
                                     {0, scores[1], loadings[1]}};

static bool is_close(double a, double b) {
  return fabs(a - b) < 1e-9;
}

/* Each column is a multiple of the other: one axis explains all variance. Since
   columns have deviation 1, the rows are at -1, 0 and 1 on both, √2 from the
   middle. */
static void columns_that_say_the_same(void **state) {
  (void)state;
  double values[] = {1, 10, 2, 20, 3, 30};
  spread_axes(values, 3, 2, axes);
  assert_true(is_close(axes[0].share, 1) && is_close(axes[1].share, 0));
  assert_true(is_close(loadings[0][0], sqrt(0.5)));
  assert_true(is_close(loadings[0][1], sqrt(0.5)));
  for (int i = 0; i < 3; i++)
    assert_true(is_close(scores[0][i], (i - 1) * sqrt(2)));
}

/* The corners of a square: every direction has the same variance. */
static void columns_that_have_nothing_in_common(void **state) {
  (void)state;
  double values[] = {0, 0, 0, 1, 1, 0, 1, 1};
  spread_axes(values, 4, 2, axes);
  assert_true(is_close(axes[0].share, 0.5) && is_close(axes[1].share, 0.5));
  /* Deviation 1 over four rows: each is √(3/4) off on both. */
  for (int i = 0; i < 4; i++)
    assert_true(is_close(hypot(scores[0][i], scores[1][i]), sqrt(1.5)));
}

/* The third column is constant, and a missing value counts as the mean. The
   second column has two values, at ∓1/√2; the values of the first are at ∓1.
   They vary together, √(1 + 1/2) from the middle. */
static void what_says_nothing_moves_nothing(void **state) {
  (void)state;
  double values[] = {1, 1, 7.1, 2, NAN, 7.1, 3, 3, 7.1};
  spread_axes(values, 3, 3, axes);
  assert_true(is_close(axes[0].share, 1));
  assert_true(is_close(loadings[0][2], 0));
  assert_true(is_close(scores[0][0], -sqrt(1.5)));
  assert_true(is_close(scores[0][1], 0));
  assert_true(is_close(scores[0][2], sqrt(1.5)));
}

/* Scaled, the rows are at (-1, -1), (0, 0) and (1, 1), and the third column
   says nothing. */
static void the_nearest_row(void **state) {
  (void)state;
  double values[] = {1, 10, 7, 2, 20, 7, 3, 30, 7}, distance;
  spread_scale(values, 3, 3);
  assert_int_equal(spread_nearest(values, 3, 3, 0, &distance), 1);
  assert_true(is_close(distance, sqrt(2)));
  assert_int_equal(spread_nearest(values, 3, 3, 2, &distance), 1);
  assert_true(is_close(distance, sqrt(2)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_that_say_the_same),
      cmocka_unit_test(columns_that_have_nothing_in_common),
      cmocka_unit_test(what_says_nothing_moves_nothing),
      cmocka_unit_test(the_nearest_row),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
