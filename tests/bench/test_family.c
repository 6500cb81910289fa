/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "bench/stats/family.h"
#include "tests/bench/limma.h"

static void assert_near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.12g is not %.12g", got, want);
}

/* --- against R's p.adjust ------------------------------------------------ */

static void assert_adjusted(enum family_rule rule, const double *p,
                            const double *want, size_t count) {
  double adjusted[GAPS_LINES];
  memcpy(adjusted, p, count * sizeof *p);
  family_adjust(rule, adjusted, count, 0.05);
  for (size_t i = 0; i < count; i++)
    assert_near(adjusted[i], want[i], 1e-8 * want[i]);
}

static void corrections_as_r_has_them(void **state) {
  (void)state;
  assert_adjusted(FAMILY_BENJAMINI_HOCHBERG, gaps_p, gaps_bh, GAPS_LINES);
  assert_adjusted(FAMILY_BENJAMINI_HOCHBERG, even_p, even_bh, EVEN_LINES);
  assert_adjusted(FAMILY_HOLM, gaps_p, gaps_holm, GAPS_LINES);
  assert_adjusted(FAMILY_HOLM, even_p, even_holm, EVEN_LINES);
}

/* --- by hand ------------------------------------------------------------- */

/* Holm: .005×5, .01×4, .03×3, .04×2 is less than the one before, .2×1.
   BH, from the end: .2×5/5, .04×5/4, .03×5/3, .01×5/2, .005×5/1. */
static void corrections_by_hand(void **state) {
  (void)state;
  static const double holm[] = {0.04, 0.09, 0.09, 0.025, 0.2};
  static const double bh[] = {0.025, 0.05, 0.05, 0.025, 0.2};
  double p[] = {0.01, 0.04, 0.03, 0.005, 0.2};
  double q[] = {0.01, 0.04, 0.03, 0.005, 0.2};
  /* Two are marked, so the third is compared with .05 / 3. */
  assert_near(family_adjust(FAMILY_HOLM, p, 5, 0.05), 0.05 / 3, 1e-12);
  /* Two at 0.045. */
  assert_near(family_adjust(FAMILY_BENJAMINI_HOCHBERG, q, 5, 0.045),
              0.045 * 2 / 5, 1e-12);
  for (int i = 0; i < 5; i++) {
    assert_near(p[i], holm[i], 1e-12);
    assert_near(q[i], bh[i], 1e-12);
  }
}

static void lines_without_p_do_not_count(void **state) {
  (void)state;
  for (int rule = 0; rule < 2; rule++) {
    double p[] = {NAN, 0.02, NAN, 0.5, NAN};
    double cut = family_adjust((enum family_rule)rule, p, 5, 0.05);
    assert_near(p[1], 0.04, 1e-12);
    assert_near(p[3], 0.5, 1e-12);
    assert_true(isnan(p[0]) && isnan(p[2]) && isnan(p[4]));
    assert_near(cut, rule == FAMILY_HOLM ? 0.05 : 0.025, 1e-12);
    double none[] = {NAN};
    assert_near(family_adjust((enum family_rule)rule, none, 1, 0.05), 0.05, 0);
    assert_near(family_adjust((enum family_rule)rule, NULL, 0, 0.05), 0.05, 0);
  }
}

/* --- the cut ------------------------------------------------------------- */

static void check_cut(enum family_rule rule, const double *p, size_t count) {
  double adjusted[GAPS_LINES];
  for (double level = 0.001; level < 0.5; level += 0.001) {
    memcpy(adjusted, p, count * sizeof *p);
    double cut = family_adjust(rule, adjusted, count, level);
    for (size_t i = 0; i < count; i++)
      assert_int_equal(p[i] <= cut, adjusted[i] <= level);
  }
}

static void marked_lines_lie_under_the_cut(void **state) {
  (void)state;
  for (int rule = 0; rule < 2; rule++) {
    check_cut((enum family_rule)rule, gaps_p, GAPS_LINES);
    check_cut((enum family_rule)rule, even_p, EVEN_LINES);
    check_cut((enum family_rule)rule, few_p, FEW_LINES);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(corrections_as_r_has_them),
      cmocka_unit_test(corrections_by_hand),
      cmocka_unit_test(lines_without_p_do_not_count),
      cmocka_unit_test(marked_lines_lie_under_the_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
