/* SPDX-License-Identifier: MIT */
#include "bench/plot/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/exit_code.h"
#include "bench/base/units.h"
#include "bench/plan/catalog.h"
#include "bench/plot/axes.h"
#include "bench/stats/median.h"

/* Digits of a commit; git shows about as many. */
enum { COMMIT_DIGITS = 10 };

/* --- names and numbers --------------------------------------------------- */

static void name_add(struct view *v, const char ***names, size_t *count,
                     const char *name) {
  for (size_t i = 0; i < *count; i++) {
    if (strcmp((*names)[i], name) == 0)
      return;
  }
  *names = pool_grow(v->pool, *names, *count, sizeof **names);
  (*names)[(*count)++] = name;
}

/* Keeps the numbers in ascending order. */
static void number_add(struct view *v, double **numbers, size_t *count,
                       double number) {
  size_t at = 0;
  while (at < *count && (*numbers)[at] < number)
    at++;
  if (at < *count && (*numbers)[at] == number)
    return;
  *numbers = pool_grow(v->pool, *numbers, *count, sizeof **numbers);
  memmove(*numbers + at + 1, *numbers + at, (*count - at) * sizeof **numbers);
  (*numbers)[at] = number;
  ++*count;
}

static void entrants_sort(struct view *v) {
  for (size_t i = 1; i < v->entrant_count; i++) {
    const char *moved = v->entrants[i];
    size_t at = i;
    for (; at > 0 && palette_rank(v->pool, v->entrants[at - 1]) >
                         palette_rank(v->pool, moved);
         at--)
      v->entrants[at] = v->entrants[at - 1];
    v->entrants[at] = moved;
  }
}

bool view_has_limit(const struct view *v, const char *entrant) {
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    if (e->is_floor && strcmp(e->entrant, entrant) == 0)
      return false;
  }
  return true;
}

/* That of the presets. */
static const double usual_factor = 2.5;

/* The heap factor next to the usual one; 0 if all runs had no limit. */
static double factor_choose(const struct view *v) {
  double chosen = 0;
  for (size_t i = 0; i < v->factor_count; i++) {
    double factor = v->factors[i];
    if (factor > 0 && (chosen == 0 || fabs(log(factor / usual_factor)) <
                                          fabs(log(chosen / usual_factor))))
      chosen = factor;
  }
  return chosen;
}

double view_factor(const struct view *v, const char *entrant) {
  return view_has_limit(v, entrant) ? v->at_factor : 0;
}

/* The most threads that each have a core. */
static void view_choose(struct view *v) {
  v->at_threads = v->threads[0];
  for (size_t i = 0; i < v->thread_count; i++) {
    if (v->threads[i] <= (double)v->cores)
      v->at_threads = v->threads[i];
  }
  v->at_factor = factor_choose(v);
}

/* How many valid runs the cells have that have any. */
static const char *blocks_text(const struct view *v) {
  size_t least = v->blocks, most = 0;
  struct span cell = {v->all.begin, v->all.begin};
  while (cell.end < v->all.end) {
    cell = span_of(cell.end, v->all.end, entry_compare_entrants);
    size_t count = entry_count_status(cell, "ok");
    if (count == 0)
      continue;
    least = count < least ? count : least;
    most = count > most ? count : most;
  }
  if (most == 0)
    return pool_format(v->pool, "%zu blocks without a valid run", v->blocks);
  return least == most
             ? pool_format(v->pool, "n = %zu block%s", most,
                           most == 1 ? "" : "s")
             : pool_format(v->pool, "n = %zu to %zu blocks", least, most);
}

static const char *origin_text(const struct view *v) {
  const struct entry *e = v->all.begin;
  const char *commit = e->fields[RUN_COMMIT];
  bool is_dirty = strcmp(e->fields[RUN_DIRTY], "1") == 0;
  return pool_format(v->pool, "%s; campaign %s on %s, commit %.*s%s",
                     blocks_text(v), e->fields[RUN_CAMPAIGN],
                     e->fields[RUN_MACHINE], COMMIT_DIGITS,
                     *commit != '\0' ? commit : "unknown",
                     is_dirty ? " with local changes" : "");
}

/* --- workloads ------------------------------------------------------------ */

