/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>

#include "bench/stats/effect.h"
#include "bench/stats/verdict.h"

static void words_by_hand(void **state) {
  (void)state;
  static const struct {
    double ratio, low, high;
    enum verdict_word word;
  } cases[] = {
      {2.2, 2.0, 2.5, VERDICT_MORE},
      {0.58, 0.5, 0.7, VERDICT_LESS},
      {2.2, 0.9, 5.4, VERDICT_UNDECIDED},
      /* A certain but small effect. */
      {1.019, 1.015, 1.023, VERDICT_SAME},
      {0.985, 0.98, 0.99, VERDICT_SAME},
      /* Beyond 2 %, although within the margin. */
      {1.021, 1.015, 1.027, VERDICT_MORE},
      {0.98, 0.97, 0.999, VERDICT_LESS},
      {1.0, 0.96, 1.04, VERDICT_SAME},
      {1.0, 0.94, 1.04, VERDICT_UNDECIDED},
      {1.019, 1.001, 1.06, VERDICT_UNDECIDED},
      {1, 1, 1, VERDICT_SAME},
      {1.5, 1.5, 1.5, VERDICT_MORE},
      {1.5, NAN, NAN, VERDICT_UNDECIDED},
      {NAN, NAN, NAN, VERDICT_UNDECIDED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(verdict_word(cases[i].ratio, cases[i].low, cases[i].high,
                                  VERDICT_MARGIN),
                     cases[i].word);
}

/* --- tables -------------------------------------------------------------- */

enum { LINES = 40, BLOCKS = 4, TABLES = 30 };

/* Every second line has no effect; the others have up to 30 %. Two do not vary,
   one has a single block and one has none. */
static void table_draw(gsl_rng *random, struct moderated_line *lines) {
  for (int i = 0; i < LINES; i++) {
    double effect = i % 2 * gsl_rng_uniform(random) * 0.3, ratios[BLOCKS];
    double deviation = 0.02 + 0.05 * gsl_rng_uniform(random);
    for (int j = 0; j < BLOCKS; j++)
      ratios[j] = i < 2 ? 1 + 0.03 * i
                        : exp(effect + gsl_ran_gaussian(random, deviation));
    size_t blocks = i == 3 ? 1 : i == 4 ? 0 : BLOCKS;
    lines[i] = moderated_line_make(ratios, blocks);
  }
  moderate(lines, LINES, MODERATED_CAUTION);
}

/* The printed values agree: the interval excludes 1, the adjusted p is under
   .05, and the verdict says so. */
static void assert_agrees(const struct moderated_line *line,
                          const struct verdict *v) {
  double ratio = exp(line->mean);
  bool excludes_one = v->low > 1 || v->high < 1;
  assert_int_equal(excludes_one, v->p <= 0.05);
  bool differs = v->word == VERDICT_LESS || v->word == VERDICT_MORE;
  assert_int_equal(differs, excludes_one && (ratio >= 1 + EFFECT_LEAST ||
                                             ratio <= 1 - EFFECT_LEAST));
  if (v->word == VERDICT_MORE)
    assert_true(v->low > 1);
  if (v->word == VERDICT_LESS)
    assert_true(v->high < 1);
  if (v->word == VERDICT_SAME) {
    assert_true(v->low >= 1 - v->within * (1 + 1e-9) &&
                v->high <= 1 + v->within * (1 + 1e-9));
    assert_true(v->within <= VERDICT_MARGIN);
  }
  assert_int_equal(v->blocks > 0, v->word == VERDICT_UNDECIDED && !isnan(v->p));
}

static void verdicts_agree_with_intervals(void **state) {
  (void)state;
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  for (int table = 0; table < TABLES; table++) {
    struct moderated_line lines[LINES];
    struct verdict verdicts[LINES];
    table_draw(random, lines);
    enum family_rule rule =
        table % 2 == 0 ? FAMILY_BENJAMINI_HOCHBERG : FAMILY_HOLM;
    double alpha = verdict_table(lines, LINES, rule, VERDICT_MARGIN, verdicts);
    assert_true(alpha > 0 && alpha <= 0.05);
    for (int i = 0; i < LINES; i++)
      assert_agrees(&lines[i], &verdicts[i]);
    assert_int_equal(verdicts[0].word, VERDICT_SAME);
    assert_int_equal(verdicts[1].word, VERDICT_MORE);
    assert_true(verdicts[3].p >= 0 && verdicts[3].low < verdicts[3].high);
    assert_true(isnan(verdicts[4].p) && isnan(verdicts[4].low));
    assert_int_equal(verdicts[4].word, VERDICT_UNDECIDED);
  }
  gsl_rng_free(random);
}

/* --- the blocks that would decide ---------------------------------------- */

/* The percentage of lines that are decided with so many blocks. Each has this
   ratio and deviation and is a separate table. */
static int decided(gsl_rng *random, double ratio, double deviation,
                   size_t blocks) {
  enum { TRIALS = 2000, BLOCKS_MAX = 256 };
  double ratios[BLOCKS_MAX];
  assert_in_range(blocks, 2, BLOCKS_MAX);
  int count = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    for (size_t i = 0; i < blocks; i++)
      ratios[i] = ratio * exp(gsl_ran_gaussian(random, deviation));
    struct moderated_line line = moderated_line_make(ratios, blocks);
    moderate(&line, 1, MODERATED_CAUTION);
    count += verdict_word(exp(line.mean), line.low, line.high,
                          VERDICT_MARGIN) != VERDICT_UNDECIDED;
  }
  return count * 100 / TRIALS;
}

/* A line with exactly this ratio, undecided in eight blocks. */
static struct verdict undecided_make(double ratio, double deviation) {
  enum { SEEN = 8 };
  double ratios[SEEN];
  double off = deviation * sqrt((SEEN - 1) / (double)SEEN);
  for (int i = 0; i < SEEN; i++)
    ratios[i] = ratio * exp(i % 2 == 0 ? off : -off);
  struct moderated_line line = moderated_line_make(ratios, SEEN);
  moderate(&line, 1, MODERATED_CAUTION);
  struct verdict v;
  verdict_table(&line, 1, FAMILY_HOLM, VERDICT_MARGIN, &v);
  return v;
}

static void so_many_blocks_decide(void **state) {
  (void)state;
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  static const double truths[][2] = {{1.0, 0.1}, {1.04, 0.1}, {0.93, 0.12}};
  for (int i = 0; i < 3; i++) {
    struct verdict v = undecided_make(truths[i][0], truths[i][1]);
    assert_int_equal(v.word, VERDICT_UNDECIDED);
    /* The standard error is .9 %. */
    assert_in_range(decided(random, truths[i][0], truths[i][1], v.blocks), 77,
                    84);
  }
  gsl_rng_free(random);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_by_hand),
      cmocka_unit_test(verdicts_agree_with_intervals),
      cmocka_unit_test(so_many_blocks_decide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
