/* SPDX-License-Identifier: MIT */
#include "bench/plot/axes.h"

#include <math.h>
#include <string.h>

/* Pixels. */
enum { CHARACTER = 7, LINE = 16, BETWEEN = 10 };

/* An axis with more labels is no easier to read, one with fewer has no scale.
 */
enum { TICS_MIN = 2, TICS_MAX = 9, TICS_ROOM = 256 };

/* From far too many tics to none. */
enum { LEVELS = 32 };

/* How far an interval extends a logarithmic axis, as a factor. Two blocks can
   give an interval of several powers of ten, in which all points would look the
   same. */
static const double INTERVAL_REACH = 3;

/* Space between the data and the frame, as a factor. */
static const double MARGIN = 1.15;

/* On a narrower logarithmic axis, even steps are closer to equal distances than
   those of a table are. */
static const double EVEN_MAX = 2.5;

struct axis {
  char name; /* 'x' or 'y' */
  bool is_log;
  double low, high; /* the range */
  double pixels;
};

/* --- tics ----------------------------------------------------------------- */

struct tics {
  double at[TICS_ROOM];
  size_t count;
};

static void tic_add(struct tics *t, const struct axis *a, double at) {
  double slack = (a->high - a->low) * 1e-9;
  if (at >= a->low - slack && at <= a->high + slack && t->count < TICS_ROOM)
    t->at[t->count++] = at;
}

static double place(const struct axis *a, double at) {
  double part = a->is_log ? log(at / a->low) / log(a->high / a->low)
                          : (at - a->low) / (a->high - a->low);
  return a->pixels * part;
}

/* Half of the space that a label takes along its axis. */
static double half_label(const struct axis *a, double at) {
  char text[32];
  if (a->name == 'y')
    return LINE / 2.0;
  return (CHARACTER * snprintf(text, sizeof text, "%g", at) + BETWEEN) / 2.0;
}

static bool tics_fit(const struct tics *t, const struct axis *a) {
  for (size_t i = 1; i < t->count; i++) {
    double gap = place(a, t->at[i]) - place(a, t->at[i - 1]);
    if (gap < half_label(a, t->at[i]) + half_label(a, t->at[i - 1]))
      return false;
  }
  return t->count <= TICS_MAX;
}

/* Steps of 1, 2 and 5 times a power of ten; a larger `level` has longer ones.
   Level 0 has too many. */
static void even_tics(struct tics *t, const struct axis *a, int level) {
  static const double steps[] = {1, 2, 5};
  double step = pow(10, floor(log10((a->high - a->low) / TICS_MAX)) - 1) *
                steps[level % 3] * pow(10, level / 3);
  t->count = 0;
  for (double i = ceil(a->low / step - 1e-9); i * step <= a->high * (1 + 1e-9);
       i++)
    tic_add(t, a, i * step);
}

/* These multiples of the powers of ten, then only each second, third, ... power
   of ten. Thrice a power is for axes on which hardly any power of ten is. */
static void power_tics(struct tics *t, const struct axis *a, int level) {
  static const double multiples[][10] = {{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8},
                                         {1, 1.5, 2, 3, 5, 7},
                                         {1, 2, 5},
                                         {1},
                                         {1, 3}};
  enum { TABLES = sizeof multiples / sizeof *multiples };
  static const double power[10] = {1};
  const double *of = level < TABLES ? multiples[level] : power;
  int step = level < TABLES ? 1 : level - TABLES + 2;
  t->count = 0;
  for (int n = (int)floor(log10(a->low)); n <= log10(a->high); n++) {
    for (size_t i = 0; n % step == 0 && i < 10 && of[i] > 0; i++)
      tic_add(t, a, of[i] * pow(10, n));
  }
}

/* As many as fit: the first level that has enough of them, or else the most
   that any level has. */
static void tics_choose(struct tics *t, const struct axis *a) {
  bool is_even = !a->is_log || a->high < EVEN_MAX * a->low;
  t->count = 0;
  for (int level = 0; t->count < TICS_MIN && level < LEVELS; level++) {
    struct tics next;
    if (is_even)
      even_tics(&next, a, level);
    else
      power_tics(&next, a, level);
    if (next.count > t->count && tics_fit(&next, a))
      *t = next;
  }
}