static bool has_text(const struct view *v, const char *workload,
                     enum run_column column, const char *text) {
  struct span runs = entry_workload(v->all, workload);
  for (const struct entry *e = runs.begin; e < runs.end; e++) {
    const char *own = e->fields[column];
    if (*own != '\0' && (text == NULL || strcmp(own, text) == 0))
      return true;
  }
  return false;
}

bool view_is_paced(const struct view *v, const char *workload) {
  return has_text(v, workload, RUN_RATE_HZ, NULL);
}

const struct figure *view_time(const struct view *v, const char *workload) {
  return view_is_paced(v, workload) ? &figure_cpu_s : &figure_wall_s;
}

const char *view_timed_title(const struct view *v, const char *workload) {
  return view_is_paced(v, workload)
             ? pool_format(v->pool, "%s, processor time", workload)
             : workload;
}

bool view_is_control(const struct view *v, const char *workload) {
  return has_text(v, workload, RUN_CONTROL, "1");
}

double view_limited_number(const struct view *v, const char *workload,
                           double factor, size_t column) {
  struct choice choice = {workload, NULL, v->at_threads, factor, NULL};
  struct span runs = entry_workload(v->all, workload);
  for (const struct entry *e = runs.begin; e < runs.end; e++) {
    if (choice_has(&choice, e) && e->heap_factor > 0 &&
        !isnan(entry_number(e, column)))
      return entry_number(e, column);
  }
  return NAN;
}

static const char *limit_bytes(const struct view *v, const char *workload,
                               double factor) {
  double bytes = view_limited_number(v, workload, factor, RUN_HEAP_BYTES);
  return isnan(bytes) ? NULL : bytes_text(v->pool, bytes);
}

const char *view_limit_text(const struct view *v, const char *workload,
                            double factor) {
  if (factor == 0)
    return "no limit";
  const char *bytes = limit_bytes(v, workload, factor);
  return pool_format(v->pool, "heap factor %g%s%s", factor,
                     bytes != NULL ? ", " : "", bytes ?: "");
}

const char *view_limited_title(const struct view *v, const char *workload) {
  const char *bytes = limit_bytes(v, workload, v->at_factor);
  return bytes == NULL ? workload
                       : pool_format(v->pool, "%s, limit %s", workload, bytes);
}

/* --- against the yardstick ------------------------------------------------ */

static void sides_fill(struct versus *v, const struct view *view) {
  const char *yardstick =
      entry_find_entrant(view->all, entry_yardstick(view->all));
  struct versus_side *sides =
      pool_alloc(v->pool, (view->entrant_count + 1) * sizeof *sides);
  sides[v->side_count++] = (struct versus_side){yardstick, yardstick, 0};
  for (size_t i = 0; i < view->entrant_count; i++) {
    const char *name = view->entrants[i];
    if (strcmp(name, yardstick) != 0)
      sides[v->side_count++] = (struct versus_side){name, name, 0};
  }
  v->sides = sides;
}

static struct versus versus_of(const struct view *view, const char *column) {
  struct versus v = {.pool = view->pool,
                     .all = view->all,
                     .column = run_column_find(column, strlen(column))};
  sides_fill(&v, view);
  versus_compute(&v);
  return v;
}

/* --- all of it ------------------------------------------------------------ */

static int spans_make(struct view *v, const struct source *sources,
                      size_t count) {
  struct results *results = pool_alloc(v->pool, count * sizeof *results);
  for (size_t i = 0; i < count; i++)
    results[i] = sources[i].results;
  int code = entries_make(&v->all, v->pool, results, 1);
  return code == EXIT_FINE ? entries_make(&v->family, v->pool, results, count)
                           : code;
}

int view_make(struct view *v, struct pool *pool, const struct source *sources,
              size_t count) {
  *v = (struct view){
      .pool = pool, .folder = sources[0].folder, .cores = sources[0].cores};
  int code = spans_make(v, sources, count);
  if (code != EXIT_FINE)
    return code;
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    name_add(v, &v->workloads, &v->workload_count, e->fields[RUN_WORKLOAD]);
    name_add(v, &v->entrants, &v->entrant_count, e->entrant);
    number_add(v, &v->threads, &v->thread_count, e->threads);
    number_add(v, &v->factors, &v->factor_count, e->heap_factor);
    v->blocks = e->block > (double)v->blocks ? (size_t)e->block : v->blocks;
  }
  entrants_sort(v);
  view_choose(v);
  v->origin = origin_text(v);
  v->versus = versus_of(v, "wall_ns");
  v->versus_cpu = versus_of(v, "task_clock_ns");
  v->versus_response = versus_of(v, "rsp_p999_ns");
  return view_read_companions(v);
}

