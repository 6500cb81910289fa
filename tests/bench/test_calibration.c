/* SPDX-License-Identifier: MIT */
/* Synthetic tables with known effects: what the method finds where there is no
   effect, and where there is one. The seeds are fixed. */
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
#include "bench/stats/family.h"
#include "bench/stats/moderated.h"
#include "bench/stats/power.h"
#include "tests/bench/limma.h"

enum {
  LINES = sizeof campaign_deviations / sizeof *campaign_deviations,
  BLOCKS_MAX = 10,
  LINES_MAX = 100,
  TABLES = 1000,
  TABLES_WITH = 200
};

static void assert_within(const char *what, double got, double low,
                          double high) {
  print_message("%s: %.4f\n", what, got);
  if (!(low <= got && got <= high))
    fail_msg("%s: %.4f is not in %.4f..%.4f", what, got, low, high);
}

/* --- synthetic tables ---------------------------------------------------- */

struct model {
  size_t blocks;
  double scale; /* of all deviations */
  /* With freedom 0, each line has its deviation in the reference campaign. */
  struct moderated_prior prior;
  double effect; /* of every second line, as a ratio; else 1 */
};

/* The prior of the reference campaign's variances, without their noise. */
static struct moderated_prior campaign_prior(double scale) {
  double variances[LINES], freedoms[LINES];
  for (int i = 0; i < LINES; i++) {
    variances[i] = pow(scale * campaign_deviations[i], 2);
    freedoms[i] = 8;
  }
  return moderated_prior_fit(variances, freedoms, LINES, 0);
}

static double deviation_draw(gsl_rng *random, const struct model *m, int line) {
  if (m->prior.freedom == 0)
    return m->scale * campaign_deviations[line];
  return sqrt(m->prior.variance * m->prior.freedom /
              gsl_ran_chisq(random, m->prior.freedom));
}

static bool has_effect(const struct model *m, int line) {
  return m->effect != 1 && line % 2 == 1;
}

static void table_draw(gsl_rng *random, const struct model *m,
                       struct moderated_line *lines, double *deviations) {
  for (int i = 0; i < LINES; i++) {
    double ratios[BLOCKS_MAX];
    deviations[i] = deviation_draw(random, m, i);
    for (size_t j = 0; j < m->blocks; j++)
      ratios[j] = (has_effect(m, i) ? m->effect : 1) *
                  exp(gsl_ran_gaussian(random, deviations[i]));
    lines[i] = moderated_line_make(ratios, m->blocks);
  }
  moderate(lines, LINES, MODERATED_CAUTION);
}

/* Marks lines by Benjamini and Hochberg at 5 %, beyond the least effect. */
static double table_mark(const struct moderated_line *lines, size_t count,
                         bool *marked) {
  double p[LINES_MAX];
  for (size_t i = 0; i < count; i++)
    p[i] = lines[i].p;
  double cut = family_adjust(FAMILY_BENJAMINI_HOCHBERG, p, count, 0.05);
  for (size_t i = 0; i < count; i++) {
    double ratio = exp(lines[i].mean);
    marked[i] = p[i] <= 0.05 &&
                (ratio >= 1 + EFFECT_LEAST || ratio <= 1 - EFFECT_LEAST);
  }
  return cut;
}

/* --- nothing is there ---------------------------------------------------- */

struct found {
  double lines;  /* fraction with p < .05 */
  double tables; /* fraction in which any line is marked */
};

static struct found nothing_run(const struct model *m) {
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  struct found found = {0, 0};
  for (int i = 0; i < TABLES; i++) {
    struct moderated_line lines[LINES];
    double deviations[LINES];
    bool marked[LINES], any = false;
    table_draw(random, m, lines, deviations);
    table_mark(lines, LINES, marked);
    for (int j = 0; j < LINES; j++) {
      found.lines += (lines[j].p < 0.05) / ((double)LINES * TABLES);
      any |= marked[j];
    }
    found.tables += (double)any / TABLES;
  }
  gsl_rng_free(random);
  return found;
}

/* With ten blocks the result is exactly 5 % (20,000 tables; see the comment in
   moderated.h). 1,000 tables give a standard error of .7 %. */
static void assert_nothing_found(const struct model *m, double tables_most) {
  struct found found = nothing_run(m);
  assert_within("lines with p < .05", found.lines, 0.03, 0.07);
  assert_within("tables that mark any", found.tables, 0, tables_most);
}

static void nothing_is_found_where_nothing_is(void **state) {
  (void)state;
  struct model m = {.blocks = 3, .scale = 1, .effect = 1};
  assert_nothing_found(&m, 0.05);
  m.blocks = 5;
  assert_nothing_found(&m, 0.05);
  m.blocks = 10;
  assert_nothing_found(&m, 0.064);
  m.blocks = 5;
  m.prior = campaign_prior(1);
  assert_nothing_found(&m, 0.05);
}

