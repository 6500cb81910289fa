/* SPDX-License-Identifier: MIT */
/* Time against memory. */
#include <math.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/plot/charts.h"
#include "bench/stats/lbo.h"
#include "bench/stats/pareto.h"
#include "bench/stats/quantile.h"

static const char REMARK_COLOUR[] = "#555555";

/* --- time and overhead against heap size --------------------------------- */

/* One panel for each workload, with a curve for each entrant: `value` at each
   heap factor. */
struct sweep {
  const struct view *view;
  const struct figure *total,
      *collecting; /* of LBO; collecting is NULL for times */
  const char *unit;
  bool is_wall;
};

static struct choice choice_at(const struct view *v, size_t workload,
                               size_t entrant, double factor) {
  return (struct choice){v->workloads[workload], v->entrants[entrant],
                         v->at_threads, factor, NULL};
}

/* A lower bound of what the program itself costs in this workload. */
static double baseline(const struct sweep *s, size_t workload) {
  const struct view *v = s->view;
  size_t room = v->entrant_count * v->factor_count, count = 0;
  struct lbo_cost *costs = pool_alloc(v->pool, room * sizeof *costs);
  for (size_t i = 0; i < v->entrant_count; i++) {
    for (size_t j = 0; j < v->factor_count; j++) {
      struct choice choice = choice_at(v, workload, i, v->factors[j]);
      costs[count++] = (struct lbo_cost){view_mean(v, &choice, s->total),
                                         view_mean(v, &choice, s->collecting)};
    }
  }
  return lbo_baseline(costs, count);
}

/* LBO uses means. Its interval is that of the median, scaled to the mean. */
static struct effect sweep_value(const struct sweep *s, size_t workload,
                                 size_t entrant, double factor, double base) {
  struct choice choice = choice_at(s->view, workload, entrant, factor);
  struct effect e = view_estimate(s->view, &choice, s->total);
  if (s->collecting == NULL)
    return e;
  double mean = view_mean(s->view, &choice, s->total);
  double scale = mean / e.ratio / base;
  e.low *= scale;
  e.high *= scale;
  e.ratio = mean / base;
  return e;
}

/* The limit, which is the same for every collector, as a multiple of the
   smallest heap. It may be above the factor: see Note [Heap limits]. */
static double limit_x(const struct view *v, size_t workload, double factor) {
  return view_limited_number(v, v->workloads[workload], factor,
                             RUN_HEAP_BYTES) /
         view_limited_number(v, v->workloads[workload], factor,
                             RUN_MIN_HEAP_BYTES);
}

/* A collector without a limit is a level line: the floor. Its only interval is
   drawn once. */
static void curve_add(const struct sweep *s, struct chart_panel *panel,
                      size_t workload, size_t entrant, double base) {
  const struct view *v = s->view;
  const char *name = v->entrants[entrant];
  bool has_limit = view_has_limit(v, name);
  struct chart_series *line = view_add_series(v, panel, name, CHART_LINE);
  for (size_t i = 0; i < v->factor_count; i++) {
    double factor = v->factors[i], x = limit_x(v, workload, factor);
    if (factor == 0 || isnan(x))
      continue;
    struct effect e =
        sweep_value(s, workload, entrant, has_limit ? factor : 0, base);
    view_add_point(
        v, line, x,
        view_limit_text(v, v->workloads[workload], has_limit ? factor : 0), &e,
        s->unit);
    if (!has_limit && line->count > 1) {
      struct chart_point *p = &line->points[line->count - 1];
      p->low = p->high = NAN;
    }
  }
}

/* Below the smallest limit that is used, all factors give the same one: see
   Note [Heap limits]. The points then stand above each other. */
static void same_limit_remark(const struct view *v, struct chart_panel *panel,
                              size_t workload) {
  double only = NAN;
  size_t factors = 0;
  for (size_t i = 0; i < v->factor_count; i++) {
    double x = v->factors[i] > 0 ? limit_x(v, workload, v->factors[i]) : NAN;
    if (isnan(x))
      continue;
    if (factors++ > 0 && x != only)
      return;
    only = x;
  }
  if (factors > 1)
    chart_add_remark(panel, v->pool, REMARK_COLOUR,
                     "one limit for all factors");
}

/* A rate sets the wall time of a workload, whatever the collector. */
static bool is_left_out(const struct sweep *s, size_t workload) {
  return s->is_wall && view_is_paced(s->view, s->view->workloads[workload]);
}

static bool is_in_mean(const struct sweep *s, size_t workload) {
  return !is_left_out(s, workload) &&
         !view_is_control(s->view, s->view->workloads[workload]);
}

/* --- means over workloads ------------------------------------------------- */

/* Has the entrant a figure at every limit? */
static bool has_completed(const struct sweep *s, size_t workload,
                          size_t entrant, const double *bases) {
  const struct view *v = s->view;
  for (size_t i = 0; i < v->factor_count; i++) {
    struct choice choice = choice_at(v, workload, entrant, v->factors[i]);
    if (v->factors[i] > 0 &&
        !isfinite(view_mean(v, &choice, s->total) / bases[workload]))
      return false;
  }
  return true;
}

