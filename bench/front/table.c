/* SPDX-License-Identifier: MIT */
#include "bench/front/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/exit_code.h"
#include "bench/base/units.h"
#include "bench/front/commands.h"
#include "bench/rows/entries.h"
#include "bench/stats/quantile.h"

/* --- lines --------------------------------------------------------------- */

struct table {
  struct pool *pool;
  long cores;
  int workload_width, entrant_width;
  bool has_heap;
  const char *yardstick; /* the collector that the ratios are to */
  const struct entry *begin, *end;
};

static const char *text_join(struct pool *pool, const char *left,
                             const char *right) {
  return *left == '\0' ? right : pool_format(pool, "%s, %s", left, right);
}

/* "2 oom, leaves 12.0 MiB": whatever the times do not say. */
static const char *notes_text(const struct table *t, struct span entrant) {
  static const char *const statuses[] = {"oom", "timeout", "crash", "wrong",
                                         "untrusted"};
  const char *text = "";
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    size_t count = entry_count_status(entrant, statuses[i]);
    if (count > 0)
      text = text_join(t->pool, text,
                       pool_format(t->pool, "%zu %s", count, statuses[i]));
  }
  double garbage = 0;
  for (const struct entry *e = entrant.begin; e < entrant.end; e++)
    garbage = fmax(garbage, entry_number(e, RUN_GARBAGE_END));
  if (garbage > 0)
    text = text_join(
        t->pool, text,
        pool_format(t->pool, "leaves %s", bytes_text(t->pool, garbage)));
  if (t->cores > 0 && entrant.begin->threads > (double)t->cores)
    text = text_join(t->pool, text, "oversubscribed");
  return text;
}

static size_t times_take(struct span entrant, double *out) {
  size_t count = 0;
  for (const struct entry *e = entrant.begin; e < entrant.end; e++) {
    if (e->is_ok)
      out[count++] = entry_number(e, RUN_WALL_NS);
  }
  return count;
}

static void times_print(const struct table *t, double *values, size_t count) {
  if (count == 0) {
    printf("  %7s  %-12s  %3d", "-", "", 0);
    return;
  }
  struct quantile_summary s = quantile_summarize(values, count);
  struct unit unit = time_unit(s.median);
  printf("  %7s  %-12s  %3zu", time_text(t->pool, s.median),
         range_text(t->pool, s.least / unit.ns, s.greatest / unit.ns), count);
}

/* The ratio and its range; says so where not all `times` are in it. */
static const char *ratios_text(const struct table *t, double *values,
                               size_t count, size_t times) {
  if (count == 0)
    return pool_format(t->pool, "%5s", "-");
  struct quantile_summary s = quantile_summarize(values, count);
  const char *text =
      pool_format(t->pool, "%5s  %s", digits_text(t->pool, s.median),
                  range_text(t->pool, s.least, s.greatest));
  return count == times ? text : pool_format(t->pool, "%s (%zu)", text, count);
}

static void entrant_print(const struct table *t, struct span entrant,
                          struct span yardstick) {
  size_t room = (size_t)(entrant.end - entrant.begin);
  double *values = pool_alloc(t->pool, room * sizeof *values);
  size_t times = times_take(entrant, values);
  printf("  %-*s", t->entrant_width, entrant.begin->entrant);
  times_print(t, values, times);
  const char *ratio = pool_format(t->pool, "%5s", times > 0 ? "1" : "-");
  if (entrant.begin != yardstick.begin)
    ratio = ratios_text(
        t, values, entry_ratios(entrant, yardstick, RUN_WALL_NS, values, NULL),
        times);
  const char *notes = notes_text(t, entrant);
  if (*notes == '\0')
    printf("  %s\n", ratio);
  else
    printf("  %-19s  %s\n", ratio, notes);
}

/* --- the table ----------------------------------------------------------- */

static void cell_name_print(const struct table *t, const struct entry *e,
                            bool begins_workload) {
  printf("%-*s  %7.0f", t->workload_width,
         begins_workload ? e->fields[RUN_WORKLOAD] : "", e->threads);
  if (t->has_heap)
    printf("  %5s", e->heap_factor > 0 ? e->fields[RUN_HEAP_FACTOR] : "-");
}

static void cell_print(const struct table *t, struct span cell) {
  bool begins_workload =
      cell.begin == t->begin || strcmp(cell.begin[-1].fields[RUN_WORKLOAD],
                                       cell.begin->fields[RUN_WORKLOAD]) != 0;
  struct span all = {t->begin, t->end};
  struct span yardstick =
      entry_runs(all, cell, entry_find_entrant(all, t->yardstick), 0);
  struct span s = {cell.begin, cell.begin};
  while (s.end < cell.end) {
    s = span_of(s.end, cell.end, entry_compare_entrants);
    if (s.begin == cell.begin)
      cell_name_print(t, s.begin, begins_workload);
    else
      printf("%*s", t->workload_width + 9 + (t->has_heap ? 7 : 0), "");
    entrant_print(t, s, yardstick);
  }
}

static void widen(int *width, const char *text) {
  if ((int)strlen(text) > *width)
    *width = (int)strlen(text);
}

static void table_measure(struct table *t) {
  t->workload_width = (int)strlen("workload");
  t->entrant_width = (int)strlen("collector");
  for (const struct entry *e = t->begin; e < t->end; e++) {
    widen(&t->workload_width, e->fields[RUN_WORKLOAD]);
    widen(&t->entrant_width, e->entrant);
    t->has_heap |= e->heap_factor > 0;
  }
}

static void head_print(const struct table *t) {
  printf("campaign %s on %s\nwall time of a run, and its ratio to that of %s "
         "in the same block\n\n",
         t->begin->fields[RUN_CAMPAIGN], t->begin->fields[RUN_MACHINE],
         t->yardstick);
  printf("%-*s  threads%s  %-*s  %7s  %-12s  %3s  %5s  %s\n", t->workload_width,
         "workload", t->has_heap ? "   heap" : "", t->entrant_width,
         "collector", "median", "least..most", "n", "ratio", "least..most");
}

int table_print(const struct source *source) {
  struct pool *pool = source->results.pool;
  struct span all;
  int code = entries_make(&all, pool, &source->results, 1);
  if (code != EXIT_FINE)
    return code;
  struct table t = {.pool = pool,
                    .cores = source->cores,
                    .yardstick = entry_yardstick(all),
                    .begin = all.begin,
                    .end = all.end};
  table_measure(&t);
  head_print(&t);
  struct span cell = {t.begin, t.begin};
  while (cell.end < t.end) {
    cell = span_of(cell.end, t.end, entry_compare_cells);
    cell_print(&t, cell);
  }
  return EXIT_FINE;
}

int table_command(struct options *options) {
  struct source source;
  return source_chosen(&source, options) ?: table_print(&source);
}
