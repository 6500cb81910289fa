/* SPDX-License-Identifier: MIT */
/* Drag, worked out by hand on small curves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "bench/stats/drag.h"

static bool is_close(double a, double b) {
  return fabs(a - b) < 1e-12;
}

/* Ten are held for two seconds; four of them live: 6 × 2. */
static void what_is_held_too_long(void **state) {
  (void)state;
  const struct drag_point flat[] = {{1, 10}, {3, 10}};
  assert_true(is_close(drag_area(flat, 2, 4), 12));
}

/*  12         /|  Four live. Up from 4 to 12 in two seconds: 8 × 2 / 2. A full
     8       /  |  collection then, within no time, back to 4. Up to 8 in one
     4 |___/    |/ : 4 × 1 / 2. */
static void the_saw_of_a_collector(void **state) {
  (void)state;
  const struct drag_point saw[] = {{0, 4}, {2, 12}, {2, 4}, {3, 8}};
  assert_true(is_close(drag_area(saw, 4, 4), 8 + 2));
}

/* From 0 to 10, where 6 live: the part above is a triangle of height 4 over 0.4
   of the time. The part below is not subtracted. */
static void what_is_below_counts_as_nothing(void **state) {
  (void)state;
  const struct drag_point up[] = {{0, 0}, {10, 10}};
  const struct drag_point down[] = {{0, 10}, {10, 0}};
  assert_true(is_close(drag_area(up, 2, 6), 8));
  assert_true(is_close(drag_area(down, 2, 6), 8));
  assert_true(is_close(drag_area(up, 2, 10), 0));
}

static void fewer_than_two_points_span_nothing(void **state) {
  (void)state;
  const struct drag_point one[] = {{5, 100}};
  assert_true(is_close(drag_area(one, 1, 0), 0));
  assert_true(is_close(drag_area(NULL, 0, 0), 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_held_too_long),
      cmocka_unit_test(the_saw_of_a_collector),
      cmocka_unit_test(what_is_below_counts_as_nothing),
      cmocka_unit_test(fewer_than_two_points_span_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