static size_t completed_count(const struct sweep *s, size_t entrant,
                              const double *bases) {
  size_t count = 0;
  for (size_t w = 0; w < s->view->workload_count; w++)
    count += is_in_mean(s, w) && has_completed(s, w, entrant, bases);
  return count;
}

/* The entrants in the means: those with a limit that completed at least half as
   many workloads as any other, as in the means of `compare`. */
static bool *entrants_find(const struct sweep *s, const double *bases) {
  const struct view *v = s->view;
  bool *are_in = pool_alloc(v->pool, v->entrant_count * sizeof *are_in);
  size_t most = 1;
  for (size_t i = 0; i < v->entrant_count; i++)
    if (view_has_limit(v, v->entrants[i])) {
      size_t count = completed_count(s, i, bases);
      most = count > most ? count : most;
    }
  for (size_t i = 0; i < v->entrant_count; i++)
    are_in[i] = view_has_limit(v, v->entrants[i]) &&
                2 * completed_count(s, i, bases) >= most;
  return are_in;
}

/* The workloads that all of them completed. */
static bool *members_find(const struct sweep *s, const double *bases,
                          const bool *entrants, size_t *count) {
  const struct view *v = s->view;
  bool *members = pool_alloc(v->pool, v->workload_count * sizeof *members);
  *count = 0;
  for (size_t w = 0; w < v->workload_count; w++) {
    members[w] = is_in_mean(s, w);
    for (size_t i = 0; members[w] && i < v->entrant_count; i++)
      members[w] = !entrants[i] || has_completed(s, w, i, bases);
    *count += members[w];
  }
  return members;
}

static void mean_add(const struct sweep *s, struct chart_panel *panel,
                     size_t entrant, const double *bases, const bool *members) {
  const struct view *v = s->view;
  struct chart_series *line =
      view_add_series(v, panel, v->entrants[entrant], CHART_LINE);
  double *values = pool_alloc(v->pool, v->workload_count * sizeof *values);
  double *x = pool_alloc(v->pool, v->workload_count * sizeof *x);
  for (size_t i = 0; i < v->factor_count; i++) {
    if (v->factors[i] == 0)
      continue;
    size_t count = 0;
    for (size_t w = 0; w < v->workload_count; w++) {
      if (!members[w])
        continue;
      x[count] = limit_x(v, w, v->factors[i]);
      struct choice choice = choice_at(v, w, entrant, v->factors[i]);
      values[count++] = view_mean(v, &choice, s->total) / bases[w];
    }
    double mean = quantile_geometric_mean(values, count);
    struct effect e = {.ratio = mean, .low = NAN, .high = NAN};
    view_add_point(v, line, quantile_geometric_mean(x, count),
                   pool_format(v->pool, "heap factor %g", v->factors[i]), &e,
                   s->unit);
  }
}

static void means_add(const struct sweep *s, struct chart *c,
                      const double *bases, size_t averaged) {
  const struct view *v = s->view;
  struct chart_panel *panel = chart_add_panel(c, v->pool);
  bool *entrants = entrants_find(s, bases);
  size_t count;
  bool *members = members_find(s, bases, entrants, &count);
  panel->title = pool_format(
      v->pool, "geometric mean of the %zu of %zu that all completed", count,
      averaged);
  for (size_t i = 0; count > 0 && i < v->entrant_count; i++)
    if (entrants[i])
      mean_add(s, panel, i, bases, members);
  if (!chart_draws_panel(c, panel))
    chart_add_remark(panel, v->pool, REMARK_COLOUR,
                     "no workload that all completed");
}

/* --- workloads ------------------------------------------------------------ */

/* The report takes the workload's name from before the comma. */
static const char *sweep_title(const struct view *v, size_t workload) {
  double least =
      view_limited_number(v, v->workloads[workload], -1, RUN_MIN_HEAP_BYTES);
  return isnan(least)
             ? v->workloads[workload]
             : pool_format(v->pool, "%s, smallest heap %s",
                           v->workloads[workload], bytes_text(v->pool, least));
}

/* Overheads are ratios of means. */
static const char *spread_text(const struct sweep *s, const struct chart *c) {
  if (s->collecting == NULL)
    return view_spread_text(s->view, c);
  if (!chart_has_intervals(c))
    return "means, without intervals";
  return pool_format(s->view->pool, "means with 95 %% intervals%s",
                     view_cut_text(c));
}

static void workload_add(const struct sweep *s, struct chart *c,
                         size_t workload, double *bases) {
  const struct view *v = s->view;
  bases[workload] = s->collecting != NULL ? baseline(s, workload) : 1;
  struct chart_panel *panel = chart_add_panel(c, v->pool);
  panel->title = sweep_title(v, workload);
  panel->may_be_in_mean = is_in_mean(s, workload);
  for (size_t i = 0; i < v->entrant_count; i++)
    curve_add(s, panel, workload, i, bases[workload]);
  if (chart_draws_panel(c, panel))
    same_limit_remark(v, panel, workload);
  else
    chart_add_remark(panel, v->pool, REMARK_COLOUR,
                     bases[workload] > 0
                         ? "no completed run"
                         : "no baseline: known costs exceed the total");
}