/* --- figures ------------------------------------------------------------- */

const struct figure figure_wall_s = {"wall_ns", 1e-9, NULL};
const struct figure figure_cpu_s = {"task_clock_ns", 1e-9, NULL};
const struct figure figure_held_mib = {"held_peak", 1.0 / (1 << 20), NULL};

static double figure_of(const struct figure *f, const struct entry *e) {
  return f->value != NULL ? f->value(e) : entry_figure(e, f->column) * f->scale;
}

/* In seconds. A cost that was not measured is not attributed to the collector:
   0. */
static double known_seconds(const struct entry *e, const char *column) {
  double ns = entry_figure(e, column);
  return isnan(ns) ? 0 : ns * 1e-9;
}

/* The slow work of mutators is the sum over threads that run side by side, so
   its mean is the part of the wall time. */
static double collecting_wall(const struct entry *e) {
  return known_seconds(e, "stw_wall_ns") +
         known_seconds(e, "slow_ns") / e->threads;
}

static double collecting_cpu(const struct entry *e) {
  return known_seconds(e, "stw_cpu_ns") + known_seconds(e, "gc_thread_cpu_ns") +
         known_seconds(e, "slow_ns");
}

const struct figure figure_collecting_wall_s = {.value = collecting_wall};
const struct figure figure_collecting_cpu_s = {.value = collecting_cpu};

/* --- choices ------------------------------------------------------------- */

bool choice_has(const struct choice *c, const struct entry *e) {
  return (c->threads < 0 || c->threads == e->threads) &&
         (c->factor < 0 || c->factor == e->heap_factor) &&
         (c->workload == NULL ||
          strcmp(c->workload, e->fields[RUN_WORKLOAD]) == 0) &&
         (c->entrant == NULL || strcmp(c->entrant, e->entrant) == 0) &&
         (c->params == NULL || strcmp(c->params, e->fields[RUN_PARAMS]) == 0);
}

struct choice view_choice(const struct view *v, size_t workload,
                          size_t entrant) {
  const char *name = v->entrants[entrant];
  return (struct choice){v->workloads[workload], name, v->at_threads,
                         view_factor(v, name), NULL};
}

/* False if one of the runs lacks this number. */
static bool values_take(const struct view *v, const struct choice *choice,
                        const struct figure *f, double **out, size_t *count) {
  struct span from = entry_workload(choice->params != NULL ? v->family : v->all,
                                    choice->workload);
  *out = NULL;
  *count = 0;
  for (const struct entry *e = from.begin; e < from.end; e++) {
    /* Untrusted runs are excluded whatever their result. */
    if (!choice_has(choice, e) ||
        strcmp(e->fields[RUN_STATUS], "untrusted") == 0)
      continue;
    double number = e->is_ok ? figure_of(f, e) : NAN;
    if (isnan(number))
      return false;
    *out = pool_grow(v->pool, *out, *count, sizeof **out);
    (*out)[(*count)++] = number;
  }
  return *count > 0;
}

bool view_has_runs(const struct view *v, const struct choice *choice) {
  struct span runs = entry_workload(v->all, choice->workload);
  for (const struct entry *e = runs.begin; e < runs.end; e++) {
    if (e->is_ok && choice_has(choice, e))
      return true;
  }
  return false;
}

const char *view_failure(const struct view *v, const struct choice *choice) {
  const char *doubt = NULL, *failure = NULL;
  bool any = false;
  struct span runs = entry_workload(v->all, choice->workload);
  for (const struct entry *e = runs.begin; e < runs.end; e++) {
    const char *status = e->fields[RUN_STATUS];
    if (!choice_has(choice, e))
      continue;
    any |= e->is_ok;
    if (strcmp(status, "untrusted") == 0)
      doubt = status;
    else if (!e->is_ok)
      failure = status;
  }
  return failure != NULL || any ? failure : doubt;
}

