/* SPDX-License-Identifier: MIT */
#include "bench/front/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/front/say.h"
#include "bench/stats/quantile.h"

/* The collector that the others are measured by, where it took part. */
static const char YARDSTICK[] = "rc";

/* A row that takes part, with the numbers that the table needs. */
struct entry {
  const char **fields;
  double threads, heap_factor, block, wall_ns, garbage;
  bool is_ok;
};

/* --- order: cells, then entrants, then blocks ---------------------------- */

static int compare_numbers(double a, double b) {
  return (a > b) - (a < b);
}

static int compare_cells(const struct entry *a, const struct entry *b) {
  int order = strcmp(a->fields[RUN_WORKLOAD], b->fields[RUN_WORKLOAD]);
  if (order == 0)
    order = strcmp(a->fields[RUN_PARAMS], b->fields[RUN_PARAMS]);
  if (order == 0)
    order = compare_numbers(a->threads, b->threads);
  if (order == 0)
    order = compare_numbers(a->heap_factor, b->heap_factor);
  return order;
}

static int compare_entrants(const struct entry *a, const struct entry *b) {
  int order = compare_cells(a, b);
  if (order == 0)
    order = strcmp(a->fields[RUN_COLLECTOR], b->fields[RUN_COLLECTOR]);
  if (order == 0)
    order = strcmp(a->fields[RUN_TUNING], b->fields[RUN_TUNING]);
  return order;
}

static int compare_entries(const void *left, const void *right) {
  const struct entry *a = left, *b = right;
  int order = compare_entrants(a, b);
  return order != 0 ? order : compare_numbers(a->block, b->block);
}

/* Entries that lie together and are equal to the first in some order. */
struct span {
  const struct entry *begin, *end;
};

static struct span span_of(const struct entry *begin, const struct entry *end,
                           int (*compare)(const struct entry *,
                                          const struct entry *)) {
  const struct entry *last = begin + 1;
  while (last < end && compare(begin, last) == 0)
    last++;
  return (struct span){begin, last};
}

/* --- reading ------------------------------------------------------------- */

/* An empty field is zero. Exit code. */
static int number_read(const struct results *r, const struct results_row *row,
                       enum run_column column, double *out) {
  *out = 0;
  return *row->fields[column] == '\0' ? EXIT_FINE
                                      : results_number(r, row, column, out);
}

static int entry_read(const struct results *r, const struct results_row *row,
                      struct entry *e) {
  e->fields = row->fields;
  e->is_ok = strcmp(row->fields[RUN_STATUS], "ok") == 0;
  int code = results_number(r, row, RUN_THREADS, &e->threads);
  if (code == EXIT_FINE)
    code = results_number(r, row, RUN_BLOCK, &e->block);
  if (code == EXIT_FINE)
    code = number_read(r, row, RUN_HEAP_FACTOR, &e->heap_factor);
  if (code == EXIT_FINE)
    code = number_read(r, row, RUN_GARBAGE_END, &e->garbage);
  if (code == EXIT_FINE && e->is_ok)
    code = results_number(r, row, RUN_WALL_NS, &e->wall_ns);
  return code;
}

/* --- lines --------------------------------------------------------------- */

struct table {
  struct pool *pool;
  long cores;
  int workload_width, entrant_width;
  bool has_heap;
  const char *yardstick; /* the collector that the ratios are to */
  const struct entry *begin, *end;
};

static const char *entrant_name(struct pool *pool, const struct entry *e) {
  const char *tuning = e->fields[RUN_TUNING];
  if (*tuning == '\0')
    return e->fields[RUN_COLLECTOR];
  return pool_format(pool, "%s:%s", e->fields[RUN_COLLECTOR], tuning);
}

/* Three digits, as far as they go: 0.123, 1.23, 12.3, 123. */
static const char *digits_text(struct pool *pool, double value) {
  int decimals = value < 0.9995 ? 3 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return pool_format(pool, "%.*f", decimals, value);
}

static const char *range_text(struct pool *pool, double least, double most) {
  return pool_format(pool, "%s..%s", digits_text(pool, least),
                     digits_text(pool, most));
}

struct unit {
  const char *name;
  double ns;
};

static struct unit time_unit(double ns) {
  static const struct unit units[] = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  size_t i = 0;
  while (i < 3 && ns >= 999.5 * units[i].ns)
    i++;
  return units[i];
}

