/* SPDX-License-Identifier: MIT */
#include "bench/rows/entries.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/exit_code.h"
#include "bench/plan/settings.h"

/* --- order --------------------------------------------------------------- */

static int compare_numbers(double a, double b) {
  return (a > b) - (a < b);
}

/* Cells that differ in their heaps alone. */
static int compare_programs(const struct entry *a, const struct entry *b) {
  int order = strcmp(a->fields[RUN_WORKLOAD], b->fields[RUN_WORKLOAD]);
  if (order == 0)
    order = strcmp(a->fields[RUN_PARAMS], b->fields[RUN_PARAMS]);
  if (order == 0)
    order = compare_numbers(a->threads, b->threads);
  return order;
}

int entry_compare_cells(const struct entry *a, const struct entry *b) {
  int order = compare_programs(a, b);
  return order != 0 ? order : compare_numbers(a->heap_factor, b->heap_factor);
}

int entry_compare_entrants(const struct entry *a, const struct entry *b) {
  int order = entry_compare_cells(a, b);
  return order != 0 ? order : strcmp(a->entrant, b->entrant);
}

static int compare_all(const void *left, const void *right) {
  const struct entry *a = left, *b = right;
  int order = entry_compare_entrants(a, b);
  if (order == 0)
    order = (a->source > b->source) - (a->source < b->source);
  if (order == 0)
    order = compare_numbers(a->block, b->block);
  /* What was done again comes before what it replaces. */
  return order != 0 ? order
                    : compare_numbers(entry_number(b, RUN_RUN),
                                      entry_number(a, RUN_RUN));
}

struct span span_of(const struct entry *begin, const struct entry *end,
                    entry_order *compare) {
  const struct entry *last = begin + 1;
  while (last < end && compare(begin, last) == 0)
    last++;
  return (struct span){begin, last};
}

/* The first entry whose workload is at `workload` or, if `is_after`, behind
   it. */
static const struct entry *bound_find(struct span all, const char *workload,
                                      bool is_after) {
  const struct entry *begin = all.begin, *end = all.end;
  while (begin < end) {
    const struct entry *middle = begin + (end - begin) / 2;
    if (strcmp(middle->fields[RUN_WORKLOAD], workload) < is_after)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

struct span entry_workload(struct span all, const char *workload) {
  if (workload == NULL)
    return all;
  return (struct span){bound_find(all, workload, false),
                       bound_find(all, workload, true)};
}

/* --- reading ------------------------------------------------------------- */

double entry_number(const struct entry *e, size_t column) {
  /* That it is a number was seen when its file was read. */
  return *e->fields[column] != '\0' ? strtod(e->fields[column], NULL) : NAN;
}

double entry_figure(const struct entry *e, const char *name) {
  size_t column = run_column_find(name, strlen(name));
  assert(column < RUN_COLUMNS);
  return entry_number(e, column);
}

size_t entry_count_status(struct span s, const char *status) {
  size_t count = 0;
  for (const struct entry *e = s.begin; e < s.end; e++)
    count += strcmp(e->fields[RUN_STATUS], status) == 0;
  return count;
}

static const char *entrant_name(struct pool *pool, const char **fields) {
  const char *tuning = fields[RUN_TUNING];
  if (*tuning == '\0')
    return fields[RUN_COLLECTOR];
  return pool_format(pool, "%s:%s", fields[RUN_COLLECTOR], tuning);
}

static int entry_read(const struct results *r, const struct results_row *row,
                      size_t source, struct entry *e) {
  *e = (struct entry){.fields = row->fields,
                      .entrant = entrant_name(r->pool, row->fields),
                      .source = source,
                      .is_ok = strcmp(row->fields[RUN_STATUS], "ok") == 0};
  double needed;
  int code =
      results_count(r, row, RUN_THREADS, SETTINGS_THREADS_MAX, &e->threads)
          ?: results_count(r, row, RUN_BLOCK, SETTINGS_BLOCKS_MAX, &e->block);
  if (code == EXIT_FINE && e->is_ok)
    code = results_number(r, row, RUN_WALL_NS, &needed);
  if (*row->fields[RUN_HEAP_FACTOR] != '\0')
    e->heap_factor = entry_number(e, RUN_HEAP_FACTOR);
  /* Under a limit, a run that failed before its limit was known lacks it, too;
     and so does any failed run of an older schema. */
  bool tells_limit =
      e->is_ok || (e->heap_factor == 0 && r->schema->tells_limits);
  e->is_floor = tells_limit && *row->fields[RUN_HEAP_BYTES] == '\0';
  return code;
}

int entries_make(struct span *out, struct pool *pool, const struct results *r,
                 size_t count) {
  size_t rows = 0, at = 0;
  for (size_t i = 0; i < count; i++)
    rows += r[i].count;
  struct entry *entries = pool_alloc(pool, rows * sizeof *entries);
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < r[i].count; j++) {
      int code = entry_read(&r[i], &r[i].rows[j], i, &entries[at++]);
      if (code != EXIT_FINE)
        return code;
    }
  }
  if (rows > 0)
    qsort(entries, rows, sizeof *entries, compare_all);
  *out = (struct span){entries, entries + rows};
  return EXIT_FINE;
}

