/* SPDX-License-Identifier: MIT */
/* The numbers are those of R's limma: tests/bench/limma.R recorded them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/stats/moderated.h"
#include "tests/bench/limma.h"

/* Equal to eight digits; NAN equals NAN. */
static void assert_same(double got, double want) {
  if (isnan(want) ? isnan(got)
                  : got == want || fabs(got - want) <= 1e-8 * fabs(want))
    return;
  fail_msg("%.12g is not %.12g", got, want);
}

/* --- priors -------------------------------------------------------------- */

static void priors_as_limma_has_them(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof limma_fits / sizeof *limma_fits; i++) {
    const struct limma_fit *f = &limma_fits[i];
    struct moderated_prior prior =
        moderated_prior_fit(f->variances, f->freedoms, f->count, 0);
    print_message("%s\n", f->name);
    assert_same(prior.freedom, f->freedom);
    assert_same(prior.variance, f->variance);
    assert_int_equal(prior.lines, f->count);
    prior = moderated_prior_fit(f->variances, f->freedoms, f->count, 1);
    assert_same(prior.freedom, f->cautious);
    assert_same(prior.variance, f->variance);
  }
}

/* --- tables -------------------------------------------------------------- */

enum { LINES_MAX = 32 };

struct table {
  size_t lines, blocks;
  const double *ratios, *prior, *mean, *deviation, *freedom, *t, *p, *low,
      *high;
};

static const struct table gaps = {GAPS_LINES,   GAPS_BLOCKS, gaps_ratios,
                                  gaps_prior,   gaps_mean,   gaps_deviation,
                                  gaps_freedom, gaps_t,      gaps_p,
                                  gaps_low,     gaps_high};
static const struct table even = {EVEN_LINES,   EVEN_BLOCKS, even_ratios,
                                  even_prior,   even_mean,   even_deviation,
                                  even_freedom, even_t,      even_p,
                                  even_low,     even_high};
static const struct table few = {
    FEW_LINES,   FEW_BLOCKS, few_ratios, few_prior, few_mean, few_deviation,
    few_freedom, few_t,      few_p,      few_low,   few_high};

static void table_read(const struct table *t, struct moderated_line *lines) {
  for (size_t i = 0; i < t->lines; i++)
    lines[i] = moderated_line_make(t->ratios + i * t->blocks, t->blocks);
}

static void assert_as_recorded(const struct table *t,
                               const struct moderated_line *lines) {
  for (size_t i = 0; i < t->lines; i++) {
    const struct moderated_line *line = &lines[i];
    assert_same(line->prior.variance, t->prior[0]);
    assert_same(line->prior.freedom, t->prior[1]);
    assert_same(line->mean, t->mean[i]);
    assert_same(line->deviation, t->deviation[i]);
    assert_same(line->freedom, t->freedom[i]);
    assert_same(line->t, t->t[i]);
    assert_same(line->p, t->p[i]);
    assert_same(line->low, t->low[i]);
    assert_same(line->high, t->high[i]);
  }
}

static void tables_as_limma_has_them(void **state) {
  (void)state;
  static const struct table *const tables[] = {&gaps, &even, &few};
  for (int i = 0; i < 3; i++) {
    struct moderated_line lines[LINES_MAX];
    table_read(tables[i], lines);
    moderate(lines, tables[i]->lines, 0);
    assert_as_recorded(tables[i], lines);
  }
}

/* --- lines that limma does not take -------------------------------------- */

/* Exact lines say nothing about noise: the other lines are as if exact lines
   were absent. */
