/* SPDX-License-Identifier: MIT */
#include "bench/front/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/exit_code.h"
#include "bench/base/units.h"
#include "bench/front/cards.h"
#include "bench/front/commands.h"
#include "bench/rows/headline.h"
#include "bench/stats/quantile.h"

static const char *const failures[] = {"oom", "timeout", "crash", "wrong",
                                       "untrusted"};
enum { FAILURES = sizeof failures / sizeof *failures };

/* People read times with their units, and notes; programs read the figures
   behind them. */
enum column {
  WORKLOAD,
  PARAMS,
  THREADS,
  HEAP,
  LIMIT,
  HEAP_BYTES,
  COLLECTOR,
  MEDIAN,
  RANGE,
  N,
  MEDIAN_NS,
  MIN_NS,
  MAX_NS,
  RATIO,
  RATIO_RANGE,
  RATIO_N,
  RATIO_MIN,
  RATIO_MAX,
  FAILED, /* a column for each failure */
  GARBAGE = FAILED + FAILURES,
  METRIC,
  LEAVES,
  NOTES,
  COLUMNS
};
enum { FIGURE = SHEET_NUMBER | SHEET_DATA };
static const struct sheet_column columns[COLUMNS] = {
    [WORKLOAD] = {"workload", SHEET_WORD},
    [PARAMS] = {"params", SHEET_DATA},
    [THREADS] = {"threads", SHEET_NUMBER},
    [HEAP] = {"heap", SHEET_NUMBER | SHEET_OPTIONAL},
    [LIMIT] = {"MiB", SHEET_NUMBER | SHEET_PEOPLE | SHEET_OPTIONAL},
    [HEAP_BYTES] = {"heap_bytes", FIGURE},
    [COLLECTOR] = {"collector", SHEET_NAME},
    [MEDIAN] = {"median", SHEET_NUMBER | SHEET_PEOPLE},
    [RANGE] = {"min..max", SHEET_PEOPLE},
    [N] = {"n", SHEET_NUMBER},
    [MEDIAN_NS] = {"median_ns", FIGURE},
    [MIN_NS] = {"min_ns", FIGURE},
    [MAX_NS] = {"max_ns", FIGURE},
    [RATIO] = {"ratio", SHEET_NUMBER},
    [RATIO_RANGE] = {"min..max", SHEET_PEOPLE},
    [RATIO_N] = {"ratio_n", FIGURE},
    [RATIO_MIN] = {"ratio_min", FIGURE},
    [RATIO_MAX] = {"ratio_max", FIGURE},
    [FAILED] = {"oom", FIGURE},
    [FAILED + 1] = {"timeout", FIGURE},
    [FAILED + 2] = {"crash", FIGURE},
    [FAILED + 3] = {"wrong", FIGURE},
    [FAILED + 4] = {"untrusted", FIGURE},
    [GARBAGE] = {"garbage_end", FIGURE},
    [METRIC] = {"metric", SHEET_DATA},
    [LEAVES] = {"leaves", SHEET_NUMBER | SHEET_PEOPLE | SHEET_OPTIONAL},
    [NOTES] = {"notes",
               SHEET_NOTES | SHEET_COLOURED | SHEET_PEOPLE | SHEET_OPTIONAL},
};

struct table {
  struct pool *pool;
  enum sheet_format format;
  long cores;
  const char *yardstick; /* the collector that the ratios are to */
  struct span all;
  struct sheet sheet;
  bool has_paced; /* any of its rows is of a workload with a set rate */
};

/* --- notes ---------------------------------------------------------------- */

static const char *text_join(struct pool *pool, const char *left,
                             const char *right) {
  return *left == '\0' ? right : pool_format(pool, "%s, %s", left, right);
}

static const char *count_text(const struct table *t, size_t count) {
  return pool_format(t->pool, "%zu", count);
}

/* "2 oom"; the row is coloured then. */
static const char *failures_fill(struct table *t, struct span entrant,
                                 const char **row) {
  const char *text = "";
  for (size_t i = 0; i < FAILURES; i++) {
    size_t count = entry_count_status(entrant, failures[i]);
    row[FAILED + i] = count_text(t, count);
    if (count == 0)
      continue;
    sheet_colour(&t->sheet, COLOUR_FAILED);
    text = text_join(t->pool, text,
                     pool_format(t->pool, "%zu %s", count, failures[i]));
  }
  return text;
}

