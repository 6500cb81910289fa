/* SPDX-License-Identifier: MIT */
/* The first numbers are those of R's power.t.test: tests/bench/limma.R. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/stats/power.h"
#include "tests/bench/limma.h"

static void assert_near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.9f is not %.9f", got, want);
}

static void plain_power_as_r_has_it(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof power_vectors / sizeof *power_vectors; i++) {
    const struct power_vector *v = &power_vectors[i];
    struct power_design design = {.deviation = v->deviation, .alpha = v->alpha};
    assert_near(power_of(&design, v->ratio, v->blocks).differs, v->power, 1e-6);
  }
}

/* A variance that is known: the power of a z test, and of two of them. With
   effect .05 and error .02, |mean| > 1.96 × .02 has the chance
   Φ(.54) + Φ(-4.46) = .7054; the mean lies within log 1.05 less the reach and
   log .95 more it, -.01209 and .00959, with Φ(-2.0205) - Φ(-3.1046) = .0207. */
static void known_variance_by_hand(void **state) {
  (void)state;
  struct power_design design = {
      .deviation = 0.04,
      .prior = {.variance = 0.0016, .freedom = INFINITY, .lines = 1000000},
      .alpha = 0.05,
      .margin = 0.05};
  struct power p = power_of(&design, exp(0.05), 4);
  assert_near(p.differs, 0.70541, 2e-5);
  assert_near(p.same, 0.0207, 1e-4);
}

/* The smallest sufficient number: one block fewer is not enough. */
static void assert_fewest(const struct power_design *design, double ratio,
                          size_t blocks, int takes_same) {
  struct power at = power_of(design, ratio, blocks);
  struct power under = power_of(design, ratio, blocks - 1);
  assert_true(at.differs + takes_same * at.same >= POWER_ENOUGH);
  assert_true(under.differs + takes_same * under.same < POWER_ENOUGH);
}

/* R's power.t.test(delta = log(1.05), sd = .03, power = .8, strict = TRUE) says
   n = 5.16 and for sd = .1 34.98. */
static void blocks_to_find_an_effect(void **state) {
  (void)state;
  struct power_design design = {.deviation = 0.03, .alpha = 0.05};
  assert_int_equal(power_blocks_to_find(&design, 1.05), 6);
  design.deviation = 0.1;
  assert_int_equal(power_blocks_to_find(&design, 1.05), 35);
  assert_fewest(&design, 1.05, 35, 0);
  /* A prior from other lines saves blocks. */
  design.prior =
      (struct moderated_prior){.variance = 0.01, .freedom = 6, .lines = 50};
  design.alpha = 0.001;
  size_t with = power_blocks_to_find(&design, 1.2);
  design.prior.freedom = 0;
  size_t without = power_blocks_to_find(&design, 1.2);
  assert_true(with < without);
}

/* A ratio below the least effect is never marked. With enough blocks, a ratio
   of 1 is found to be the same. */
static void blocks_to_decide(void **state) {
  (void)state;
  struct power_design design = {
      .deviation = 0.1, .alpha = 0.05, .least = 0.02, .margin = 0.05};
  assert_int_equal(power_blocks_to_find(&design, 1.01), 0);
  size_t same = power_blocks_to_decide(&design, 1);
  assert_true(same > 10);
  assert_fewest(&design, 1, same, 1);
  /* Far from 1, few blocks are needed. */
  assert_true(power_blocks_to_decide(&design, 1.5) < 6);
  /* Ratios in between are the hardest, but all are decided. */
  for (double ratio = 0.93; ratio < 1.08; ratio += 0.001)
    assert_true(power_blocks_to_decide(&design, ratio) > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_power_as_r_has_it),
      cmocka_unit_test(known_variance_by_hand),
      cmocka_unit_test(blocks_to_find_an_effect),
      cmocka_unit_test(blocks_to_decide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
