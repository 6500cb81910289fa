/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/stats/pareto.h"

static void expect(const struct pareto_point *p, double x, double y,
                   bool is_best) {
  assert_true(p->x == x && p->y == y);
  assert_int_equal(p->is_best, is_best);
}

/* (1, 9), (2, 5) and (4, 3) are on the frontier. (2, 5) dominates (2, 7) and
   (3, 5); (4, 3) dominates (5, 3). */
static void six_points_by_hand(void **state) {
  (void)state;
  struct pareto_point p[] = {{4, 3, 0}, {2, 7, 0}, {1, 9, 0},
                             {3, 5, 0}, {5, 3, 0}, {2, 5, 0}};
  pareto_mark(p, 6);
  expect(&p[0], 1, 9, true);
  expect(&p[1], 2, 5, true);
  expect(&p[2], 2, 7, false);
  expect(&p[3], 3, 5, false);
  expect(&p[4], 4, 3, true);
  expect(&p[5], 5, 3, false);
}

static void equals_do_not_beat_each_other(void **state) {
  (void)state;
  struct pareto_point p[] = {{1, 1, 0}, {1, 1, 0}, {1, 2, 0}, {1, 2, 0}};
  pareto_mark(p, 4);
  expect(&p[0], 1, 1, true);
  expect(&p[1], 1, 1, true);
  expect(&p[2], 1, 2, false);
  expect(&p[3], 1, 2, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(six_points_by_hand),
      cmocka_unit_test(equals_do_not_beat_each_other),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
