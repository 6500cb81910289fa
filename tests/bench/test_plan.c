/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "bench/base/exit_code.h"
#include "bench/plan/plan.h"
#include "bench/plan/sweep.h"

static const char *factors_written[] = {"1.5", "2", "3"};
static struct catalog_capability limited[] = {{"limits", 1}, {"reclaims", 1}};
static struct catalog_collector collectors_limited[4] = {
    {.capabilities = limited, .capability_count = 2},
    {.capabilities = limited, .capability_count = 2},
    {.capabilities = limited, .capability_count = 2},
    {.capabilities = limited, .capability_count = 2}};

static struct settings settings_of(size_t workloads, size_t threads,
                                   size_t factors, size_t collectors,
                                   int64_t blocks, uint64_t seed) {
  return (struct settings){.workload_count = workloads,
                           .thread_count = threads,
                           .heap_factors = factors_written,
                           .heap_factor_count = factors,
                           .catalog = {.collectors = collectors_limited,
                                       .collector_count = collectors},
                           .blocks = blocks,
                           .seed = seed};
}

static void each_block_has_each_run_once(void **state) {
  (void)state;
  struct settings s = settings_of(5, 2, 3, 4, 6, 42);
  struct pool pool = {0};
  struct plan plan = plan_make(&pool, &s);
  size_t entrants = 5 * 2 * 3 * 4;
  assert_int_equal(plan.count, 6 * entrants);
  for (size_t block = 0; block < 6; block++) {
    bool seen[5 * 2 * 3 * 4] = {false};
    for (size_t i = 0; i < entrants; i++) {
      const struct planned_run *run = &plan.runs[block * entrants + i];
      size_t entrant = plan_entrant(&s, &plan, run);
      assert_true(entrant < entrants);
      assert_false(seen[entrant]);
      seen[entrant] = true;
      assert_int_equal(run->block, block + 1);
      assert_int_equal(run->order, i + 1);
      assert_int_equal(run->run, block * entrants + i + 1);
    }
  }
  pool_free(&pool);
}

static void collectors_of_a_cell_are_neighbours(void **state) {
  (void)state;
  struct settings s = settings_of(4, 2, 2, 3, 5, 1);
  struct pool pool = {0};
  struct plan plan = plan_make(&pool, &s);
  for (size_t i = 0; i < plan.count; i++) {
    const struct planned_run *run = &plan.runs[i];
    assert_int_equal(plan_begins_cell(run), i % 3 == 0);
    const struct planned_run *first = &plan.runs[i - i % 3];
    assert_int_equal(run->workload, first->workload);
    assert_int_equal(run->threads, first->threads);
    assert_int_equal(run->heap_factor, first->heap_factor);
  }
  pool_free(&pool);
}

/* --- ranges of heap factors ----------------------------------------------- */

static void check_factors(const char *text, const char *expected) {
  struct pool pool = {0};
  char **factors;
  const char *joined = "";
  assert_int_equal(sweep_factors(&pool, text, &factors), 0);
  for (; *factors != NULL; factors++)
    joined = pool_format(&pool, "%s%s ", joined, *factors);
  assert_string_equal(joined, expected);
  pool_free(&pool);
}

static void a_range_is_a_series(void **state) {
  (void)state;
  check_factors("1.25..6", "1.25 1.5 2 2.5 3 4 5 6 ");
  check_factors("1.1..3.3", "1.1 1.25 1.5 2 2.5 3 3.3 ");
  check_factors("0,2..2.5,30", "0 2 2.5 30 ");
  check_factors("0.6..1.2", "0.6 0.625 0.75 1 1.2 ");
  check_factors("7..20", "7 8 10 12 16 20 ");
}

static void a_bad_range_is_refused(void **state) {
  static const char *const bad[] = {"2..2", "3..2", "0..2",  "2..",
                                    "..2",  "2..x", "1..1e9"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct pool pool = {0};
    char **factors;
    assert_int_equal(sweep_factors(&pool, bad[i], &factors), EXIT_USAGE);
    pool_free(&pool);
  }
}

/* --- collectors without a limit ------------------------------------------ */

/* The first has no limit, the second never frees, the third keeps to its
   limit. */
static struct catalog_capability frees[] = {{"limits", 0}, {"reclaims", 1}};
static struct catalog_capability keeps[] = {{"limits", 1}, {"reclaims", 0}};
static struct catalog_collector collectors_mixed[] = {
    {.capabilities = frees, .capability_count = 2},
    {.capabilities = keeps, .capability_count = 2},
    {.capabilities = limited, .capability_count = 2}};
enum { MIXED = 3, WORKLOADS = 4, THREADS = 2, BLOCKS = 5 };

static struct settings settings_mixed(const char **factors, size_t count) {
  struct settings s = settings_of(WORKLOADS, THREADS, count, MIXED, BLOCKS, 9);
  s.heap_factors = factors;
  s.catalog.collectors = collectors_mixed;
  return s;
}

/* Each collector runs once in each block and cell: at factor 0, or, for the
   third, at every requested factor. */
