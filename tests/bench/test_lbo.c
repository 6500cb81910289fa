/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/stats/lbo.h"

/* Three collectors at one or two heaps, in seconds:
     none  10, of which 0 are known to be collecting: distilled 10
     gen   12 of which 3 (9), and at a larger heap 11 of which 1.5 (9.5)
     rc    15, of which it knows only 2 (13); at a small heap it failed
   So the program itself takes at most 9, and LBO is 10/9, 12/9, 11/9, 15/9. */
static void four_runs_by_hand(void **state) {
  (void)state;
  static const struct lbo_cost costs[] = {
      {10, 0}, {12, 3}, {11, 1.5}, {15, 2}, {NAN, NAN}};
  double baseline = lbo_baseline(costs, 5);
  assert_true(baseline == 9);
  assert_true(lbo_overhead(&costs[0], baseline) == 10.0 / 9);
  assert_true(lbo_overhead(&costs[1], baseline) == 12.0 / 9);
  assert_true(lbo_overhead(&costs[2], baseline) == 11.0 / 9);
  assert_true(lbo_overhead(&costs[3], baseline) == 15.0 / 9);
  assert_true(isnan(lbo_overhead(&costs[4], baseline)));
}

static void without_runs_there_is_no_baseline(void **state) {
  (void)state;
  static const struct lbo_cost failed[] = {{NAN, NAN}, {NAN, 1}};
  assert_true(isnan(lbo_baseline(failed, 2)));
  assert_true(isnan(lbo_baseline(failed, 0)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(four_runs_by_hand),
      cmocka_unit_test(without_runs_there_is_no_baseline),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
