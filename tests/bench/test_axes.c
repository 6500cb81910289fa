/* SPDX-License-Identifier: MIT */
/* Ranges and tics of charts, whatever the points are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/plot/axes.h"

/* What the text says of the x axis. */
struct said {
  double tics[64], low, high;
  size_t count;
  char *text;
};

static void said_take(struct said *s, const char *text) {
  const char *at = strstr(text, "set xtics nomirror (");
  assert_non_null(at);
  at = strchr(at, '(');
  s->count = 0;
  while (*at != ')') {
    char *end;
    assert_true(s->count < 64);
    s->tics[s->count] = strtod(at + 1, &end);
    s->count += end > at + 1;
    at = strpbrk(end, ",)");
  }
  at = strstr(at, "set xrange [");
  assert_non_null(at);
  assert_int_equal(sscanf(at, "set xrange [%lf:%lf]", &s->low, &s->high), 2);
}

static struct said said_of(const struct chart *c, double width) {
  struct said s = {.text = NULL};
  size_t size;
  FILE *out = open_memstream(&s.text, &size);
  axes_write(c, c->panels, width, 170, out);
  fclose(out);
  said_take(&s, s.text);
  free(s.text);
  return s;
}

/* A chart with these points along x. */
static struct chart chart_of(struct pool *pool, const double *x, size_t count) {
  struct chart c = {.name = "test", .note = "", .origin = ""};
  struct chart_series *s = chart_add_series(chart_add_panel(&c, pool), pool);
  s->mark = CHART_ROWS;
  for (size_t i = 0; i < count; i++) {
    struct chart_point *p = chart_add_point(s, pool);
    p->x = x[i];
    p->y = 1;
  }
  return c;
}

static double place(const struct said *s, bool is_log, double width, double x) {
  return is_log ? width * log(x / s->low) / log(s->high / s->low)
                : width * (x - s->low) / (s->high - s->low);
}

/* At least six pixels a digit. */
static void check_labels(const struct said *s, bool is_log, double width) {
  char text[32];
  double end = -INFINITY;
  for (size_t i = 0; i < s->count; i++) {
    double half = 3.0 * snprintf(text, sizeof text, "%g", s->tics[i]);
    double middle = place(s, is_log, width, s->tics[i]);
    assert_true(middle - half > end);
    end = middle + half;
  }
}

static void test_labels_do_not_overlap(void **state) {
  (void)state;
  struct pool pool = {0};
  for (double low = 3.7e-4; low < 1e6; low *= 2.3) {
    for (double ratio = 1; ratio < 1e12; ratio *= 1.4) {
      for (double width = 300; width < 1000; width *= 1.5) {
        double x[] = {low, low * ratio};
        struct chart c = chart_of(&pool, x, 2);
        c.is_log_x = true;
        struct said s = said_of(&c, width);
        check_labels(&s, true, width);
        assert_true(s.count >= 2);
        assert_true(s.low <= low && s.high >= low * ratio);
        c.is_log_x = false;
        c.is_zero_x = true;
        s = said_of(&c, width);
        check_labels(&s, false, width);
        assert_true(s.count >= 2 && s.low == 0 && s.high >= low * ratio);
      }
    }
    pool_free(&pool);
  }
}

static void test_logarithmic_axis_without_a_place_for_points(void **state) {
  (void)state;
  struct pool pool = {0};
  const double none[] = {0, -1, NAN, INFINITY}, some[] = {0, 4, NAN, -3};
  struct chart c = chart_of(&pool, none, 4);
  c.is_log_x = true;
  assert_true(chart_is_empty(&c));
  c.is_log_x = false;
  assert_false(chart_is_empty(&c));
  c = chart_of(&pool, some, 4);
  c.is_log_x = true;
  assert_false(chart_is_empty(&c));
  struct said s = said_of(&c, 300);
  assert_true(s.low > 3 && s.low < 4 && s.high > 4 && s.high < 5);
  pool_free(&pool);
}

static void test_zeros_on_an_axis_from_0(void **state) {
  (void)state;
  struct pool pool = {0};
  const double zeros[] = {0, 0};
  struct chart c = chart_of(&pool, zeros, 2);
  c.is_zero_x = true;
  struct said s = said_of(&c, 300);
  assert_true(s.low == 0 && s.high == 1 && s.count >= 2);
  pool_free(&pool);
}

static void test_wide_interval_does_not_flatten_the_points(void **state) {
  (void)state;
  struct pool pool = {0};
  const double x[] = {1, 2};
  struct chart c = chart_of(&pool, x, 2);
  c.is_log_x = true;
  struct chart_point *p = c.panels->series->points;
  p->low = 0.8;
  p->high = 1.2;
  assert_false(axes_cut(&c));
  p->low = 1e-6;
  p->high = 1e6;
  assert_true(axes_cut(&c));
  struct said s = said_of(&c, 300);
  assert_true(s.low > 0.25 && s.high < 8);
  c.panels->series->mark = CHART_POINTS; /* which shows no interval */
  assert_false(axes_cut(&c));
  pool_free(&pool);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_labels_do_not_overlap),
      cmocka_unit_test(test_logarithmic_axis_without_a_place_for_points),
      cmocka_unit_test(test_zeros_on_an_axis_from_0),
      cmocka_unit_test(test_wide_interval_does_not_flatten_the_points),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
