# SPDX-License-Identifier: MIT
# The libraries and the sources of the bench.

# C code that knows no collector.
add_library(bench STATIC
  bench/base/number.c
  bench/base/pages.c
  bench/stats/drag.c
  bench/stats/histogram.c
  bench/stats/lbo.c
  bench/stats/mmu.c
  bench/stats/pareto.c
  bench/stats/quantile.c)
target_link_libraries(bench PUBLIC m)

# What makes figures out of rows. The runners do without it.
add_library(stats STATIC
  bench/stats/effect.c
  bench/stats/family.c
  bench/stats/median.c
  bench/stats/modes.c
  bench/stats/moderated.c
  bench/stats/overall.c
  bench/stats/power.c
  bench/stats/room.c
  bench/stats/spread.c
  bench/stats/verdict.c)
target_link_libraries(stats PUBLIC bench PRIVATE PkgConfig::gsl)

# What every sweepstakes-<collector> is made of, beside its main.c, the shim
# and the collector.
set(RUNNER_SOURCES
  bench/micro/micro.c
  bench/micro/pair.c
  bench/micro/suite.c
  bench/micro/table.c
  bench/runner/calibrate.c
  bench/runner/cores.c
  bench/runner/counters.c
  bench/runner/describe.c
  bench/runner/gang.c
  bench/runner/hiccup.c
  bench/runner/job.c
  bench/runner/latency.c
  bench/runner/modes.c
  bench/runner/options.c
  bench/runner/prefault.c
  bench/runner/process.c
  bench/runner/recorder.c
  bench/runner/report.c
  bench/runner/rows.c
  bench/runner/sampler.c
  bench/runner/say.c
  bench/runner/service.c
  bench/runner/session.c
  bench/runner/suite.c)

# The front end: plans, runs, compares, draws, reports.
set(FRONT_SOURCES
  bench/base/child.c
  bench/base/columns.c
  bench/base/colour.c
  bench/base/csv.c
  bench/base/json.c
  bench/base/paragraph.c
  bench/base/pool.c
  bench/base/say.c
  bench/base/sheet.c
  bench/base/suggest.c
  bench/base/text.c
  bench/base/units.c
  bench/plan/applies.c
  bench/plan/catalog.c
  bench/plan/command.c
  bench/plan/names.c
  bench/plan/noise_limits.c
  bench/plan/option_cards.c
  bench/plan/options.c
  bench/plan/plan.c
  bench/plan/presets.c
  bench/plan/settings.c
  bench/plan/sweep.c
  bench/rows/campaign.c
  bench/rows/entries.c
  bench/rows/environment.c
  bench/rows/finds.c
  bench/rows/headline.c
  bench/rows/history.c
  bench/rows/min_heaps.c
  bench/rows/newest.c
  bench/rows/record.c
  bench/rows/results.c
  bench/rows/source.c
  bench/rows/unfinished.c
  bench/rows/summary.c
  bench/rows/summary_words.c
  bench/rows/versus.c
  bench/rows/versus_words.c
  bench/race/attempt.c
  bench/race/bisection.c
  bench/race/checksums.c
  bench/race/estimate.c
  bench/race/heap_search.c
  bench/race/limits.c
  bench/race/machine.c
  bench/race/noise.c
  bench/race/progress.c
  bench/race/race.c
  bench/race/search.c
  bench/plot/axes.c
  bench/plot/chart.c
  bench/plot/companions.c
  bench/plot/heap_charts.c
  bench/plot/palette.c
  bench/plot/latency_chart.c
  bench/plot/layout.c
  bench/plot/pause_charts.c
  bench/plot/plot.c
  bench/plot/ratio_charts.c
  bench/plot/script.c
  bench/plot/side_charts.c
  bench/plot/spread_chart.c
  bench/plot/sweep_chart.c
  bench/plot/tuning_chart.c
  bench/plot/view.c
  bench/report/captions.c
  bench/report/cells.c
  bench/report/changes.c
  bench/report/data.c
  bench/report/figures.c
  bench/report/first.c
  bench/report/html.c
  bench/report/report.c
  bench/report/table.c
  bench/report/trust.c
  bench/front/characterise.c
  bench/front/completion.c
  bench/front/compare.c
  bench/front/export.c
  bench/front/help.c
  bench/front/list.c
  bench/front/manual.c
  bench/front/max_rate.c
  bench/front/merge.c
  bench/front/min_heap.c
  bench/front/plan.c
  bench/front/plot.c
  bench/front/report.c
  bench/front/run.c
  bench/front/cards.c
  bench/front/recommend.c
  bench/front/table.c
  bench/front/trust.c
  bench/front/tune.c
  bench/front/verbs.c)