static void exact_lines_change_no_others(void **state) {
  (void)state;
  static const double half[] = {0.5, 0.5, 0.5}, one[] = {1, 1, 1};
  struct moderated_line lines[LINES_MAX];
  table_read(&gaps, lines);
  lines[GAPS_LINES] = moderated_line_make(half, 3);
  lines[GAPS_LINES + 1] = moderated_line_make(one, 3);
  lines[GAPS_LINES + 2] = moderated_line_make(NULL, 0);
  moderate(lines, GAPS_LINES + 3, 0);
  assert_as_recorded(&gaps, lines);
  const struct moderated_line *line = &lines[GAPS_LINES];
  assert_true(line[0].p == 0 && isinf(line[0].t) && line[0].deviation == 0);
  assert_same(line[0].low, 0.5);
  assert_same(line[0].high, 0.5);
  assert_true(line[1].p == 1 && line[1].t == 0);
  assert_true(line[1].low == 1 && line[1].high == 1);
  assert_true(isnan(line[2].p) && isnan(line[2].low));
}

/* Values that differ only by rounding count as equal. */
static void exact_is_exact_in_spite_of_rounding(void **state) {
  (void)state;
  static const double ratios[] = {0.1 * 3, 0.3, 0.3, 0.6 / 2, 3 * 0.1};
  struct moderated_line line = moderated_line_make(ratios, 5);
  moderate(&line, 1, 0);
  assert_true(line.deviation == 0 && line.p == 0);
}

static void few_lines_have_plain_t_tests(void **state) {
  (void)state;
  struct moderated_line lines[LINES_MAX];
  table_read(&gaps, lines);
  moderate(lines, MODERATED_LINES_MIN - 1, 0);
  assert_true(lines[0].prior.freedom == 0 && lines[0].freedom == 4);
  assert_same(lines[0].t, plain[0]);
  assert_same(lines[0].p, plain[1]);
  assert_same(lines[0].low, plain[2]);
  assert_same(lines[0].high, plain[3]);
  /* A single block has no variance. */
  assert_int_equal(lines[3].blocks, 1);
  assert_same(exp(lines[3].mean), gaps_ratios[3 * GAPS_BLOCKS]);
  assert_true(isnan(lines[3].t) && isnan(lines[3].p));
  assert_true(isnan(lines[3].low) && isnan(lines[3].high));
  moderate(lines, 0, 0);
}

/* The example that a plain t test with Holm's correction does not find: three
   blocks, ratio 2.2, deviation 0.11 like that of the other lines. */
static void three_blocks_are_enough_for_twice_the_time(void **state) {
  (void)state;
  static const double ratios[] = {2.0, 2.2, 2.42};
  struct moderated_line lines[LINES_MAX];
  for (int i = 0; i < LINES_MAX; i++) {
    double spread = 0.08 + 0.002 * i;
    double others[] = {exp(-spread), 1, exp(spread)};
    lines[i] = moderated_line_make(i == 0 ? ratios : others, 3);
  }
  struct moderated_line alone = lines[0];
  moderate(lines, LINES_MAX, 0);
  moderate(&alone, 1, 0);
  assert_true(alone.p * 80 > 0.05 && lines[0].p * 80 < 1e-6);
  assert_true(lines[0].low > 1.9 && lines[0].high < 2.6);
}

/* A smaller alpha gives a wider interval. At 1 - confidence it is the
   line's. */
static void reach_is_that_of_the_interval(void **state) {
  (void)state;
  struct moderated_line lines[LINES_MAX];
  table_read(&even, lines);
  moderate(lines, EVEN_LINES, 0);
  for (int i = 0; i < EVEN_LINES; i++) {
    assert_same(exp(lines[i].mean + moderated_reach(&lines[i], 0.05)),
                lines[i].high);
    assert_true(moderated_reach(&lines[i], 0.001) >
                moderated_reach(&lines[i], 0.05));
    /* At confidence 1 - p the interval ends at "no effect". */
    assert_same(moderated_reach(&lines[i], lines[i].p), fabs(lines[i].mean));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(priors_as_limma_has_them),
      cmocka_unit_test(tables_as_limma_has_them),
      cmocka_unit_test(exact_lines_change_no_others),
      cmocka_unit_test(exact_is_exact_in_spite_of_rounding),
      cmocka_unit_test(few_lines_have_plain_t_tests),
      cmocka_unit_test(three_blocks_are_enough_for_twice_the_time),
      cmocka_unit_test(reach_is_that_of_the_interval),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