/* --- something is there -------------------------------------------------- */

struct tally {
  double real, found, expected; /* lines with an effect; p < .05 */
  double marked, marked_expected;
  double false_share; /* fraction of marked lines without an effect; mean over
                         tables */
};

static void table_tally(const struct model *m,
                        const struct moderated_line *lines,
                        const double *deviations, struct tally *t) {
  bool marked[LINES];
  double cut = table_mark(lines, LINES, marked), right = 0, wrong = 0;
  for (int i = 0; i < LINES; i++) {
    if (!has_effect(m, i)) {
      wrong += marked[i];
      continue;
    }
    struct power_design design = {
        .deviation = deviations[i], .prior = lines[i].prior, .alpha = 0.05};
    t->real++;
    t->found += lines[i].p < 0.05;
    t->expected += power_of(&design, m->effect, m->blocks).differs;
    design.alpha = cut;
    design.least = EFFECT_LEAST;
    right += marked[i];
    t->marked_expected += power_of(&design, m->effect, m->blocks).differs;
  }
  t->marked += right;
  t->false_share += wrong / fmax(1, right + wrong) / TABLES_WITH;
}

/* An effect of 5 % on every second line, in a campaign with a quarter of the
   noise of a machine with two shared processors. The standard error is half a
   percent. */
static void an_effect_is_found_as_theory_says(void **state) {
  (void)state;
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  static const size_t blocks[] = {3, 5, 10};
  for (int i = 0; i < 3; i++) {
    struct model m = {blocks[i], 0.25, campaign_prior(0.25), 1.05};
    struct tally t = {0};
    for (int table = 0; table < TABLES_WITH; table++) {
      struct moderated_line lines[LINES];
      double deviations[LINES];
      table_draw(random, &m, lines, deviations);
      table_tally(&m, lines, deviations, &t);
    }
    double found = t.expected / t.real, marked = t.marked_expected / t.real;
    assert_within("found", t.found / t.real, found - 0.02, found + 0.02);
    assert_within("marked", t.marked / t.real, marked - 0.02, marked + 0.02);
    assert_within("falsely", t.false_share, 0, 0.05);
  }
  gsl_rng_free(random);
}

/* --- lines of two modes -------------------------------------------------- */

enum { BIMODAL = 20, STEADY = 60, TABLES_BIMODAL = 300 };

/* Each block is in one of two modes that are .25 apart. */
static void bimodal_draw(gsl_rng *random, size_t blocks,
                         struct moderated_line *lines) {
  for (int i = 0; i < BIMODAL + STEADY; i++) {
    double ratios[BLOCKS_MAX];
    for (size_t j = 0; j < blocks; j++) {
      double mode = gsl_rng_uniform(random) < 0.5 ? -0.125 : 0.125;
      ratios[j] =
          exp((i < BIMODAL ? mode : 0) + gsl_ran_gaussian(random, 0.03));
    }
    lines[i] = moderated_line_make(ratios, blocks);
  }
}

/* The percentage of bimodal lines that are marked; none has an effect. */
static double bimodal_marked(size_t blocks, bool is_family) {
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  double count = 0;
  for (int table = 0; table < TABLES_BIMODAL; table++) {
    struct moderated_line lines[BIMODAL + STEADY];
    bool marked[BIMODAL + STEADY];
    bimodal_draw(random, blocks, lines);
    size_t first = is_family ? BIMODAL : BIMODAL + STEADY;
    moderate(lines, first, MODERATED_CAUTION);
    moderate(lines + first, BIMODAL + STEADY - first, MODERATED_CAUTION);
    table_mark(lines, BIMODAL + STEADY, marked);
    for (int i = 0; i < BIMODAL; i++)
      count += marked[i];
  }
  gsl_rng_free(random);
  return 100 * count / (BIMODAL * TABLES_BIMODAL);
}

/* Expects the numbers in the comment of moderated.h, within three standard
   errors. */
static void bimodal_lines_want_a_family(void **state) {
  (void)state;
  assert_within("3 blocks, pooled", bimodal_marked(3, false), 9, 14);
  assert_within("3 blocks, family", bimodal_marked(3, true), 0, 1);
  assert_within("5 blocks, pooled", bimodal_marked(5, false), 4.5, 7.5);
  assert_within("5 blocks, family", bimodal_marked(5, true), 0, 1.5);
  assert_within("10 blocks, pooled", bimodal_marked(10, false), 0, 1);
  assert_within("10 blocks, family", bimodal_marked(10, true), 0, 0.5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_found_where_nothing_is),
      cmocka_unit_test(an_effect_is_found_as_theory_says),
      cmocka_unit_test(bimodal_lines_want_a_family),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
