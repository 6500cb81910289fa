/* SPDX-License-Identifier: MIT */
/* Which runs are untrusted for their clock ticks. Each row is `ticks` long, of
   which some were stolen and some were used by others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "bench/base/columns.h"
#include "bench/race/noise.h"

static struct pool pool;
static struct noise noise;

static int set_up(void **state) {
  (void)state;
  noise = (struct noise){.pool = &pool, .limits = noise_limits_find("strict")};
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pool_free(&pool);
  return 0;
}

static const char **row(double ticks, double steal, double others) {
  const char **fields = pool_alloc(&pool, RUN_COLUMNS * sizeof *fields);
  fields[run_column_find("steal", strlen("steal"))] =
      pool_format(&pool, "%.9g", steal / ticks);
  fields[RUN_TICKS] = pool_format(&pool, "%g", ticks);
  fields[RUN_OTHERS] = pool_format(&pool, "%.9g", others / ticks);
  return fields;
}

static const char *run(double ticks, double steal, double others) {
  const char **fields = row(ticks, steal, others);
  const char *why = noise_judge(&noise, &pool, fields);
  noise_add(&noise, fields);
  return why;
}

/* One tick is 10 % of ten, and nothing that could be known. */
static void a_tick_is_no_evidence(void **state) {
  (void)state;
  assert_null(run(10, 1, 0));
  assert_null(run(1000, 0, 0));
  assert_null(run(10, 1, 0));
  assert_null(run(100, 2, 0)); /* perhaps one */
  assert_non_null(run(100, 4, 0));
}

/* Runs that are too short for a judgement are judged together. */
static void short_runs_add_up(void **state) {
  (void)state;
  for (int i = 0; i < 9; i++)
    assert_null(run(10, 1, 0)); /* 90 ticks are too few */
  assert_string_equal(run(10, 1, 0),
                      "9.0 % of the time went to other machines, in this run "
                      "and the 9 before it");
}

static void a_window_is_as_short_as_it_can_be(void **state) {
  (void)state;
  assert_non_null(run(1000, 500, 0));
  assert_null(run(100, 0, 0));
  assert_non_null(run(50, 20, 0)); /* 20 of 150 */
  assert_null(run(200, 0, 0));
}

static void what_others_use_counts_as_well(void **state) {
  (void)state;
  assert_string_equal(run(1000, 0, 101),
                      "other programs used 10.0 % of the time");
  assert_null(run(1000, 10, 10));
}

static void a_break_begins_a_new_window(void **state) {
  (void)state;
  for (int i = 0; i < 9; i++)
    run(10, 1, 0);
  noise_break(&noise);
  assert_null(run(10, 1, 0));
}

/* Rows of earlier versions are judged by their share alone. */
static void without_ticks_a_run_is_long(void **state) {
  (void)state;
  const char **fields = row(10, 1, 0);
  fields[RUN_TICKS] = fields[RUN_OTHERS] = "";
  assert_string_equal(noise_judge(&noise, &pool, fields),
                      "10.0 % of the time went to other machines");
}

static void any_noise_is_any(void **state) {
  (void)state;
  noise.limits = noise_limits_find("any");
  assert_null(run(1000, 500, 500));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_tick_is_no_evidence),
      TEST(short_runs_add_up),
      TEST(a_window_is_as_short_as_it_can_be),
      TEST(what_others_use_counts_as_well),
      TEST(a_break_begins_a_new_window),
      TEST(without_ticks_a_run_is_long),
      TEST(any_noise_is_any),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
