/* SPDX-License-Identifier: MIT */
#include "bench/plot/chart.h"

#include <math.h>
#include <string.h>

#include "bench/plot/axes.h"

struct chart_panel *chart_add_panel(struct chart *c, struct pool *pool) {
  c->panels = pool_grow(pool, c->panels, c->count, sizeof *c->panels);
  struct chart_panel *p = &c->panels[c->count++];
  *p = (struct chart_panel){.title = ""};
  return p;
}

struct chart_series *chart_add_series(struct chart_panel *p,
                                      struct pool *pool) {
  p->series = pool_grow(pool, p->series, p->count, sizeof *p->series);
  struct chart_series *s = &p->series[p->count++];
  *s = (struct chart_series){.name = "", .colour = "#000000", .point = 7};
  return s;
}

struct chart_point *chart_add_point(struct chart_series *s, struct pool *pool) {
  s->points = pool_grow(pool, s->points, s->count, sizeof *s->points);
  struct chart_point *p = &s->points[s->count++];
  *p = (struct chart_point){.low = NAN, .high = NAN, .label = ""};
  return p;
}

void chart_add_remark(struct chart_panel *p, struct pool *pool,
                      const char *colour, const char *text) {
  p->remarks = pool_grow(pool, p->remarks, p->remark_count, sizeof *p->remarks);
  p->remarks[p->remark_count++] = (struct chart_remark){colour, text};
}

bool chart_has_intervals(const struct chart *c) {
  for (size_t i = 0; i < c->count; i++) {
    const struct chart_panel *p = &c->panels[i];
    for (size_t j = 0; j < p->count; j++)
      for (size_t k = 0; k < p->series[j].count; k++)
        if (!isnan(p->series[j].points[k].low))
          return true;
  }
  return false;
}

/* --- what is drawn ------------------------------------------------------- */

/* gnuplot refuses a curve without points. */
bool chart_draws(const struct chart *c, const struct chart_series *s) {
  for (size_t i = 0; i < s->count; i++) {
    if (axes_show(c, &s->points[i]))
      return true;
  }
  return false;
}

bool chart_draws_panel(const struct chart *c, const struct chart_panel *p) {
  for (size_t i = 0; i < p->count; i++) {
    if (chart_draws(c, &p->series[i]))
      return true;
  }
  return false;
}

bool chart_is_empty(const struct chart *c) {
  for (size_t i = 0; i < c->count; i++) {
    if (chart_draws_panel(c, &c->panels[i]))
      return false;
  }
  return true;
}

static bool has_legend(const struct chart *c, const struct chart_series *s) {
  return chart_draws(c, s) && *s->name != '\0' && s->mark != CHART_DASHED &&
         s->mark != CHART_CELLS && s->mark != CHART_WORDS;
}

/* Does an earlier series have the same name? */
static bool is_repeated(const struct chart *c, size_t panel, size_t index) {
  const struct chart_series *own = &c->panels[panel].series[index];
  for (size_t i = 0; i <= panel; i++) {
    size_t count = i < panel ? c->panels[i].count : index;
    for (size_t j = 0; j < count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      if (has_legend(c, s) && strcmp(s->name, own->name) == 0)
        return true;
    }
  }
  return false;
}

bool chart_in_legend(const struct chart *c, size_t panel, size_t index) {
  return has_legend(c, &c->panels[panel].series[index]) &&
         !is_repeated(c, panel, index);
}

bool chart_has_hover(const struct chart_series *s) {
  return s->count > 0 && s->points[0].hover != NULL && s->mark != CHART_WORDS;
}