static bool sweep_draw(struct sweep *s, struct chart *c) {
  const struct view *v = s->view;
  if (v->factors[v->factor_count - 1] == 0)
    return false;
  double *bases = pool_alloc(v->pool, v->workload_count * sizeof *bases);
  size_t averaged = 0;
  c->is_log_x = c->is_log_y = true;
  for (size_t w = 0; w < v->workload_count; w++) {
    if (!is_left_out(s, w))
      workload_add(s, c, w, bases);
    averaged += is_in_mean(s, w);
  }
  if (c->count == 0)
    return false;
  if (averaged > 1)
    means_add(s, c, bases, averaged);
  c->x_label = "heap limit / smallest heap";
  c->note = pool_format(
      v->pool,
      "%s; %s; gaps: failed runs; level lines: collectors that have no limit%s",
      view_threads_text(v, v->at_threads), spread_text(s, c),
      s->is_wall ? view_paced_text(v, "without the paced") : "");
  return true;
}

bool chart_time_wall(const struct view *v, struct chart *c) {
  c->title = "Wall time against heap size";
  c->y_label = "wall time (s)";
  return sweep_draw(&(struct sweep){.view = v,
                                    .total = &figure_wall_s,
                                    .collecting = NULL,
                                    .unit = " s",
                                    .is_wall = true},
                    c);
}

bool chart_time_cpu(const struct view *v, struct chart *c) {
  c->title = "Processor time against heap size";
  c->y_label = "processor time (s)";
  return sweep_draw(
      &(struct sweep){
          .view = v, .total = &figure_cpu_s, .collecting = NULL, .unit = " s"},
      c);
}

bool chart_lbo_wall(const struct view *v, struct chart *c) {
  c->title = "Lower-bound overhead, wall time";
  c->y_label = "wall time / baseline";
  return sweep_draw(&(struct sweep){.view = v,
                                    .total = &figure_wall_s,
                                    .collecting = &figure_collecting_wall_s,
                                    .unit = "",
                                    .is_wall = true},
                    c);
}

bool chart_lbo_cpu(const struct view *v, struct chart *c) {
  c->title = "Lower-bound overhead, processor time";
  c->y_label = "processor time / baseline";
  return sweep_draw(&(struct sweep){.view = v,
                                    .total = &figure_cpu_s,
                                    .collecting = &figure_collecting_cpu_s,
                                    .unit = ""},
                    c);
}

/* --- time against memory ------------------------------------------------- */

static void tradeoff_add(const struct view *v, struct chart_panel *panel,
                         size_t workload, size_t entrant,
                         struct pareto_point *front, size_t *count) {
  struct chart_series *s =
      view_add_series(v, panel, v->entrants[entrant], CHART_POINTS);
  for (size_t i = 0; i < v->factor_count; i++) {
    struct choice choice = choice_at(v, workload, entrant, v->factors[i]);
    struct effect e =
        view_estimate(v, &choice, view_time(v, v->workloads[workload]));
    double held = view_mean(v, &choice, &figure_held_mib);
    if (isnan(e.ratio) || isnan(held))
      continue;
    const char *limit =
        view_limit_text(v, v->workloads[workload], v->factors[i]);
    view_add_point(v, s, held,
                   pool_format(v->pool, "%s, held %.1f MiB", limit, held), &e,
                   " s");
    front[(*count)++] = (struct pareto_point){held, e.ratio, false};
  }
}

static void front_add(const struct view *v, struct chart_panel *panel,
                      struct pareto_point *front, size_t count) {
  pareto_mark(front, count);
  struct chart_series *s = chart_add_series(panel, v->pool);
  s->name = "Pareto frontier";
  s->colour = "#BBBBBB";
  s->mark = CHART_FRONT;
  for (size_t i = 0; i < count; i++) {
    if (!front[i].is_best)
      continue;
    struct chart_point *p = chart_add_point(s, v->pool);
    p->x = front[i].x;
    p->y = front[i].y;
  }
}

bool chart_pareto(const struct view *v, struct chart *c) {
  size_t room = v->entrant_count * v->factor_count;
  for (size_t w = 0; w < v->workload_count; w++) {
    struct chart_panel *panel = chart_add_panel(c, v->pool);
    panel->title = view_timed_title(v, v->workloads[w]);
    struct pareto_point *front = pool_alloc(v->pool, room * sizeof *front);
    size_t count = 0;
    for (size_t i = 0; i < v->entrant_count; i++)
      tradeoff_add(v, panel, w, i, front, &count);
    front_add(v, panel, front, count);
  }
  c->title = "Time against memory";
  c->x_label = "peak heap size (MiB)";
  c->y_label = "time (s)";
  c->is_log_x = c->is_log_y = true;
  c->note =
      pool_format(v->pool,
                  "%s; wall time unless the title says otherwise; %s, "
                  "without intervals; one point per heap limit; lower "
                  "left is better",
                  view_threads_text(v, v->at_threads), view_middle_text(v));
  return true;
}
