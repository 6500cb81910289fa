/* SPDX-License-Identifier: MIT */
/* Pauses, memory over time, utilisation. */
#include <math.h>
#include <stdlib.h>

#include "bench/base/units.h"
#include "bench/plot/charts.h"
#include "bench/stats/quantile.h"

/* More points make no visible difference. */
enum { CURVE_POINTS = 300 };

/* Memory of a collector without a limit is outside the frame if it is so many
   times that of the others. */
static const double OUTSIDE = 1.5;

bool charts_panels(const struct view *v, struct chart *c, charts_curve *add) {
  bool any = false;
  for (size_t w = 0; w < v->workload_count; w++) {
    struct chart_panel panel = {.title =
                                    view_limited_title(v, v->workloads[w])};
    bool has_any = false;
    for (size_t i = 0; i < v->entrant_count; i++)
      has_any |= add(v, &panel, w, i);
    if (has_any)
      *chart_add_panel(c, v->pool) = panel;
    any |= has_any;
  }
  return any;
}

/* --- distribution -------------------------------------------------------- */

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* How many times the world was stopped; a collector that never stops it has no
   curve, and neither has one that failed. */
static void stops_remark(const struct view *v, struct chart_panel *panel,
                         const struct choice *choice, size_t count) {
  const char *failure = view_failure(v, choice);
  const char *text = count > 0 ? pool_format(v->pool, "%zu stops", count)
                     : failure != NULL ? failure
                                       : "never stops";
  if (count == 0 && failure == NULL && !view_has_runs(v, choice))
    return;
  chart_add_remark(panel, v->pool, view_style(v, choice->entrant).colour,
                   pool_format(v->pool, "%s: %s", choice->entrant, text));
}

static bool pauses_add(const struct view *v, struct chart_panel *panel,
                       size_t workload, size_t entrant) {
  struct choice choice = view_choice(v, workload, entrant);
  double *ms = pool_alloc(v->pool, (v->pause_count + 1) * sizeof *ms);
  size_t count = 0;
  for (size_t i = 0; i < v->pause_count; i++) {
    const struct view_pause *p = &v->pauses[i];
    if (choice_has(&choice, p->entry))
      ms[count++] = (p->t_end - p->t_request) / 1e6;
  }
  stops_remark(v, panel, &choice, count);
  if (count == 0)
    return false;
  qsort(ms, count, sizeof *ms, compare);
  struct chart_series *s =
      view_add_series(v, panel, v->entrants[entrant], CHART_STEPS);
  size_t points = count < CURVE_POINTS ? count : CURVE_POINTS;
  for (size_t i = 1; i <= points; i++) {
    double share = (double)i / (double)points;
    struct chart_point *p = chart_add_point(s, v->pool);
    p->x = quantile_at(ms, count, share);
    p->y = 100 * share;
    p->hover = pool_format(v->pool, "%s | %.0f %% of %zu pauses: up to %.3g ms",
                           s->name, p->y, count, p->x);
  }
  return true;
}

bool chart_pauses(const struct view *v, struct chart *c) {
  c->title = "Pause times";
  c->x_label = "pause, from request to resume (ms)";
  c->y_label = "% of pauses";
  c->is_log_x = true;
  c->setup = "set yrange [0:100]";
  c->has_remarks_beside = true;
  c->note = pool_format(v->pool,
                        "%s%s; pauses of all blocks together; each curve with "
                        "the number of its stops",
                        view_threads_text(v, v->at_threads), view_heap_text(v));
  return charts_panels(v, c, pauses_add);
}

/* --- footprint ----------------------------------------------------------- */

/* The first valid run. */
static const struct entry *run_find(const struct view *v,
                                    const struct choice *choice) {
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    if (e->is_ok && choice_has(choice, e))
      return e;
  }
  return NULL;
}

static bool footprint_add(const struct view *v, struct chart_panel *panel,
                          size_t workload, size_t entrant) {
  struct choice choice = view_choice(v, workload, entrant);
  const char *name = v->entrants[entrant];
  const struct entry *run = run_find(v, &choice);
  struct chart_series held = *view_add_series(v, panel, name, CHART_PLAIN);
  struct chart_series resident = *view_add_series(v, panel, name, CHART_DASHED);
  for (size_t i = 0; i < v->sample_count; i++) {
    const struct view_sample *sample = &v->samples[i];
    if (sample->entry != run)
      continue;
    struct chart_point *of_held = chart_add_point(&held, v->pool);
    struct chart_point *of_resident = chart_add_point(&resident, v->pool);
    of_held->x = of_resident->x = sample->t / 1e9;
    of_held->y = sample->held / (1 << 20);
    of_resident->y = sample->resident / (1 << 20);
  }
  panel->series[panel->count - 2] = held;
  panel->series[panel->count - 1] = resident;
  return held.count > 0;
}

