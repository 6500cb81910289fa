/* SPDX-License-Identifier: MIT */
/* Collectors compared with the yardstick: as intervals, and as a map. */
#include <math.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/plot/charts.h"

/* What is compared. A workload that a rate paces takes as long with every
   collector, so it is judged by its processor time and its response time. */
struct measure {
  const struct versus *versus;
  const char *name; /* after the workload's; NULL: wall time */
};
enum { MEASURES = 3 };

static void measures_take(const struct view *v, struct measure out[MEASURES]) {
  out[0] = (struct measure){&v->versus, NULL};
  out[1] = (struct measure){&v->versus_cpu, "processor time"};
  out[2] = (struct measure){&v->versus_response, "99.9th response"};
}

/* Is this line a mean that is shown? The floor is in no mean of runs that have
   a limit. */
static bool is_mean(const struct view *v, const struct versus_line *line) {
  return line->workloads > 0 &&
         (line->heap->heap_factor == 0 || view_has_limit(v, line->side->name));
}

/* Is it a workload that is judged by this measure? */
static bool is_cell(const struct view *v, const struct measure *m,
                    const struct versus_line *line) {
  const char *workload = line->heap->fields[RUN_WORKLOAD];
  return line->workloads == 0 && !view_is_control(v, workload) &&
         view_is_paced(v, workload) == (m->name != NULL);
}

/* Requests too few for a 99.9th percentile are a reason for no ratio. */
static bool has_ratio(const struct measure *m, const char *workload) {
  for (size_t i = 0; i < m->versus->line_count; i++) {
    const struct versus_line *line = &m->versus->lines[i];
    if (line->reason == NULL &&
        strcmp(line->heap->fields[RUN_WORKLOAD], workload) == 0)
      return true;
  }
  return false;
}

static bool has_lines(const struct measure measures[MEASURES]) {
  size_t count = 0;
  for (size_t m = 0; m < MEASURES; m++)
    count += measures[m].versus->line_count;
  return count > 0;
}

static const char *left_out_text(const struct view *v) {
  const char *text = "";
  for (size_t w = 0; w < v->workload_count; w++) {
    if (view_is_control(v, v->workloads[w]))
      text =
          pool_format(v->pool, "%s; without '%s', which measures the harness",
                      text, v->workloads[w]);
  }
  return text;
}

/* --- forest -------------------------------------------------------------- */

