/* SPDX-License-Identifier: MIT */
/* Collectors compared. */
#include <math.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/plot/charts.h"
#include "bench/plot/palette.h"

/* --- scaling ------------------------------------------------------------- */

static const struct figure ops_per_s = {"ops_per_s", 1, NULL};

static const char *counts_text(const struct view *v) {
  const char *text = "";
  for (size_t i = 0; i < v->thread_count; i++)
    text =
        pool_format(v->pool, "%s%s%g", text, i > 0 ? ", " : "", v->threads[i]);
  return text;
}

bool chart_scaling(const struct view *v, struct chart *c) {
  if (v->thread_count < 2)
    return false;
  for (size_t w = 0; w < v->workload_count; w++) {
    if (view_is_paced(v, v->workloads[w])) /* the rate is its throughput */
      continue;
    struct chart_panel *panel = chart_add_panel(c, v->pool);
    panel->title = v->workloads[w];
    for (size_t i = 0; i < v->entrant_count; i++) {
      struct chart_series *s =
          view_add_series(v, panel, v->entrants[i], CHART_LINE);
      for (size_t t = 0; t < v->thread_count; t++) {
        struct choice choice = {v->workloads[w], v->entrants[i], v->threads[t],
                                view_factor(v, v->entrants[i]), NULL};
        struct effect e = view_estimate(v, &choice, &ops_per_s);
        view_add_point(v, s, v->threads[t], view_threads_text(v, v->threads[t]),
                       &e, "/s");
      }
    }
  }
  if (c->count == 0)
    return false;
  c->title = "Throughput against threads";
  c->x_label = "threads";
  c->y_label = "operations / s";
  c->is_log_y = true;
  double most = v->threads[v->thread_count - 1], cores = (double)v->cores;
  c->setup = pool_format(
      v->pool,
      "set xrange [%g:%g]; set xtics (%s); set format y '%%.1s%%c'; %s",
      v->threads[0] - 0.2, most + 0.2, counts_text(v),
      v->cores > 0 && most > cores
          ? pool_format(v->pool,
                        "set object 1 rectangle from first %g, graph 0 to "
                        "graph 1, graph 1 behind fc rgb '#EEEEEE' fs noborder",
                        cores + 0.1)
          : "");
  c->note = pool_format(v->pool, "%s; shaded: more threads than cores%s%s",
                        view_spread_text(v, c), view_heap_text(v),
                        view_paced_text(v, "without"));
  return true;
}

/* --- stacked cost -------------------------------------------------------- */

static const struct part {
  const char *name, *column;
} parts[] = {{"roots", "roots_ns"},
             {"mark", "mark_ns"},
             {"sweep", "sweep_ns"},
             {"other pause", "stw_wall_ns"},
             {"outside pauses", "wall_ns"}};
enum { PARTS = sizeof parts / sizeof *parts };

/* Each of the last two contains the parts before it. Phases are measured in
   processor time where marking is parallel; they are then cut to the pauses
   that contain them. */
static void heights_find(const struct view *v, const struct choice *choice,
                         double heights[PARTS]) {
  double below = 0, sum[PARTS];
  for (size_t i = 0; i < PARTS; i++) {
    struct figure f = {parts[i].column, 1e-9, NULL};
    sum[i] = view_mean(v, choice, &f);
    if (i < PARTS - 1 && isnan(sum[i]))
      sum[i] = 0;
  }
  for (size_t i = 0; i < PARTS; i++) {
    bool is_total = i >= PARTS - 2;
    double top = is_total ? sum[i] : fmin(below + sum[i], sum[PARTS - 2]);
    heights[i] = fmax(below, top);
    below = heights[i];
  }
}

/* Stands in the place of a bar. */
static void word_add(const struct view *v, struct chart_panel *panel,
                     size_t entrant, const char *word) {
  struct chart_series *s = chart_add_series(panel, v->pool);
  s->owner = v->entrants[entrant];
  s->colour = "#555555";
  s->mark = CHART_WORDS;
  struct chart_point *p = chart_add_point(s, v->pool);
  p->x = (double)entrant;
  p->y = 0;
  p->label = word;
}

/* The bar of one entrant, from the lowest part upwards. */
static void bar_add(const struct view *v, struct chart_panel *panel,
                    size_t workload, size_t entrant) {
  const char *name = v->entrants[entrant];
  struct choice choice = {v->workloads[workload], name, v->at_threads,
                          view_factor(v, name), NULL};
  double heights[PARTS];
  const char *failure = view_failure(v, &choice);
  if (failure != NULL)
    word_add(v, panel, entrant, failure);
  heights_find(v, &choice, heights);
  for (size_t part = 0; part < PARTS; part++) {
    struct chart_series *s = chart_add_series(panel, v->pool);
    s->name = parts[part].name;
    s->owner = v->entrants[entrant];
    s->colour = palette_part(part);
    s->mark = CHART_BOXES;
    struct chart_point *p = chart_add_point(s, v->pool);
    p->x = (double)entrant;
    p->low = part > 0 ? heights[part - 1] : 0;
    p->high = p->y = heights[part];
    p->hover = pool_format(v->pool, "%s | %s: %s s", s->owner, s->name,
                           digits_text(v->pool, p->y - p->low));
  }
}

bool chart_cost(const struct view *v, struct chart *c) {
  for (size_t w = 0; w < v->workload_count; w++) {
    struct chart_panel *panel = chart_add_panel(c, v->pool);
    panel->title = view_limited_title(v, v->workloads[w]);
    for (size_t i = 0; i < v->entrant_count; i++)
      bar_add(v, panel, w, i);
    panel->x_tics = v->entrants;
    panel->x_tic_count = v->entrant_count;
  }
  c->title = pool_format(v->pool, "Breakdown of wall time, %s",
                         view_threads_text(v, v->at_threads));
  c->x_label = "";
  c->y_label = "wall time (s)";
  c->is_zero_y = true;
  c->setup =
      pool_format(v->pool, "set xrange [-0.6:%zu.6]", v->entrant_count - 1);
  c->width = fmax(400, 96 + chart_names_width(v->entrants, v->entrant_count) *
                                (double)v->entrant_count);
  c->note = pool_format(v->pool,
                        "means; outside pauses: the program, with allocation "
                        "and counting%s%s",
                        view_heap_text(v),
                        view_paced_text(v, "a rate sets the time of"));
  return true;
}
