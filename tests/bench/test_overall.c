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

#include "bench/stats/overall.h"

static void assert_near(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("%.9f is not %.9f", got, want);
}

/* Whole blocks: means of logarithms within a block, then over blocks. These are
   log 2 ∓ .1 over all blocks, with deviations .1, 0 and -.1 from their mean. */
static void whole_table_by_hand(void **state) {
  (void)state;
  const double ratios[] = {2 * exp(0.3),  2 * exp(0.1),  2 * exp(-0.1),
                           2 * exp(-0.1), 2 * exp(-0.1), 2 * exp(-0.1)};
  struct moderated_line line = overall_line(ratios, 2, 3);
  assert_int_equal(line.blocks, 3);
  assert_near(line.mean, M_LN2, 1e-12);
  assert_near(line.variance, 0.01, 1e-12);
}

/* The mean over workloads of the ratios in each block: the naive estimate. */
static double naive_mean(const double *ratios, size_t rows, size_t blocks) {
  double sum = 0;
  for (size_t block = 0; block < blocks; block++) {
    double own = 0, found = 0;
    for (size_t row = 0; row < rows; row++) {
      double ratio = ratios[row * blocks + block];
      own += isnan(ratio) ? 0 : log(ratio);
      found += !isnan(ratio);
    }
    sum += own / found;
  }
  return sum / (double)blocks;
}

/* One workload takes twice the time and another takes half: the mean is 1. The
   campaign's budget ended between them. */
static void a_block_that_is_cut_short_biases_nothing(void **state) {
  (void)state;
  static const double ratios[] = {2, 2, 2, 2, 0.5, 0.5, 0.5, NAN};
  assert_near(exp(naive_mean(ratios, 2, 4)), exp(M_LN2 / 4), 1e-12);
  struct moderated_line line = overall_line(ratios, 2, 4);
  assert_near(line.mean, 0, 1e-12);
  assert_near(line.variance, 0, 1e-12); /* and the spread is 0 */
}

static void gaps_and_empty_rows(void **state) {
  (void)state;
  static const double ratios[] = {NAN, 2, NAN, 4, NAN, NAN, NAN, NAN};
  struct moderated_line line = overall_line(ratios, 2, 4);
  assert_near(line.mean, log(8) / 2, 1e-12);
  assert_int_equal(line.blocks, 2);
  assert_near(line.variance, M_LN2 * M_LN2 / 2, 1e-12);
  line = overall_line(ratios + 4, 1, 4);
  assert_int_equal(line.blocks, 0);
  assert_true(isnan(line.mean) && isnan(line.variance));
  static const double single[] = {2, 8};
  line = overall_line(single, 2, 1);
  assert_int_equal(line.blocks, 1);
  assert_near(line.mean, log(4), 1e-12);
  assert_true(isnan(line.variance));
}

/* --- coverage ------------------------------------------------------------ */

enum { ROWS = 20, BLOCKS = 5, TRIALS = 2000 };

struct noise {
  double of_block, of_row; /* deviations */
};

typedef bool is_missing(gsl_rng *random, size_t row, size_t block);

/* Cuts off half of the last block. */
static bool is_cut(gsl_rng *random, size_t row, size_t block) {
  (void)random;
  return block == BLOCKS - 1 && row >= ROWS / 2;
}

/* Removes runs at random, like runs that were disturbed. */
static bool is_disturbed(gsl_rng *random, size_t row, size_t block) {
  (void)row, (void)block;
  return gsl_rng_uniform(random) < 0.15;
}

static bool is_whole(gsl_rng *random, size_t row, size_t block) {
  (void)random, (void)row, (void)block;
  return false;
}

/* The coverage of the true mean, which is 1, in thousandths. */
static int covered(gsl_rng *random, struct noise noise, is_missing *missing) {
  int hits = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    double ratios[ROWS * BLOCKS];
    for (size_t block = 0; block < BLOCKS; block++) {
      double shared = gsl_ran_gaussian(random, noise.of_block);
      for (size_t row = 0; row < ROWS; row++) {
        double own = 0.1 * ((double)row - (ROWS - 1) / 2.0);
        double off = shared + gsl_ran_gaussian(random, noise.of_row);
        ratios[row * BLOCKS + block] =
            missing(random, row, block) ? NAN : exp(own + off);
      }
    }
    struct moderated_line line = overall_line(ratios, ROWS, BLOCKS);
    moderate(&line, 1, MODERATED_CAUTION);
    hits += line.low <= 1 && 1 <= line.high;
  }
  return hits * 1000 / TRIALS;
}

/* With noise per block or per run, the coverage is 95 %, with a standard error
   of half a percent. */
static void intervals_cover_what_they_say(void **state) {
  (void)state;
  static const struct noise noises[] = {{0.05, 0}, {0.03, 0.1}, {0, 0.1}};
  static is_missing *const missing[] = {is_whole, is_cut, is_disturbed};
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      int hits = covered(random, noises[i], missing[j]);
      print_message("noise %d gaps %d: %d\n", i, j, hits);
      assert_in_range(hits, 930, 985);
    }
  gsl_rng_free(random);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_table_by_hand),
      cmocka_unit_test(a_block_that_is_cut_short_biases_nothing),
      cmocka_unit_test(gaps_and_empty_rows),
      cmocka_unit_test(intervals_cover_what_they_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
