/* SPDX-License-Identifier: MIT */
/* Latencies of requests, from the histograms: whole curves, up to the last
   percentile that the number of requests allows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plot/charts.h"

/* Beyond the last percentile lie this many requests; see
   quantile_is_supported. */
enum { BEYOND = 10, CURVE_POINTS = 200 };

static const char hiccup_colour[] = "#000000";
enum { HICCUP_DASH = 3 };

/* --- a merged histogram --------------------------------------------------- */

struct merged {
  struct view_latency *slots; /* ascending */
  size_t count;
  double total; /* events */
};

static int compare_slots(const void *left, const void *right) {
  const struct view_latency *a = left, *b = right;
  return (a->from_ns > b->from_ns) - (a->from_ns < b->from_ns);
}

static struct merged merge(const struct view *v, const struct choice *choice,
                           const char *kind) {
  struct merged m = {
      .slots = pool_alloc(v->pool, (v->latency_count + 1) * sizeof *m.slots)};
  for (size_t i = 0; i < v->latency_count; i++) {
    const struct view_latency *slot = &v->latencies[i];
    if (slot->kind != kind || !choice_has(choice, slot->entry))
      continue;
    m.slots[m.count++] = *slot;
    m.total += slot->count;
  }
  qsort(m.slots, m.count, sizeof *m.slots, compare_slots);
  return m;
}

/* In milliseconds; rises with each call, from slot *at with *seen events before
   it. The middle of a slot is off by less than 1 %. */
static double value_next(const struct merged *m, double rank, size_t *at,
                         double *seen) {
  while (*at + 1 < m->count && *seen + m->slots[*at].count < rank)
    *seen += m->slots[(*at)++].count;
  return (m->slots[*at].from_ns + m->slots[*at].to_ns) / 2e6;
}

/* --- curves --------------------------------------------------------------- */

/* The x axis is 1 / (1 - p): each nine of a percentile has the same width. */
static bool curve_add(const struct view *v, struct chart_series *s,
                      const struct merged *m) {
  double last = m->total / BEYOND, seen = 0;
  size_t at = 0;
  if (last < 1)
    return false;
  for (size_t i = 0; i <= CURVE_POINTS; i++) {
    double x = pow(last, (double)i / CURVE_POINTS), p = 1 - 1 / x;
    struct chart_point *point = chart_add_point(s, v->pool);
    point->x = x;
    point->y =
        value_next(m, fmax(ceil(p * m->total * (1 - 1e-12)), 1), &at, &seen);
    point->hover = pool_format(v->pool, "%s | %.6g %% of %.0f: %.3g ms",
                               s->name, 100 * p, m->total, point->y);
  }
  return true;
}

/* How many requests a curve is of. */
static void requests_remark(const struct view *v, struct chart_panel *panel,
                            const struct choice *choice,
                            const struct merged *m) {
  const char *text = view_failure(v, choice);
  if (m->total >= BEYOND)
    text = pool_format(v->pool, "%.0f requests", m->total);
  else if (m->total > 0)
    text = pool_format(v->pool, "%.0f requests, too few", m->total);
  if (text != NULL)
    chart_add_remark(panel, v->pool, view_style(v, choice->entrant).colour,
                     pool_format(v->pool, "%s: %s", choice->entrant, text));
}

static bool kind_add(const struct view *v, struct chart_panel *panel,
                     size_t workload, size_t entrant, const char *kind) {
  struct choice choice = view_choice(v, workload, entrant);
  struct merged m = merge(v, &choice, kind);
  requests_remark(v, panel, &choice, &m);
  return curve_add(
      v, view_add_series(v, panel, v->entrants[entrant], CHART_PLAIN), &m);
}

/* The hiccups of all runs of the workload. */
static void hiccups_add(const struct view *v, struct chart_panel *panel,
                        size_t workload) {
  struct choice choice = {v->workloads[workload], NULL, v->at_threads, -1,
                          NULL};
  struct merged m = merge(v, &choice, view_hiccup);
  struct chart_series *s = chart_add_series(panel, v->pool);
  *s = (struct chart_series){.name = "hiccup control",
                             .colour = hiccup_colour,
                             .dash = HICCUP_DASH,
                             .mark = CHART_PLAIN};
  curve_add(v, s, &m);
}

static bool panel_draw(const struct view *v, struct chart *c, size_t workload,
                       const char *kind, const char *words) {
  struct chart_panel panel = {
      .title =
          pool_format(v->pool, "%s, %s",
                      view_limited_title(v, v->workloads[workload]), words)};
  bool any = false;
  for (size_t i = 0; i < v->entrant_count; i++)
    any |= kind_add(v, &panel, workload, i, kind);
  if (!any)
    return false;
  hiccups_add(v, &panel, workload);
  *chart_add_panel(c, v->pool) = panel;
  return true;
}

/* Requests with a schedule have response times. Without one, they have service
   times and metered latencies. */
bool chart_latency(const struct view *v, struct chart *c) {
  bool any = false;
  c->title = "Request latency";
  c->x_label = "percentile";
  c->y_label = "latency (ms)";
  c->is_log_x = c->is_log_y = true;
  c->setup = "set xtics nomirror ('0' 1, '50' 2, '90' 10, '99' 100, "
             "'99.9' 1e3, '99.99' 1e4, '99.999' 1e5, '99.9999' 1e6)";
  c->has_remarks_beside = true;
  c->height = 300;
  c->note = pool_format(v->pool,
                        "%s%s; requests of all blocks together; a curve ends "
                        "at the last percentile with ten requests beyond it",
                        view_threads_text(v, v->at_threads), view_heap_text(v));
  for (size_t w = 0; w < v->workload_count; w++) {
    if (panel_draw(v, c, w, view_response, "response time")) {
      any = true;
      continue;
    }
    any |= panel_draw(v, c, w, view_service, "service time");
    any |= panel_draw(v, c, w, view_metered, "metered latency");
  }
  return any;
}