static void check_mixed(const struct settings *s, size_t runs_in_block) {
  struct pool pool = {0};
  struct plan plan = plan_make(&pool, s);
  size_t seen[BLOCKS + 1][WORKLOADS][THREADS][MIXED] = {0};
  size_t cells = 0;
  assert_int_equal(plan.count, BLOCKS * runs_in_block);
  for (size_t i = 0; i < plan.count; i++) {
    const struct planned_run *run = &plan.runs[i];
    const char *factor = plan.heap_factors[run->heap_factor];
    seen[run->block][run->workload][run->threads][run->collector]++;
    if (run->collector < 2)
      assert_string_equal(factor, "0");
    assert_int_equal(run->run, i + 1);
    assert_int_equal(run->order, i % runs_in_block + 1);
    assert_true(plan_entrant(s, &plan, run) < plan.cells * MIXED);
    cells += plan_begins_cell(run);
    if (plan_begins_cell(run))
      continue;
    assert_int_equal(run->workload, run[-1].workload);
    assert_int_equal(run->threads, run[-1].threads);
    assert_int_equal(run->heap_factor, run[-1].heap_factor);
  }
  assert_int_equal(cells, BLOCKS * plan.cells);
  for (size_t block = 1; block <= BLOCKS; block++)
    for (size_t w = 0; w < WORKLOADS; w++)
      for (size_t t = 0; t < THREADS; t++) {
        assert_int_equal(seen[block][w][t][0], 1);
        assert_int_equal(seen[block][w][t][1], 1);
        assert_int_equal(seen[block][w][t][2], s->heap_factor_count);
      }
  pool_free(&pool);
}

static void without_a_limit_runs_once(void **state) {
  (void)state;
  const char *limits[] = {"1.5", "2", "3"};
  struct settings s = settings_mixed(limits, 3);
  check_mixed(&s, WORKLOADS * THREADS * (2 + 3));
  const char *limits_and_none[] = {"2", "0"};
  s = settings_mixed(limits_and_none, 2);
  check_mixed(&s, WORKLOADS * THREADS * (2 + 2));
  const char *none[] = {"0"};
  s = settings_mixed(none, 1);
  check_mixed(&s, WORKLOADS * THREADS * MIXED);
}

/* --- order --------------------------------------------------------------- */

static bool is_same(const struct plan *a, const struct plan *b) {
  size_t count = a->count < b->count ? a->count : b->count;
  return memcmp(a->runs, b->runs, count * sizeof *a->runs) == 0;
}

/* A campaign is resumed by making its plan again, and one with more blocks
   goes on from one with fewer. */
static void the_seed_is_the_order(void **state) {
  (void)state;
  struct settings s = settings_of(5, 2, 1, 2, 3, 7);
  struct pool pool = {0};
  struct plan plan = plan_make(&pool, &s), again = plan_make(&pool, &s);
  assert_true(is_same(&plan, &again));
  s.blocks = 8;
  struct plan longer = plan_make(&pool, &s);
  assert_true(is_same(&plan, &longer));
  s.seed = 8;
  struct plan other = plan_make(&pool, &s);
  assert_false(is_same(&longer, &other));
  pool_free(&pool);
}

/* The order of a seed is published with results, so no version may change
   it. */
static void the_order_never_changes(void **state) {
  (void)state;
  struct settings s = settings_of(3, 1, 1, 2, 2, 2024);
  struct pool pool = {0};
  struct plan plan = plan_make(&pool, &s);
  char order[2 * 12 + 1] = "";
  for (size_t i = 0; i < plan.count; i++) {
    order[2 * i] = (char)('0' + plan.runs[i].workload);
    order[2 * i + 1] = (char)('a' + plan.runs[i].collector);
  }
  assert_string_equal(order, "1a1b0b0a2b2a2a2b0b0a1b1a");
  pool_free(&pool);
}

/* Every order of three collectors is equally likely: of 6000 cells, 1000 each,
   within five standard deviations (29 each). */
static void shuffles_are_fair(void **state) {
  (void)state;
  struct settings s = settings_of(6000, 1, 1, 3, 1, 3);
  struct pool pool = {0};
  struct plan plan = plan_make(&pool, &s);
  size_t counts[9] = {0};
  for (size_t i = 0; i < plan.count; i += 3)
    counts[plan.runs[i].collector * 3 + plan.runs[i + 1].collector]++;
  for (size_t i = 0; i < 9; i++) {
    if (i % 4 == 0)
      assert_int_equal(counts[i], 0);
    else
      assert_in_range(counts[i], 855, 1145);
  }
  pool_free(&pool);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_block_has_each_run_once),
      cmocka_unit_test(collectors_of_a_cell_are_neighbours),
      cmocka_unit_test(without_a_limit_runs_once),
      cmocka_unit_test(the_seed_is_the_order),
      cmocka_unit_test(the_order_never_changes),
      cmocka_unit_test(shuffles_are_fair),
      cmocka_unit_test(a_range_is_a_series),
      cmocka_unit_test(a_bad_range_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
