/* SPDX-License-Identifier: MIT */
/* Time against memory, with a line for each tuning of a collector. */
#include <math.h>
#include <string.h>

#include "bench/plan/catalog.h"
#include "bench/plot/charts.h"

static bool is_of(const struct view *v, size_t entrant, const char *collector) {
  return strcmp(catalog_base(v->pool, v->entrants[entrant]), collector) == 0;
}

/* Is this the first of several tunings of its collector? */
static bool begins_sweep(const struct view *v, size_t entrant,
                         const char *collector) {
  size_t count = 0;
  for (size_t i = 0; i < v->entrant_count; i++) {
    if (!is_of(v, i, collector))
      continue;
    if (i < entrant)
      return false;
    count++;
  }
  return count > 1;
}

/* The memory that was held, not the limit: a tuning may leave some unused. */
static void line_add(const struct view *v, struct chart_panel *panel,
                     const char *workload, const char *entrant) {
  struct chart_series *line = view_add_series(v, panel, entrant, CHART_LINE);
  for (size_t i = 0; i < v->factor_count; i++) {
    struct choice choice = {workload, entrant, v->at_threads, v->factors[i],
                            NULL};
    struct effect e = view_estimate(v, &choice, view_time(v, workload));
    double held = view_mean(v, &choice, &figure_held_mib);
    if (isnan(held)) /* the gap is shown by the factor's other charts */
      continue;
    const char *limit = view_limit_text(v, workload, v->factors[i]);
    view_add_point(v, line, held,
                   pool_format(v->pool, "%s, held %.1f MiB", limit, held), &e,
                   " s");
  }
}

static void panel_add(const struct view *v, struct chart *c,
                      const char *workload, const char *collector) {
  struct chart_panel *panel = chart_add_panel(c, v->pool);
  panel->title =
      pool_format(v->pool, "%s, %s", view_timed_title(v, workload), collector);
  for (size_t i = 0; i < v->entrant_count; i++) {
    if (is_of(v, i, collector))
      line_add(v, panel, workload, v->entrants[i]);
  }
}

bool chart_tuning(const struct view *v, struct chart *c) {
  for (size_t i = 0; i < v->entrant_count; i++) {
    const char *collector = catalog_base(v->pool, v->entrants[i]);
    for (size_t w = 0; w < v->workload_count && begins_sweep(v, i, collector);
         w++)
      panel_add(v, c, v->workloads[w], collector);
  }
  if (c->count == 0)
    return false;
  c->title = "Time against memory, by tuning";
  c->x_label = "peak heap size (MiB)";
  c->y_label = "time (s)";
  c->is_log_x = c->is_log_y = true;
  c->note =
      pool_format(v->pool,
                  "%s; wall time unless the title says otherwise; %s; "
                  "one point per heap limit; lower left is better",
                  view_threads_text(v, v->at_threads), view_spread_text(v, c));
  return true;
}
