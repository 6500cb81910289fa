/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(odd_and_even_medians),
      cmocka_unit_test(ten_events_beyond_a_percentile),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