struct effect view_estimate(const struct view *v, const struct choice *choice,
                            const struct figure *f) {
  double *values;
  size_t count;
  if (!values_take(v, choice, f, &values, &count))
    return (struct effect){.ratio = NAN, .low = NAN, .high = NAN};
  struct median_interval m = median_interval(values, count);
  return (struct effect){
      .blocks = count, .ratio = m.middle, .low = m.low, .high = m.high};
}

double view_mean(const struct view *v, const struct choice *choice,
                 const struct figure *f) {
  double *values, sum = 0;
  size_t count;
  if (!values_take(v, choice, f, &values, &count))
    return NAN;
  for (size_t i = 0; i < count; i++)
    sum += values[i];
  return sum / (double)count;
}

double view_least(const struct view *v, const struct choice *choice,
                  const struct figure *f) {
  double *values, least;
  size_t count;
  if (!values_take(v, choice, f, &values, &count))
    return NAN;
  least = values[0];
  for (size_t i = 1; i < count; i++)
    least = fmin(least, values[i]);
  return least;
}

/* --- charts -------------------------------------------------------------- */

/* The collector without tuning is variant 0, even if it does not take part. */
struct palette_style view_style(const struct view *v, const char *entrant) {
  const char *base = catalog_base(v->pool, entrant);
  size_t variant = 0;
  bool is_plain = strcmp(base, entrant) == 0, is_reached = is_plain;
  for (size_t i = 0; i < v->entrant_count && !is_reached; i++) {
    const char *other = v->entrants[i];
    variant += strcmp(other, base) != 0 &&
               strcmp(catalog_base(v->pool, other), base) == 0;
    is_reached = strcmp(other, entrant) == 0;
  }
  return palette_style(v->pool, entrant, variant);
}

struct chart_series *view_add_series(const struct view *v,
                                     struct chart_panel *panel,
                                     const char *entrant,
                                     enum chart_mark mark) {
  struct palette_style style = view_style(v, entrant);
  struct chart_series *s = chart_add_series(panel, v->pool);
  *s = (struct chart_series){.name = entrant,
                             .colour = style.colour,
                             .point = style.point,
                             .dash = style.dash,
                             .mark = mark};
  return s;
}

void view_add_point(const struct view *v, struct chart_series *s, double x,
                    const char *x_words, const struct effect *e,
                    const char *unit) {
  struct chart_point *p = chart_add_point(s, v->pool);
  p->x = x;
  p->y = e->ratio;
  p->low = e->low;
  p->high = e->high;
  p->hover = pool_format(v->pool, "%s | %s: %s%s", s->name, x_words,
                         digits_text(v->pool, e->ratio), unit);
  if (!isnan(e->low))
    p->hover = pool_format(v->pool, "%s (%s)", p->hover,
                           range_text(v->pool, e->low, e->high));
}

const char *view_threads_text(const struct view *v, double threads) {
  return pool_format(
      v->pool, "%.0f thread%s%s", threads, threads == 1 ? "" : "s",
      v->cores > 0 && threads > (double)v->cores ? ", oversubscribed" : "");
}

/* --- notes ---------------------------------------------------------------- */

const char *view_cut_text(const struct chart *c) {
  return axes_cut(c) ? ", cut at the frame" : "";
}

const char *view_middle_text(const struct view *v) {
  return v->blocks < 2                  ? "single runs"
         : v->blocks < MEDIAN_ORDER_MIN ? "geometric means"
                                        : "medians";
}

const char *view_spread_text(const struct view *v, const struct chart *c) {
  if (v->blocks < 2)
    return "single runs, which have no interval";
  const char *middle = view_middle_text(v);
  return chart_has_intervals(c)
             ? pool_format(v->pool, "%s with 95 %% intervals%s", middle,
                           view_cut_text(c))
             : pool_format(v->pool, "%s; too few valid runs for intervals",
                           middle);
}

const char *view_heap_text(const struct view *v) {
  return v->at_factor > 0
             ? pool_format(v->pool, "; heap factor %g", v->at_factor)
             : "";
}

const char *view_paced_text(const struct view *v, const char *words) {
  const char *text = "";
  for (size_t i = 0; i < v->workload_count; i++) {
    if (view_is_paced(v, v->workloads[i]))
      text = *text == '\0'
                 ? pool_format(v->pool, "; %s %s", words, v->workloads[i])
                 : pool_format(v->pool, "%s, %s", text, v->workloads[i]);
  }
  return text;
}
