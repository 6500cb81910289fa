/* SPDX-License-Identifier: MIT */
/* All charts of a campaign. Each function adds the data that the rows contain
   and returns false if there are none. */
#ifndef PLOT_CHARTS_H
#define PLOT_CHARTS_H

#include "bench/base/sheet.h"
#include "bench/plot/view.h"

typedef bool charts_draw(const struct view *, struct chart *);

/* One panel for each workload, with a curve for each entrant. `add` returns
   whether it had data. */
typedef bool charts_curve(const struct view *, struct chart_panel *,
                          size_t workload, size_t entrant);
bool charts_panels(const struct view *, struct chart *, charts_curve *add);

/* Against heap size. */
charts_draw chart_time_wall, chart_time_cpu, chart_lbo_wall, chart_lbo_cpu;
charts_draw chart_pareto;
/* Against memory, for each tuning of a collector. */
charts_draw chart_tuning;
/* Pauses, and memory over time. */
charts_draw chart_pauses, chart_footprint;
charts_draw chart_mmu_system, chart_mmu_worst;
charts_draw chart_latency;
/* Against parameters of workloads that differ between campaigns. */
charts_draw chart_sweep, chart_sweep_pauses;
/* Collectors compared. */
charts_draw chart_scaling, chart_forest, chart_heat, chart_cost;

/* Plots the rows of a sheet, at least two, by their figures. Column `first` is
   the first figure. */
void chart_spread(struct chart *, struct pool *, const struct sheet *,
                  size_t first);
/* The logarithms of these figures, row by row, for bench/stats/spread.h. */
double *chart_spread_figures(struct pool *, const struct sheet *, size_t first);

#endif
