/* SPDX-License-Identifier: MIT */
/* Collectors compared. */
#include <math.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/plot/charts.h"
#include "bench/plot/palette.h"
#include "bench/rows/versus.h"

/* --- scaling ------------------------------------------------------------- */

static const struct figure ops_per_s = {"ops_per_s", 1, NULL};

bool chart_scaling(const struct view *v, struct chart *c) {
  if (v->thread_count < 2)
    return false;
  for (size_t w = 0; w < v->workload_count; w++) {
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
  c->title = "Throughput against threads";
  c->x_label = "threads";
  c->y_label = "operations / s";
  c->is_log_y = true;
  double most = v->threads[v->thread_count - 1], cores = (double)v->cores;
  c->setup = pool_format(
      v->pool, "set xrange [%g:%g]; set xtics 1; set format y '%%.1s%%c'; %s",
      v->threads[0] - 0.2, most + 0.2,
      v->cores > 0 && most > cores
          ? pool_format(v->pool,
                        "set object 1 rectangle from first %g, graph 0 to "
                        "graph 1, graph 1 behind fc rgb '#EEEEEE' fs noborder",
                        cores + 0.1)
          : "");
  c->note = "medians with 95 % intervals; shaded: more threads "
            "than cores";
  return true;
}

/* --- forest -------------------------------------------------------------- */

static const char *row_name(const struct view *v,
                            const struct versus_line *line) {
  const struct entry *cell = line->cell;
  const char *name = versus_subject(&v->versus, line);
  if (v->thread_count > 1)
    name = pool_format(v->pool, "%s, %s", name,
                       view_threads_text(v, cell->threads));
  if (line->heap->heap_factor == 0)
    return name;
  name = pool_format(v->pool, "%s, heap %s", name,
                     line->heap->fields[RUN_HEAP_FACTOR]);
  double bytes = entry_number(line->heap, RUN_HEAP_BYTES);
  return line->workloads > 0 || isnan(bytes)
             ? name
             : pool_format(v->pool, "%s (%s)", name,
                           bytes_text(v->pool, bytes));
}

/* The row with this name, added if it is new. */
static size_t row_find(const struct view *v, struct chart_panel *panel,
                       const char *name) {
  for (size_t i = 0; i < panel->y_tic_count; i++) {
    if (strcmp(panel->y_tics[i], name) == 0)
      return i;
  }
  panel->y_tics = pool_grow(v->pool, panel->y_tics, panel->y_tic_count,
                            sizeof *panel->y_tics);
  panel->y_tics[panel->y_tic_count] = name;
  return panel->y_tic_count++;
}

static void forest_add(const struct view *v, struct chart_panel *panel,
                       size_t side) {
  const struct versus *versus = &v->versus;
  struct chart_series *s =
      view_add_series(v, panel, versus->sides[side].name, CHART_ROWS);
  size_t others = versus->side_count - 1;
  double shift = others > 1 ? ((double)side - 1) / (double)(others - 1) : 0.5;
  for (size_t i = 0; i < versus->line_count; i++) {
    const struct versus_line *line = &versus->lines[i];
    const struct effect *e = &line->effect;
    if (line->side != &versus->sides[side] || line->reason != NULL)
      continue;
    const char *name = row_name(v, line);
    double row = (double)row_find(v, panel, name);
    view_add_point(v, s, 0, name, e, "");
    struct chart_point *p = &s->points[s->count - 1];
    p->x = e->ratio;
    p->y = row + 0.6 * (shift - 0.5);
    p->hover =
        pool_format(v->pool, "%s: %s", p->hover, versus_verdict(versus, line));
  }
}

bool chart_forest(const struct view *v, struct chart *c) {
  const struct versus *versus = &v->versus;
  if (versus->line_count == 0)
    return false;
  struct chart_panel *panel = chart_add_panel(c, v->pool);
  for (size_t i = 1; i < versus->side_count; i++)
    forest_add(v, panel, i);
  const char *yardstick = versus->sides[0].name;
  c->title = pool_format(v->pool, "Wall time relative to %s", yardstick);
  c->x_label = pool_format(v->pool,
                           "ratio to %s in the same block (below 1: "
                           "faster)",
                           yardstick);
  c->y_label = "";
  c->setup =
      pool_format(v->pool,
                  "set yrange [%zu.6:-0.6] ; set arrow 1 from first 1, "
                  "graph 0 to first 1, graph 1 nohead lc rgb '#888888' lw 1.5",
                  panel->y_tic_count - 1);
  c->is_log_x = true;
  c->width = 900;
  c->height = 100 + (double)panel->y_tic_count *
                        (8 + 9 * (double)(versus->side_count - 1));
  c->note = pool_format(v->pool,
                        "geometric means of paired ratios with %.4g %% "
                        "intervals",
                        100 * (1 - versus->alpha));
  return true;
}

/* --- heat map ------------------------------------------------------------ */

/* NULL if the two were not compared there. */
static const struct versus_line *line_find(const struct view *v,
                                           const char *workload,
                                           const struct versus_side *side) {
  const struct versus *versus = &v->versus;
  for (size_t i = 0; i < versus->line_count; i++) {
    const struct versus_line *l = &versus->lines[i];
    struct choice c = {workload, NULL, v->at_threads, v->at_factor, NULL};
    if (l->side == side && l->workloads == 0 && l->reason == NULL &&
        choice_has(&c, l->heap))
      return l;
  }
  return NULL;
}

static void cell_add(const struct view *v, struct chart_series *s,
                     size_t workload, size_t entrant) {
  const struct versus *versus = &v->versus;
  const struct versus_side *side = NULL;
  for (size_t i = 1; i < versus->side_count; i++) {
    if (strcmp(versus->sides[i].name, v->entrants[entrant]) == 0)
      side = &versus->sides[i];
  }
  const struct versus_line *line = line_find(v, v->workloads[workload], side);
  if (side != NULL && line == NULL)
    return;
  struct chart_point *p = chart_add_point(s, v->pool);
  p->x = (double)entrant;
  p->y = (double)workload;
  p->value = side == NULL ? 0 : log2(line->effect.ratio);
  p->label = side == NULL ? "1" : digits_text(v->pool, line->effect.ratio);
  p->hover = pool_format(v->pool, "%s | %s: %s", v->entrants[entrant],
                         v->workloads[workload], p->label);
}

bool chart_heat(const struct view *v, struct chart *c) {
  const struct versus *versus = &v->versus;
  if (versus->line_count == 0)
    return false;
  struct chart_panel *panel = chart_add_panel(c, v->pool);
  for (size_t i = 0; i < v->entrant_count; i++) {
    struct chart_series *s = chart_add_series(panel, v->pool);
    s->owner = v->entrants[i];
    s->mark = CHART_CELLS;
    for (size_t w = 0; w < v->workload_count; w++)
      cell_add(v, s, w, i);
  }
  panel->x_tics = v->entrants;
  panel->x_tic_count = v->entrant_count;
  panel->y_tics = v->workloads;
  panel->y_tic_count = v->workload_count;
  c->title =
      pool_format(v->pool, "Wall time relative to %s, %s",
                  versus->sides[0].name, view_threads_text(v, v->at_threads));
  c->x_label = c->y_label = "";
  c->setup = pool_format(
      v->pool,
      "unset grid; unset colorbox; set cbrange [-3:3]; set xrange "
      "[-0.5:%zu.5]; set yrange [%zu.5:-0.5]; set palette defined (-3 "
      "'#2166AC', -1 '#92C5DE', 0 '#F7F7F7', 1 '#F4A582', 3 '#B2182B')",
      v->entrant_count - 1, v->workload_count - 1);
  c->width = fmax(500, 170 + 90.0 * (double)v->entrant_count);
  c->height = 90 + 34.0 * (double)v->workload_count;
  c->note = "geometric means of paired ratios; blue: faster; empty: no "
            "completed run";
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

/* The bar of one entrant, from the lowest part upwards. */
static void bar_add(const struct view *v, struct chart_panel *panel,
                    size_t workload, size_t entrant) {
  const char *name = v->entrants[entrant];
  struct choice choice = {v->workloads[workload], name, v->at_threads,
                          view_factor(v, name), NULL};
  double heights[PARTS];
  heights_find(v, &choice, heights);
  for (size_t part = 0; part < PARTS; part++) {
    struct chart_series *s = chart_add_series(panel, v->pool);
    s->name = parts[part].name;
    s->owner = v->entrants[entrant];
    s->colour = part == PARTS - 1 ? "#CCCCCC" : palette_part(part);
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
    panel->title = v->workloads[w];
    for (size_t i = 0; i < v->entrant_count; i++)
      bar_add(v, panel, w, i);
    panel->x_tics = v->entrants;
    panel->x_tic_count = v->entrant_count;
  }
  c->title = pool_format(v->pool, "Breakdown of wall time, %s",
                         view_threads_text(v, v->at_threads));
  c->x_label = "";
  c->y_label = "wall time (s)";
  c->setup = pool_format(v->pool, "set xrange [-0.6:%zu.6]; set yrange [0:*]",
                         v->entrant_count - 1);
  c->note = "means; outside pauses: the program, with allocation and counting";
  return true;
}