/* --- ranges --------------------------------------------------------------- */

static bool axis_shows(bool is_log, double value) {
  return isfinite(value) && (!is_log || value > 0);
}

bool axes_show(const struct chart *c, const struct chart_point *p) {
  return axis_shows(c->is_log_x, p->x) && axis_shows(c->is_log_y, p->y);
}

struct extent {
  double low, high;
};

/* The axis along which a mark shows intervals, if it does. */
static char interval_axis(enum chart_mark mark) {
  return mark == CHART_ROWS                          ? 'x'
         : mark == CHART_LINE || mark == CHART_BOXES ? 'y'
                                                     : ' ';
}

static void widen(struct extent *e, double value) {
  e->low = fmin(e->low, value);
  e->high = fmax(e->high, value);
}

/* The extent of the points, and of their intervals along this axis. */
static void extents_find(const struct chart *c, const struct chart_panel *p,
                         char name, struct extent *points,
                         struct extent *intervals) {
  *points = *intervals = (struct extent){INFINITY, -INFINITY};
  for (size_t i = 0; i < p->count; i++) {
    const struct chart_series *s = &p->series[i];
    char along = interval_axis(s->mark);
    for (size_t j = 0; j < s->count; j++) {
      const struct chart_point *at = &s->points[j];
      if (!axes_show(c, at))
        continue;
      widen(points, name == 'x' ? at->x : at->y);
      if (name == along) { /* NAN does not widen */
        widen(intervals, at->low);
        widen(intervals, at->high);
      }
    }
  }
}

static struct axis axis_make(const struct chart *c, const struct chart_panel *p,
                             char name, double pixels) {
  struct extent points, intervals;
  struct axis a = {.name = name, .pixels = pixels};
  extents_find(c, p, name, &points, &intervals);
  a.is_log = name == 'x' ? c->is_log_x : c->is_log_y;
  if (a.is_log) {
    double low = points.low / INTERVAL_REACH,
           high = points.high * INTERVAL_REACH;
    a.low = fmin(points.low, fmax(intervals.low, low)) / MARGIN;
    a.high = fmax(points.high, fmin(intervals.high, high)) * MARGIN;
    return a;
  }
  a.high = name == 'y' && p->y_top > 0 ? p->y_top : points.high * 1.05;
  if (a.high <= 0) /* everything is 0 */
    a.high = 1;
  return a;
}

static void axis_write(const struct axis *a, FILE *out) {
  struct tics t;
  tics_choose(&t, a);
  if (a->is_log)
    fprintf(out, "set logscale %c\n", a->name);
  fprintf(out, "set %ctics nomirror (", a->name);
  for (size_t i = 0; i < t.count; i++)
    fprintf(out, "%s%.10g", i > 0 ? ", " : "", t.at[i]);
  fprintf(out, ")\nset %crange [%.6g:%.6g]\n", a->name, a->low, a->high);
}

void axes_write(const struct chart *c, const struct chart_panel *p,
                double width, double height, FILE *out) {
  struct axis x = axis_make(c, p, 'x', width);
  struct axis y = axis_make(c, p, 'y', height);
  if (c->is_log_x || c->is_zero_x)
    axis_write(&x, out);
  if (c->is_log_y || c->is_zero_y)
    axis_write(&y, out);
}

static bool is_cut(const struct chart *c, const struct chart_panel *p,
                   char name) {
  struct extent points, intervals;
  extents_find(c, p, name, &points, &intervals);
  return intervals.low < points.low / INTERVAL_REACH ||
         intervals.high > points.high * INTERVAL_REACH;
}

bool axes_cut(const struct chart *c) {
  bool any = false;
  for (size_t i = 0; i < c->count; i++)
    any |= (c->is_log_x && is_cut(c, &c->panels[i], 'x')) ||
           (c->is_log_y && is_cut(c, &c->panels[i], 'y'));
  return any;
}