static double series_top(const struct chart_series *s) {
  double top = 0;
  for (size_t i = 0; i < s->count; i++)
    top = fmax(top, s->points[i].y);
  return top;
}

/* A collector without a limit can hold so much that the others would be a line
   at 0. The frame then fits the others, and a remark says what is above it. */
static void frame_fit(const struct view *v, struct chart_panel *p) {
  double top = 0;
  for (size_t i = 0; i < p->count; i++) {
    if (view_has_limit(v, p->series[i].name))
      top = fmax(top, series_top(&p->series[i]));
  }
  for (size_t i = 0; top > 0 && i < p->count; i++) {
    const struct chart_series *s = &p->series[i];
    double own = series_top(s);
    if (s->mark != CHART_PLAIN || own <= OUTSIDE * top)
      continue;
    p->y_top = 1.2 * top;
    chart_add_remark(p, v->pool, s->colour,
                     pool_format(v->pool, "%s: %s MiB, above the frame",
                                 s->name, digits_text(v->pool, own)));
  }
}

bool chart_footprint(const struct view *v, struct chart *c) {
  c->title = "Footprint over time";
  c->x_label = "time (s)";
  c->y_label = "memory (MiB)";
  c->is_zero_x = c->is_zero_y = true;
  c->note = pool_format(v->pool,
                        "%s%s; first valid run; solid: held by the heap; "
                        "dashed: resident set of the process",
                        view_threads_text(v, v->at_threads), view_heap_text(v));
  bool any = charts_panels(v, c, footprint_add);
  for (size_t i = 0; i < c->count; i++)
    frame_fit(v, &c->panels[i]);
  return any;
}

/* --- utilisation --------------------------------------------------------- */

static const unsigned windows_ms[] = {1, 2, 5, 10, 20, 50, 100, 1000};
enum { WINDOWS = sizeof windows_ms / sizeof *windows_ms };

/* The smallest values of all runs: a minimum over windows is one over runs. */
static size_t windows_add(const struct view *v, struct chart_series *s,
                          const struct choice *choice, const char *kind) {
  size_t i = 0;
  for (; i < WINDOWS; i++) {
    struct figure f = {pool_format(v->pool, "%s_%ums", kind, windows_ms[i]), 1,
                       NULL};
    double least = view_least(v, choice, &f);
    if (isnan(least)) /* a run is shorter than the window */
      break;
    struct chart_point *p = chart_add_point(s, v->pool);
    p->x = windows_ms[i];
    p->y = least;
    p->hover =
        pool_format(v->pool, "%s | %u ms: %.3f", s->name, windows_ms[i], least);
  }
  return i;
}

static bool mmu_add(const struct view *v, struct chart_panel *panel,
                    size_t workload, size_t entrant, const char *kind) {
  struct choice choice = view_choice(v, workload, entrant);
  const char *name = v->entrants[entrant];
  size_t count = windows_add(v, view_add_series(v, panel, name, CHART_LINE),
                             &choice, pool_format(v->pool, "mmu_%s", kind));
  windows_add(v, view_add_series(v, panel, name, CHART_DASHED), &choice,
              pool_format(v->pool, "bmu_%s", kind));
  return count > 0;
}

static bool system_add(const struct view *v, struct chart_panel *panel,
                       size_t workload, size_t entrant) {
  return mmu_add(v, panel, workload, entrant, "system");
}

static bool worst_add(const struct view *v, struct chart_panel *panel,
                      size_t workload, size_t entrant) {
  return mmu_add(v, panel, workload, entrant, "worst");
}

static bool mmu_draw(const struct view *v, struct chart *c, charts_curve *add) {
  c->x_label = "window (ms)";
  c->is_log_x = true;
  c->y_label = "mutator utilisation";
  c->setup = "set yrange [-0.02:1.02]";
  c->note = pool_format(v->pool,
                        "%s%s; minimum of all blocks; dashed: bounded "
                        "utilisation (BMU); 1: threads never stop; a curve "
                        "ends at the longest window that fits into each run",
                        view_threads_text(v, v->at_threads), view_heap_text(v));
  return charts_panels(v, c, add);
}

bool chart_mmu_system(const struct view *v, struct chart *c) {
  c->title = "Minimum mutator utilisation, all threads";
  return mmu_draw(v, c, system_add);
}

bool chart_mmu_worst(const struct view *v, struct chart *c) {
  c->title = "Minimum mutator utilisation, worst thread";
  return mmu_draw(v, c, worst_add);
}