static const char *bytes_text(struct pool *pool, double bytes) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; unit < 3 && bytes >= 1023.5; unit++)
    bytes /= 1024;
  return pool_format(pool, "%.*f %s", unit > 0 && bytes < 99.5 ? 1 : 0, bytes,
                     units[unit]);
}

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
    size_t count = 0;
    for (const struct entry *e = entrant.begin; e < entrant.end; e++)
      count += strcmp(e->fields[RUN_STATUS], statuses[i]) == 0;
    if (count > 0)
      text = text_join(t->pool, text,
                       pool_format(t->pool, "%zu %s", count, statuses[i]));
  }
  double garbage = 0;
  for (const struct entry *e = entrant.begin; e < entrant.end; e++)
    garbage = e->garbage > garbage ? e->garbage : garbage;
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
      out[count++] = e->wall_ns;
  }
  return count;
}

/* Of this entrant to the yardstick, in blocks where both came through. Both
   are in the order of their blocks. */
static size_t ratios_take(struct span entrant, struct span yardstick,
                          double *out) {
  size_t count = 0;
  const struct entry *y = yardstick.begin;
  for (const struct entry *e = entrant.begin; e < entrant.end; e++) {
    while (y < yardstick.end && y->block < e->block)
      y++;
    if (y < yardstick.end && y->block == e->block && e->is_ok && y->is_ok &&
        y->wall_ns > 0)
      out[count++] = e->wall_ns / y->wall_ns;
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
  const char *median = pool_format(
      t->pool, "%s %s", digits_text(t->pool, s.median / unit.ns), unit.name);
  printf("  %7s  %-12s  %3zu", median,
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
  printf("  %-*s", t->entrant_width, entrant_name(t->pool, entrant.begin));
  times_print(t, values, times);
  const char *ratio = pool_format(t->pool, "%5s", times > 0 ? "1" : "-");
  if (entrant.begin != yardstick.begin)
    ratio =
        ratios_text(t, values, ratios_take(entrant, yardstick, values), times);
  const char *notes = notes_text(t, entrant);
  if (*notes == '\0')
    printf("  %s\n", ratio);
  else
    printf("  %-19s  %s\n", ratio, notes);
}

/* --- the table ----------------------------------------------------------- */

static const char *yardstick_name(const struct results *r) {
  const char *first = r->rows[0].fields[RUN_COLLECTOR];
  for (size_t i = 0; i < r->count; i++) {
    const char *name = r->rows[i].fields[RUN_COLLECTOR];
    if (strcmp(name, YARDSTICK) == 0)
      return name;
    first = strcmp(name, first) < 0 ? name : first;
  }
  return first;
}

/* Empty where it did not run. */
static struct span yardstick_find(const struct table *t, struct span cell) {
  struct span s = {cell.begin, cell.begin};
  while (s.end < cell.end) {
    s = span_of(s.end, cell.end, compare_entrants);
    if (strcmp(s.begin->fields[RUN_COLLECTOR], t->yardstick) == 0)
      return s;
  }
  return (struct span){cell.end, cell.end};
}

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
  struct span yardstick = yardstick_find(t, cell);
  struct span s = {cell.begin, cell.begin};
  while (s.end < cell.end) {
    s = span_of(s.end, cell.end, compare_entrants);
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
    widen(&t->entrant_width, entrant_name(t->pool, e));
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

int table_print(struct pool *pool, const struct results *r, long cores) {
  if (r->count == 0)
    return complain(EXIT_RESULTS, "%s has no finished run", r->path);
  struct entry *entries = pool_alloc(pool, r->count * sizeof *entries);
  for (size_t i = 0; i < r->count; i++) {
    int code = entry_read(r, &r->rows[i], &entries[i]);
    if (code != EXIT_FINE)
      return code;
  }
  qsort(entries, r->count, sizeof *entries, compare_entries);
  struct table t = {.pool = pool,
                    .cores = cores,
                    .yardstick = yardstick_name(r),
                    .begin = entries,
                    .end = entries + r->count};
  table_measure(&t);
  head_print(&t);
  struct span cell = {t.begin, t.begin};
  while (cell.end < t.end) {
    cell = span_of(cell.end, t.end, compare_cells);
    cell_print(&t, cell);
  }
  return EXIT_FINE;
}