static double garbage_most(struct span entrant) {
  double garbage = 0;
  for (const struct entry *e = entrant.begin; e < entrant.end; e++)
    garbage = fmax(garbage, entry_number(e, RUN_GARBAGE_END));
  return garbage;
}

/* "2 oom, oversubscribed": whatever the times do not say. */
static void notes_fill(struct table *t, struct span entrant, const char **row) {
  const char *text = failures_fill(t, entrant, row);
  double garbage = garbage_most(entrant);
  row[GARBAGE] = pool_format(t->pool, "%.0f", garbage);
  if (garbage > 0)
    row[LEAVES] = bytes_text(t->pool, garbage);
  if (t->cores > 0 && entrant.begin->threads > (double)t->cores)
    text = text_join(t->pool, text, "oversubscribed");
  row[NOTES] = text;
}

/* --- times and ratios ----------------------------------------------------- */

static size_t times_take(struct span entrant, size_t column, double *out) {
  size_t count = 0;
  for (const struct entry *e = entrant.begin; e < entrant.end; e++) {
    if (e->is_ok && *e->fields[column] != '\0')
      out[count++] = entry_number(e, column);
  }
  return count;
}

static const char *none_text(const struct table *t) {
  return sheet_is_data(t->format) ? "" : "-";
}

static const char *figure_text(const struct table *t, double value) {
  return pool_format(t->pool, "%.6g", value);
}

static const char *ns_text(const struct table *t, double ns) {
  return pool_format(t->pool, "%.0f", ns);
}

static void times_fill(const struct table *t, double *values, size_t count,
                       const char **row) {
  row[N] = count_text(t, count);
  row[MEDIAN] = "-";
  if (count == 0)
    return;
  struct quantile_summary s = quantile_summarize(values, count);
  struct unit unit = time_unit(s.median);
  row[MEDIAN] = time_text(t->pool, s.median);
  row[RANGE] = range_text(t->pool, s.least / unit.ns, s.greatest / unit.ns);
  row[MEDIAN_NS] = ns_text(t, s.median);
  row[MIN_NS] = ns_text(t, s.least);
  row[MAX_NS] = ns_text(t, s.greatest);
}

/* The range notes the number of ratios if it is not that of `times`. */
static void ratios_fill(const struct table *t, double *values, size_t count,
                        size_t times, const char **row) {
  row[RATIO_N] = count_text(t, count);
  row[RATIO] = none_text(t);
  if (count == 0)
    return;
  struct quantile_summary s = quantile_summarize(values, count);
  const char *range = range_text(t->pool, s.least, s.greatest);
  row[RATIO] = sheet_is_data(t->format) ? figure_text(t, s.median)
                                        : digits_text(t->pool, s.median);
  row[RATIO_RANGE] =
      count == times ? range : pool_format(t->pool, "%s (%zu)", range, count);
  row[RATIO_MIN] = figure_text(t, s.least);
  row[RATIO_MAX] = figure_text(t, s.greatest);
}

/* --- rows ----------------------------------------------------------------- */

/* All collectors of a cell have the same limit. People read it in MiB. */
static void limit_fill(const struct table *t, const struct entry *e,
                       const char **row) {
  double bytes = entry_number(e, RUN_HEAP_BYTES);
  if (!(bytes > 0))
    return;
  row[HEAP_BYTES] = e->fields[RUN_HEAP_BYTES];
  row[LIMIT] = digits_text(t->pool, bytes / (1 << 20));
}

static bool is_first_of_workload(const struct table *t, const struct entry *e) {
  return e == t->all.begin ||
         strcmp(e[-1].fields[RUN_WORKLOAD], e->fields[RUN_WORKLOAD]) != 0;
}

/* People read "requests p99.9"; programs have a column for the figure. */
static const char *subject_text(const struct table *t, const struct entry *e,
                                size_t column) {
  const char *workload = e->fields[RUN_WORKLOAD];
  if (column == RUN_WALL_NS || sheet_is_data(t->format))
    return workload;
  return pool_format(t->pool, "%s %s", workload, headline_short(column));
}

