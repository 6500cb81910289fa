/* SPDX-License-Identifier: MIT */
/* All charts of a campaign. Each fills what it finds in the rows and says
   whether that is anything. */
#ifndef PLOT_CHARTS_H
#define PLOT_CHARTS_H

#include "bench/base/sheet.h"
#include "bench/plot/view.h"

typedef bool charts_draw(const struct view *, struct chart *);

/* Against the heap's size. */
charts_draw chart_time_wall, chart_time_cpu, chart_lbo_wall, chart_lbo_cpu;
charts_draw chart_pareto;
/* Stops, and memory over time. */
charts_draw chart_pauses, chart_footprint;
charts_draw chart_mmu_system, chart_mmu_worst;
charts_draw chart_latency;
/* Against parameters of workloads that differ between campaigns. */
charts_draw chart_sweep;
/* Collectors beside each other. */
charts_draw chart_scaling, chart_forest, chart_heat, chart_cost;

/* Rows of a sheet by their figures, which begin with column `first`. There are
   two rows at least. */
void chart_spread(struct chart *, struct pool *, const struct sheet *,
                  size_t first);

#endif