/* --- finding ------------------------------------------------------------- */

static struct span runs_in(struct span cell, const char *entrant,
                           size_t source) {
  struct span s = {cell.end, cell.end};
  for (const struct entry *e = cell.begin; e < cell.end; e++) {
    if (e->source != source || strcmp(e->entrant, entrant) != 0)
      continue;
    s.begin = s.begin == cell.end ? e : s.begin;
    s.end = e + 1;
  }
  return s;
}

static bool has_floor(struct span s) {
  for (const struct entry *e = s.begin; e < s.end; e++) {
    if (e->is_floor)
      return true;
  }
  return false;
}

/* The cells of a program begin with the one without a limit. */
struct span entry_runs(struct span all, struct span cell, const char *entrant,
                       size_t source) {
  struct span s = runs_in(cell, entrant, source);
  if (s.begin < s.end || cell.begin->heap_factor == 0)
    return s;
  const struct entry *first = cell.begin;
  while (first > all.begin && compare_programs(first - 1, cell.begin) == 0)
    first--;
  struct span floor = {first, first};
  while (floor.end < cell.begin && floor.end->heap_factor == 0)
    floor.end++;
  floor = runs_in(floor, entrant, source);
  return has_floor(floor) ? floor : s;
}

/* --- ratios -------------------------------------------------------------- */

/* Is entry `a` the better yardstick? */
static bool is_better(const struct entry *a, const struct entry *b) {
  const char *name = a->fields[RUN_COLLECTOR];
  const char *other = b->fields[RUN_COLLECTOR];
  if (a->is_ok != b->is_ok)
    return a->is_ok;
  if (strcmp(name, "rc") == 0 || strcmp(other, "rc") == 0)
    return strcmp(other, "rc") != 0;
  return strcmp(name, other) < 0;
}

const char *entry_yardstick(struct span all) {
  const struct entry *best = all.begin;
  for (const struct entry *e = all.begin; e < all.end; e++)
    best = is_better(e, best) ? e : best;
  return best->fields[RUN_COLLECTOR];
}

const char *entry_find_entrant(struct span all, const char *name) {
  const char *found = NULL;
  for (const struct entry *e = all.begin; e < all.end; e++) {
    if (strcmp(e->entrant, name) == 0)
      return e->entrant;
    if (found == NULL && strcmp(e->fields[RUN_COLLECTOR], name) == 0)
      found = e->entrant;
  }
  return found;
}

size_t entry_ratios(struct span s, struct span yardstick, size_t column,
                    double *ratios, double *blocks) {
  size_t count = 0;
  const struct entry *y = yardstick.begin; /* the first of its block */
  for (const struct entry *e = s.begin; e < s.end; e++) {
    while (y < yardstick.end && y->block < e->block)
      y++;
    if (y == yardstick.end || y->block != e->block || !e->is_ok || !y->is_ok)
      continue;
    double of = entry_number(e, column), to = entry_number(y, column);
    if (!(of > 0 && to > 0)) /* or not measured */
      continue;
    if (blocks != NULL)
      blocks[count] = e->block;
    ratios[count++] = of / to;
  }
  return count;
}