/* Text names a workload and a cell only in the first row of each. */
static void names_fill(const struct table *t, const struct entry *e,
                       size_t column, bool is_head, const char **row) {
  bool repeats = t->format == SHEET_TEXT;
  bool is_wall = column == RUN_WALL_NS;
  row[PARAMS] = e->fields[RUN_PARAMS];
  row[COLLECTOR] = e->entrant;
  row[METRIC] = run_columns[column];
  if (!repeats || (is_head && (!is_wall || is_first_of_workload(t, e))))
    row[WORKLOAD] = subject_text(t, e, column);
  if (repeats && !is_head)
    return;
  row[THREADS] = pool_format(t->pool, "%.0f", e->threads);
  row[HEAP] = e->heap_factor > 0 ? e->fields[RUN_HEAP_FACTOR] : "-";
  limit_fill(t, e, row);
}

static void entrant_add(struct table *t, struct span entrant,
                        struct span yardstick, size_t column, bool is_head) {
  size_t room = (size_t)(entrant.end - entrant.begin);
  double *values = pool_alloc(t->pool, room * sizeof *values);
  const char **row = sheet_add(&t->sheet);
  size_t times = times_take(entrant, column, values);
  names_fill(t, entrant.begin, column, is_head, row);
  times_fill(t, values, times, row);
  row[RATIO] = times > 0 ? "1" : none_text(t);
  if (entrant.begin != yardstick.begin) {
    size_t count = entry_ratios(entrant, yardstick, column, values, NULL);
    ratios_fill(t, values, count, times, row);
  }
  notes_fill(t, entrant, row);
}

static void figure_add(struct table *t, struct span cell, size_t column) {
  struct span yardstick =
      entry_runs(t->all, cell, entry_find_entrant(t->all, t->yardstick), 0);
  struct span s = {cell.begin, cell.begin};
  t->has_paced |= column != RUN_WALL_NS;
  while (s.end < cell.end) {
    s = span_of(s.end, cell.end, entry_compare_entrants);
    entrant_add(t, s, yardstick, column, s.begin == cell.begin);
  }
}

static void cell_add(struct table *t, struct span cell) {
  size_t columns[HEADLINE_MAX];
  size_t count = headline_columns(cell, columns);
  for (size_t i = 0; i < count; i++)
    figure_add(t, cell, columns[i]);
}

/* --- the table ------------------------------------------------------------ */

static void head_print(const struct table *t, bool has_summary) {
  const struct entry *first = t->all.begin;
  struct summary summary;
  printf("campaign %s on %s\n\n", first->fields[RUN_CAMPAIGN],
         first->fields[RUN_MACHINE]);
  if (has_summary) {
    summary_make(&summary, t->pool, t->all);
    cards_print(&summary);
  }
  printf("wall time of a run, and its ratio to that of %s in the same "
         "block\n",
         t->yardstick);
  if (t->has_paced)
    puts("where requests come at a set rate: response time from when a request "
         "was due (p99.9\nor another percentile), and CPU time (CPU)");
  putchar('\n');
}

int table_print(const struct source *source, enum sheet_format format,
                bool has_summary) {
  struct pool *pool = source->results.pool;
  struct table t = {
      .pool = pool,
      .format = format,
      .cores = source->cores,
      .sheet = {.pool = pool, .columns = columns, .column_count = COLUMNS}};
  int code = entries_make(&t.all, pool, &source->results, 1);
  if (code != EXIT_FINE)
    return code;
  t.yardstick = entry_yardstick(t.all);
  struct span cell = {t.all.begin, t.all.begin};
  while (cell.end < t.all.end) {
    cell = span_of(cell.end, t.all.end, entry_compare_cells);
    cell_add(&t, cell);
  }
  if (!sheet_is_data(format))
    head_print(&t, has_summary);
  sheet_write(&t.sheet, format, stdout);
  return EXIT_FINE;
}

int table_command(struct options *options) {
  struct source source;
  enum sheet_format format;
  return sheet_format_read(options->text[OPTION_FORMAT], &format)
             ?: source_chosen(&source, options)
             ?: table_print(&source, format, true);
}
