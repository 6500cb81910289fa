/* SPDX-License-Identifier: MIT */
/* Time and pauses against the parameters that differ between campaigns. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "bench/base/number.h"
#include "bench/plot/charts.h"

/* A parameter with a larger range gets a logarithmic axis. */
static const double LINEAR_RANGE = 30;

struct sweep {
  const struct view *view;
  const char *workload;
  const char *base; /* parameters of the workload in the first campaign */
  char **names;     /* parameters that vary */
  size_t name_count;
  bool of_pauses;
};

struct curve {
  struct figure figure;
  enum chart_mark mark;
  const char *unit;
};
enum { CURVES = 2 };

/* --- "a=1;b=2" ----------------------------------------------------------- */

/* The part of `params` that begins with "name="; NULL if there is none. */
static const char *param_find(const char *params, const char *name) {
  size_t length = strlen(name);
  for (const char *at = params; at != NULL; at = strchr(at, ';')) {
    at += *at == ';';
    if (strncmp(at, name, length) == 0 && at[length] == '=')
      return at;
  }
  return NULL;
}

/* The value of a parameter if all other parameters equal those of the base;
   else NAN. */
static double value_of(const struct sweep *s, const char *params,
                       const char *name) {
  const char *own = param_find(params, name);
  const char *base = param_find(s->base, name);
  if (own == NULL || base == NULL || own - params != base - s->base ||
      memcmp(params, s->base, (size_t)(own - params)) != 0 ||
      strcmp(own + strcspn(own, ";"), base + strcspn(base, ";")) != 0)
    return NAN;
  const char *text = own + strlen(name) + 1;
  double value;
  const char *copy = pool_copy(s->view->pool, text, strcspn(text, ";"));
  return number_real(copy, -DBL_MAX, DBL_MAX, &value) == NUMBER_FINE ? value
                                                                     : NAN;
}

static void name_add(struct sweep *s, const char *piece) {
  char *name = pool_copy(s->view->pool, piece, strcspn(piece, "="));
  for (size_t i = 0; i < s->name_count; i++) {
    if (strcmp(s->names[i], name) == 0)
      return;
  }
  s->names =
      pool_grow(s->view->pool, s->names, s->name_count, sizeof *s->names);
  s->names[s->name_count++] = name;
}

/* Records the names of parameters that differ from the base. */
static void names_take(struct sweep *s, const char *params) {
  for (const char *at = s->base; at != NULL; at = strchr(at, ';')) {
    at += *at == ';';
    const char *name = pool_copy(s->view->pool, at, strcspn(at, "="));
    double own = value_of(s, params, name), base = value_of(s, s->base, name);
    if (!isnan(own) && own != base)
      name_add(s, name);
  }
}

/* --- panels -------------------------------------------------------------- */

static bool is_of_workload(const struct sweep *s, const struct entry *e) {
  return strcmp(e->fields[RUN_WORKLOAD], s->workload) == 0 &&
         *e->fields[RUN_PARAMS] != '\0';
}

/* The smallest value above `after`, and the parameters of its run. */
static double value_next(const struct sweep *s, const char *name, double after,
                         const char **params) {
  double next = INFINITY;
  const struct span from = s->view->family;
  for (const struct entry *e = from.begin; e < from.end; e++) {
    if (!is_of_workload(s, e))
      continue;
    double value = value_of(s, e->fields[RUN_PARAMS], name);
    if (value > after && value < next) {
      next = value;
      *params = e->fields[RUN_PARAMS];
    }
  }
  return next;
}

/* The curves of each entrant. */
static size_t curves_choose(const struct sweep *s, struct curve *curves) {
  if (!s->of_pauses) {
    curves[0] =
        (struct curve){*view_time(s->view, s->workload), CHART_LINE, " s"};
    return 1;
  }
  curves[0] = (struct curve){{"pause_max_ns", 1e-6, NULL}, CHART_LINE, " ms"};
  curves[1] = (struct curve){{"pause_p50_ns", 1e-6, NULL}, CHART_DASHED, " ms"};
  return CURVES;
}

static void curve_add(const struct sweep *s, struct chart_panel *panel,
                      const char *name, const char *entrant,
                      const struct curve *curve) {
  const struct view *v = s->view;
  struct chart_series *line = view_add_series(v, panel, entrant, curve->mark);
  const char *params = NULL;
  for (double x = -INFINITY;
       (x = value_next(s, name, x, &params)) < INFINITY;) {
    struct choice choice = {s->workload, entrant, v->at_threads,
                            view_factor(v, entrant), params};
    struct effect e = view_estimate(v, &choice, &curve->figure);
    view_add_point(v, line, x, pool_format(v->pool, "%s = %g", name, x), &e,
                   curve->unit);
  }
}

static void panel_add(const struct sweep *s, struct chart *c,
                      const char *name) {
  const struct view *v = s->view;
  struct chart_panel *panel = chart_add_panel(c, v->pool);
  panel->title = pool_format(
      v->pool, "%s, %s",
      s->of_pauses ? s->workload : view_timed_title(v, s->workload), name);
  struct curve curves[CURVES];
  size_t count = curves_choose(s, curves);
  for (size_t i = 0; i < v->entrant_count; i++)
    for (size_t j = 0; j < count; j++)
      curve_add(s, panel, name, v->entrants[i], &curves[j]);
}

/* Are all drawn points positive, and do they span a large range? */
static bool is_wide(const struct chart *c) {
  double least = INFINITY, greatest = -INFINITY;
  for (size_t i = 0; i < c->count; i++) {
    const struct chart_series *s = &c->panels[i].series[0];
    for (size_t j = 0; j < s->count; j++) {
      least = fmin(least, s->points[j].x);
      greatest = fmax(greatest, s->points[j].x);
    }
  }
  return least > 0 && greatest > LINEAR_RANGE * least;
}

/* A panel for each parameter of each workload. Returns whether there is one. */
static bool panels_add(const struct view *v, struct chart *c, bool of_pauses) {
  for (size_t w = 0; w < v->workload_count; w++) {
    struct sweep s = {
        .view = v, .workload = v->workloads[w], .of_pauses = of_pauses};
    for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
      if (s.base == NULL && is_of_workload(&s, e))
        s.base = e->fields[RUN_PARAMS];
    }
    const struct span from = v->family;
    for (const struct entry *e = from.begin; s.base != NULL && e < from.end;
         e++) {
      if (is_of_workload(&s, e))
        names_take(&s, e->fields[RUN_PARAMS]);
    }
    for (size_t i = 0; i < s.name_count; i++)
      panel_add(&s, c, s.names[i]);
  }
  c->x_label = "parameter value";
  c->is_log_x = is_wide(c);
  c->is_log_y = true;
  return c->count > 0;
}

static const char *note_format(const struct view *v, const struct chart *c,
                               const char *what) {
  return pool_format(v->pool, "%s%s; %s; %s; one campaign per value",
                     view_threads_text(v, v->at_threads), view_heap_text(v),
                     what, view_spread_text(v, c));
}

bool chart_sweep(const struct view *v, struct chart *c) {
  c->title = "Time against workload parameters";
  c->y_label = "time (s)";
  bool any = panels_add(v, c, false);
  c->note = note_format(v, c, "wall time unless the title says otherwise");
  return any;
}

bool chart_sweep_pauses(const struct view *v, struct chart *c) {
  c->title = "Pauses against workload parameters";
  c->y_label = "pause (ms)";
  bool any = panels_add(v, c, true);
  c->note = note_format(v, c,
                        "the longest pause of a run; dashed: its median; a "
                        "collector that never stops the world has no curve");
  return any;
}
