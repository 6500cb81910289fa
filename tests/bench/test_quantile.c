/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/stats/quantile.h"

static void odd_and_even_medians(void **state) {
  (void)state;
  double odd[] = {5, 1, 9}, even[] = {4, 1, 3, 100}, one[] = {7};
  struct quantile_summary s = quantile_summarize(odd, 3);
  assert_true(s.median == 5 && s.least == 1 && s.greatest == 9);
  s = quantile_summarize(even, 4);
  assert_true(s.median == 3.5 && s.least == 1 && s.greatest == 100);
  s = quantile_summarize(one, 1);
  assert_true(s.median == 7 && s.least == 7 && s.greatest == 7);
}

static void ten_events_beyond_a_percentile(void **state) {
  (void)state;
  static const struct {
    double p;
    uint64_t events;
  } least[] = {{0.5, 20}, {0.9, 100}, {0.99, 1000}, {0.999, 10000}};
  for (size_t i = 0; i < sizeof least / sizeof least[0]; i++) {
    assert_true(quantile_is_supported(least[i].p, least[i].events));
    assert_false(quantile_is_supported(least[i].p, least[i].events - 1));
  }
}

static void percentiles_by_hand(void **state) {
  (void)state;
  static const double v[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  assert_true(quantile_at(v, 10, 0) == 1);
  assert_true(quantile_at(v, 10, 0.5) == 5);
  assert_true(quantile_at(v, 10, 0.9) == 9);
  assert_true(quantile_at(v, 10, 0.91) == 10);
  assert_true(quantile_at(v, 10, 1) == 10);
  assert_true(quantile_at(v, 1, 0.99) == 1);
}

/* The mean of several curves at one heap factor: a gap in one curve is a gap in
   the mean. */
static void means_by_hand(void **state) {
  (void)state;
  static const double v[] = {1, 4, 2, NAN};
  assert_true(fabs(quantile_geometric_mean(v, 2) - 2) < 1e-12);
  assert_true(fabs(quantile_geometric_mean(v, 3) - 2) < 1e-12);
  assert_true(isnan(quantile_geometric_mean(v, 4)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(odd_and_even_medians),
      cmocka_unit_test(ten_events_beyond_a_percentile),
      cmocka_unit_test(percentiles_by_hand),
      cmocka_unit_test(means_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
