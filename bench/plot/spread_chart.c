/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "bench/plot/charts.h"
#include "bench/stats/spread.h"

/* Shares can be 0, which has no logarithm. Their unit is hundredths. */
static const double FLOOR = 0.01;

/* "-", which is not a number, becomes NAN. */
static double figure_log(const char *text) {
  char *end;
  double value = strtod(text, &end);
  return end == text ? NAN : log(value + FLOOR);
}

double *chart_spread_figures(struct pool *pool, const struct sheet *s,
                             size_t first) {
  size_t columns = s->column_count - first;
  double *values = pool_alloc(pool, s->row_count * columns * sizeof *values);
  for (size_t i = 0; i < s->row_count; i++)
    for (size_t j = 0; j < columns; j++)
      values[i * columns + j] = figure_log(s->rows[i][first + j]);
  return values;
}

static void point_add(struct chart_series *s, struct pool *pool, double x,
                      double y, const char *label) {
  struct chart_point *p = chart_add_point(s, pool);
  p->x = x;
  p->y = y;
  p->label = label;
}

static void rows_add(struct chart_panel *panel, struct pool *pool,
                     const struct sheet *s, const struct spread_axis *axes) {
  struct chart_series *points = chart_add_series(panel, pool);
  points->mark = CHART_NAMED;
  points->colour = "#0072B2";
  for (size_t i = 0; i < s->row_count; i++)
    point_add(points, pool, axes[0].scores[i], axes[1].scores[i],
              s->rows[i][0]);
}

/* The direction of each figure, scaled to the extent of the rows. */
static void columns_add(struct chart_panel *panel, struct pool *pool,
                        const struct sheet *s, size_t first,
                        const struct spread_axis *axes) {
  struct chart_series *points = chart_add_series(panel, pool);
  double reach = 0;
  for (size_t i = 0; i < s->row_count; i++)
    reach = fmax(reach, hypot(axes[0].scores[i], axes[1].scores[i]));
  points->mark = CHART_NAMED;
  points->colour = "#888888";
  points->point = 1;
  for (size_t i = first; i < s->column_count; i++)
    point_add(points, pool, reach * axes[0].loadings[i - first],
              reach * axes[1].loadings[i - first], s->columns[i].name);
}

void chart_spread(struct chart *c, struct pool *pool, const struct sheet *s,
                  size_t first) {
  size_t columns = s->column_count - first;
  struct spread_axis axes[2];
  for (size_t i = 0; i < 2; i++) {
    axes[i].scores = pool_alloc(pool, s->row_count * sizeof(double));
    axes[i].loadings = pool_alloc(pool, columns * sizeof(double));
  }
  spread_axes(chart_spread_figures(pool, s, first), s->row_count, columns,
              axes);
  struct chart_panel *panel = chart_add_panel(c, pool);
  columns_add(panel, pool, s, first, axes);
  rows_add(panel, pool, s, axes);
  c->title = "Principal components of the workloads";
  c->x_label = pool_format(pool,
                           "first principal component, %.0f %% of the "
                           "variance",
                           100 * axes[0].share);
  c->y_label =
      pool_format(pool, "second component, %.0f %%", 100 * axes[1].share);
  c->note = "logarithms of all figures, each scaled to deviation 1; crosses: "
            "direction in which a figure grows";
  c->setup = "set offsets graph 0.02, graph 0.12, graph 0.05, graph 0.05";
  c->width = 900;
  c->height = 600;
}