static const char *row_name(const struct view *v, const struct measure *m,
                            const struct versus_line *line) {
  const struct entry *cell = line->cell;
  const char *name = versus_subject(m->versus, line);
  if (m->name != NULL)
    name = pool_format(v->pool, "%s, %s", name, m->name);
  if (v->thread_count > 1)
    name = pool_format(v->pool, "%s, %s", name,
                       view_threads_text(v, cell->threads));
  if (line->heap->heap_factor > 0)
    name = pool_format(v->pool, "%s, heap %s", name,
                       line->heap->fields[RUN_HEAP_FACTOR]);
  double bytes = entry_number(line->heap, RUN_HEAP_BYTES);
  if (line->heap->heap_factor > 0 && line->workloads == 0 && !isnan(bytes))
    name = pool_format(v->pool, "%s (%s)", name, bytes_text(v->pool, bytes));
  return line->instead == NULL
             ? name
             : pool_format(v->pool, "%s, to %s", name, line->instead->name);
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

/* What the ratios of a forest have in common. */
struct forest {
  const struct view *view;
  struct chart_panel *panel;
  size_t blocks_min, blocks_max;         /* in a ratio */
  double confidence_min, confidence_max; /* of the intervals */
};

static void ratio_add(struct forest *f, const struct measure *m,
                      struct chart_series *s, const struct versus_line *line,
                      double shift) {
  const struct view *v = f->view;
  const char *name = row_name(v, m, line);
  double row = (double)row_find(v, f->panel, name);
  size_t blocks = line->effect.blocks;
  view_add_point(v, s, 0, name, &line->effect, "");
  struct chart_point *p = &s->points[s->count - 1];
  p->x = line->effect.ratio;
  p->y = row + 0.6 * (shift - 0.5);
  p->hover = pool_format(v->pool, "%s, n = %zu: %s", p->hover, blocks,
                         versus_verdict(m->versus, line));
  f->blocks_min = blocks < f->blocks_min ? blocks : f->blocks_min;
  f->blocks_max = blocks > f->blocks_max ? blocks : f->blocks_max;
  f->confidence_min = fmin(f->confidence_min, 1 - m->versus->alpha);
  f->confidence_max = fmax(f->confidence_max, 1 - m->versus->alpha);
}

/* Means, or else workloads. */
static void side_add(struct forest *f, const struct measure *m, size_t side,
                     bool are_means) {
  const struct versus *versus = m->versus;
  struct chart_series *s =
      view_add_series(f->view, f->panel, versus->sides[side].name, CHART_ROWS);
  size_t others = versus->side_count - 1;
  double shift = others > 1 ? ((double)side - 1) / (double)(others - 1) : 0.5;
  for (size_t i = 0; i < versus->line_count; i++) {
    const struct versus_line *line = &versus->lines[i];
    if (line->side == &versus->sides[side] && line->reason == NULL &&
        (are_means ? is_mean(f->view, line) : is_cell(f->view, m, line)))
      ratio_add(f, m, s, line, shift);
  }
}

static const char *forest_note(const struct forest *f, const struct chart *c) {
  struct pool *pool = f->view->pool;
  const char *blocks = f->blocks_min == f->blocks_max
                           ? pool_format(pool, "%zu block%s", f->blocks_max,
                                         f->blocks_max == 1 ? "" : "s")
                           : pool_format(pool, "%zu to %zu blocks",
                                         f->blocks_min, f->blocks_max);
  const char *interval =
      !chart_has_intervals(c) ? "too few blocks for intervals"
      : f->confidence_min == f->confidence_max
          ? pool_format(pool, "with %.4g %% intervals%s",
                        100 * f->confidence_max, view_cut_text(c))
          : pool_format(pool, "with intervals at %.4g to %.4g %%%s",
                        100 * f->confidence_min, 100 * f->confidence_max,
                        view_cut_text(c));
  return pool_format(
      pool,
      "wall time unless a row says otherwise; geometric means of "
      "paired ratios of %s, %s; no mark: no valid pair%s",
      blocks, interval, left_out_text(f->view));
}

bool chart_forest(const struct view *v, struct chart *c) {
  struct measure measures[MEASURES];
  measures_take(v, measures);
  if (!has_lines(measures))
    return false;
  struct forest f = {
      v, chart_add_panel(c, v->pool), (size_t)-1, 0, INFINITY, -INFINITY};
  size_t sides = v->versus.side_count;
  for (size_t m = 0; m < MEASURES; m++) {
    for (size_t i = 1; i < sides; i++)
      side_add(&f, &measures[m], i, false);
  }
  for (size_t i = 1; i < sides; i++)
    side_add(&f, &measures[0], i, true);
  if (f.panel->y_tic_count == 0)
    return false;
  const char *yardstick = v->versus.sides[0].name;
  c->title = pool_format(v->pool, "Time relative to %s", yardstick);
  c->x_label = pool_format(v->pool,
                           "ratio to %s in the same block (below 1: "
                           "faster)",
                           yardstick);
  c->y_label = "";
  c->setup =
      pool_format(v->pool,
                  "set yrange [%zu.6:-0.6] ; set arrow 1 from first 1, "
                  "graph 0 to first 1, graph 1 nohead lc rgb '#888888' lw 1.5",
                  f.panel->y_tic_count - 1);
  c->is_log_x = true;
  c->width = 900;
  c->height =
      100 + (double)f.panel->y_tic_count * (8 + 9 * (double)(sides - 1));
  c->note = forest_note(&f, c);
  return true;
}

/* --- heat map ------------------------------------------------------------ */

/* A row of the map. */
struct row {
  const struct measure *measure;
  const char *workload;
};

/* NULL if this side did not take part there. */
static const struct versus_line *
line_find(const struct view *v, const struct row *row, const char *entrant) {
  const struct versus *versus = row->measure->versus;
  for (size_t i = 0; i < versus->line_count; i++) {
    const struct versus_line *l = &versus->lines[i];
    struct choice c = {row->workload, NULL, v->at_threads, v->at_factor, NULL};
    if (strcmp(l->side->name, entrant) == 0 && l->workloads == 0 &&
        choice_has(&c, l->heap))
      return l;
  }
  return NULL;
}

/* Are the others compared with this one there? */
static bool is_instead(const struct view *v, const struct row *row,
                       const char *entrant) {
  for (size_t i = 0; i < v->entrant_count; i++) {
    const struct versus_line *l = line_find(v, row, v->entrants[i]);
    if (l != NULL && l->instead != NULL &&
        strcmp(l->instead->name, entrant) == 0)
      return true;
  }
  return false;
}

static void cell_fill(const struct view *v, const struct row *row,
                      const char *entrant, struct chart_point *p) {
  const struct versus *versus = row->measure->versus;
  const struct versus_line *line = line_find(v, row, entrant);
  bool is_base = strcmp(versus->sides[0].name, entrant) == 0;
  struct choice choice = {row->workload, entrant, v->at_threads,
                          view_factor(v, entrant), NULL};
  const char *failure = view_failure(v, &choice);
  p->value = NAN;
  if (line != NULL && line->reason == NULL) {
    p->value = log2(line->effect.ratio);
    p->label = pool_format(
        v->pool, "%s%s%s", digits_text(v->pool, line->effect.ratio),
        line->instead != NULL ? "*" : "", failure != NULL ? "!" : "");
  } else if (failure != NULL) {
    p->label = failure;
  } else if (is_base || is_instead(v, row, entrant)) {
    p->value = 0;
    p->label = is_base ? "1" : "1*";
  } else {
    p->label = line != NULL ? "-" : "";
  }
}

static void cells_add(const struct view *v, struct chart_panel *panel,
                      const struct row *rows, size_t count, size_t entrant) {
  struct chart_series *s = chart_add_series(panel, v->pool);
  const char *name = v->entrants[entrant];
  s->owner = name;
  s->mark = CHART_CELLS;
  for (size_t i = 0; i < count; i++) {
    struct chart_point *p = chart_add_point(s, v->pool);
    p->x = (double)entrant;
    p->y = (double)i;
    cell_fill(v, &rows[i], name, p);
    p->hover =
        pool_format(v->pool, "%s | %s: %s", name, panel->y_tics[i], p->label);
  }
}

static const char *map_name(const struct view *v, size_t workload,
                            const struct measure *m) {
  const char *name = v->workloads[workload];
  if (m->name != NULL)
    name = pool_format(v->pool, "%s, %s", name, m->name);
  double bytes = view_limited_number(v, v->workloads[workload], v->at_factor,
                                     RUN_HEAP_BYTES);
  return isnan(bytes) ? name
                      : pool_format(v->pool, "%s (%s)", name,
                                    bytes_text(v->pool, bytes));
}

static size_t rows_take(const struct view *v,
                        const struct measure measures[MEASURES],
                        struct chart_panel *panel, struct row *rows) {
  size_t count = 0;
  for (size_t m = 0; m < MEASURES; m++) {
    for (size_t w = 0; w < v->workload_count; w++) {
      const char *name = v->workloads[w];
      if (view_is_control(v, name) ||
          view_is_paced(v, name) != (measures[m].name != NULL) ||
          (measures[m].versus == &v->versus_response &&
           !has_ratio(&measures[m], name)))
        continue;
      panel->y_tics[count] = map_name(v, w, &measures[m]);
      rows[count++] = (struct row){&measures[m], name};
    }
  }
  return count;
}

/* The key of the colours is on the right. */
enum { KEY = 84, CELL_HEIGHT = 34 };

static const char *map_setup(const struct view *v, const struct chart *c,
                             size_t rows) {
  return pool_format(
      v->pool,
      "unset grid; set border 0; set rmargin at screen %.5f; set cbrange "
      "[-3:3]; set cbtics ('1/8' -3, '1/4' -2, '1/2' -1, '1' 0, '2' 1, '4' "
      "2, '8' 3) scale 0.5; set xrange [-0.5:%zu.5]; set yrange [%zu.5:-0.5]; "
      "set palette defined (-3 '#4393C3', -1 '#B7D7E8', 0 '#F7F7F7', 1 "
      "'#FBC9B0', 3 '#D6604D')",
      (c->width - KEY) / fmax(CHART_WIDTH_MIN, c->width), v->entrant_count - 1,
      rows - 1);
}

static const char *map_note(const struct view *v,
                            const struct chart_panel *panel) {
  bool has_words = false, has_stars = false, has_failed = false;
  for (size_t i = 0; i < panel->count; i++) {
    for (size_t j = 0; j < panel->series[i].count; j++) {
      const struct chart_point *p = &panel->series[i].points[j];
      has_words |= isnan(p->value);
      has_stars |= strchr(p->label, '*') != NULL;
      has_failed |= strchr(p->label, '!') != NULL;
    }
  }
  const char *stars =
      pool_format(v->pool, "; *: to the best collector, as %s has no valid run",
                  v->versus.sides[0].name);
  return pool_format(
      v->pool,
      "wall time unless a row says otherwise; geometric means "
      "of paired ratios; blue: faster%s%s%s%s",
      has_words ? "; words: why there is no ratio" : "", has_stars ? stars : "",
      has_failed ? "; !: some of its runs failed" : "", left_out_text(v));
}

bool chart_heat(const struct view *v, struct chart *c) {
  struct measure measures[MEASURES];
  measures_take(v, measures);
  if (!has_lines(measures))
    return false;
  struct chart_panel *panel = chart_add_panel(c, v->pool);
  size_t room = v->workload_count * MEASURES + 1;
  struct row *rows = pool_alloc(v->pool, room * sizeof *rows);
  panel->y_tics = pool_alloc(v->pool, room * sizeof *panel->y_tics);
  panel->y_tic_count = rows_take(v, measures, panel, rows);
  if (panel->y_tic_count == 0)
    return false;
  for (size_t i = 0; i < v->entrant_count; i++)
    cells_add(v, panel, rows, panel->y_tic_count, i);
  panel->x_tics = v->entrants;
  panel->x_tic_count = v->entrant_count;
  c->title = pool_format(
      v->pool, "Time relative to %s, %s%s", v->versus.sides[0].name,
      view_threads_text(v, v->at_threads),
      v->at_factor > 0 ? pool_format(v->pool, ", heap factor %g", v->at_factor)
                       : "");
  c->x_label = c->y_label = "";
  c->width = 264 + fmax(90, chart_names_width(v->entrants, v->entrant_count)) *
                       (double)v->entrant_count;
  c->height = 90 + CELL_HEIGHT * (double)panel->y_tic_count;
  c->setup = map_setup(v, c, panel->y_tic_count);
  c->note = map_note(v, panel);
  return true;
}
