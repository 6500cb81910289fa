/* SPDX-License-Identifier: MIT */
#include "bench/rows/versus.h"

#include <math.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/stats/family.h"

/* A cell of one side: its ratios to the base, by block. */
struct row {
  const struct entry *cell, *heap; /* as in a line */
  size_t found;                    /* blocks that have a ratio */
  double *ratio;                   /* NAN in those that have none */
};

/* --- finding ------------------------------------------------------------- */

/* What a side has of a cell. Its entries lie together. */
static struct span side_span(const struct versus *v,
                             const struct versus_side *side, struct span cell) {
  if (side->entrant != NULL)
    return entry_runs(v->all, cell, side->entrant, side->source);
  struct span s = {cell.end, cell.end};
  for (const struct entry *e = cell.begin; e < cell.end; e++) {
    if (e->source != side->source)
      continue;
    s.begin = s.begin == cell.end ? e : s.begin;
    s.end = e + 1;
  }
  return s;
}

static bool is_in(struct span s, struct span cell) {
  return s.begin >= cell.begin && s.begin < cell.end;
}

static size_t block_count(struct span all) {
  double most = 0;
  for (const struct entry *e = all.begin; e < all.end; e++)
    most = fmax(most, e->block);
  return (size_t)most;
}

static struct row row_make(const struct versus *v, struct span cell,
                           const struct versus_side *side, size_t blocks) {
  struct span own = side_span(v, side, cell);
  struct span base = side_span(v, &v->sides[0], cell);
  struct row row = {own.begin < own.end ? own.begin : cell.begin, cell.begin, 0,
                    pool_alloc(v->pool, blocks * sizeof *row.ratio)};
  for (size_t i = 0; i < blocks; i++)
    row.ratio[i] = NAN;
  size_t room = (size_t)(own.end - own.begin);
  double *ratios = pool_alloc(v->pool, room * sizeof *ratios);
  double *at = pool_alloc(v->pool, room * sizeof *at);
  /* Two without a limit are compared where they ran, once. */
  if (is_in(own, cell) || is_in(base, cell))
    row.found = entry_ratios(own, base, v->column, ratios, at);
  for (size_t i = 0; i < row.found; i++)
    row.ratio[(size_t)at[i] - 1] = ratios[i];
  return row;
}

/* --- lines --------------------------------------------------------------- */

static void line_add(struct versus *v, struct versus_line line) {
  v->lines = pool_grow(v->pool, v->lines, v->line_count, sizeof *v->lines);
  line.p_alone = line.effect.p;
  v->lines[v->line_count++] = line;
}

/* Do two cells belong to the same mean over workloads? */
static bool is_same_group(const struct versus_side *side, const struct row *a,
                          const struct row *b) {
  return a->cell->threads == b->cell->threads &&
         a->heap->heap_factor == b->heap->heap_factor &&
         (side->entrant != NULL ||
          strcmp(a->cell->entrant, b->cell->entrant) == 0);
}

/* The mean of the group of rows[first], which is the first of its group. It
   has none where a workload failed. */
static void mean_add(struct versus *v, const struct versus_side *side,
                     const struct row *rows, size_t count, size_t first,
                     size_t blocks) {
  double *ratios = pool_alloc(v->pool, count * blocks * sizeof *ratios);
  size_t members = 0;
  for (size_t i = 0; i < count; i++) {
    if (!is_same_group(side, &rows[first], &rows[i]))
      continue;
    if (i < first || rows[i].found == 0)
      return;
    memcpy(ratios + members++ * blocks, rows[i].ratio, blocks * sizeof *ratios);
  }
  if (members < 2)
    return;
  line_add(v, (struct versus_line){
                  .cell = rows[first].cell,
                  .heap = rows[first].heap,
                  .side = side,
                  .workloads = members,
                  .effect = effect_estimate(ratios, members, blocks)});
}

/* The rows of one side. */
static size_t rows_make(const struct versus *v, const struct versus_side *side,
                        struct row *rows, size_t blocks) {
  entry_order *order =
      side->entrant != NULL ? entry_compare_cells : entry_compare_entrants;
  size_t count = 0;
  struct span cell = {v->all.begin, v->all.begin};
  while (cell.end < v->all.end) {
    cell = span_of(cell.end, v->all.end, order);
    rows[count++] = row_make(v, cell, side, blocks);
  }
  return count;
}

/* Cells and means are one family, so that the whole table has few false
   findings. */
static void holm(struct versus *v) {
  double *p = pool_alloc(v->pool, (v->line_count + 1) * sizeof *p);
  for (size_t i = 0; i < v->line_count; i++)
    p[i] = v->lines[i].effect.p;
  family_adjust(FAMILY_HOLM, p, v->line_count, 1 - EFFECT_CONFIDENCE);
  for (size_t i = 0; i < v->line_count; i++)
    v->lines[i].effect.p = p[i];
}

void versus_compute(struct versus *v) {
  size_t blocks = block_count(v->all);
  size_t room = (size_t)(v->all.end - v->all.begin);
  struct row **rows = pool_alloc(v->pool, v->side_count * sizeof *rows);
  size_t *counts = pool_alloc(v->pool, v->side_count * sizeof *counts);
  for (size_t i = 1; i < v->side_count; i++) {
    rows[i] = pool_alloc(v->pool, room * sizeof **rows);
    counts[i] = rows_make(v, &v->sides[i], rows[i], blocks);
    for (size_t j = 0; j < counts[i]; j++) {
      const struct row *r = &rows[i][j];
      if (r->found > 0)
        line_add(v, (struct versus_line){
                        .cell = r->cell,
                        .heap = r->heap,
                        .side = &v->sides[i],
                        .effect = effect_estimate(r->ratio, 1, blocks)});
    }
  }
  for (size_t i = 1; i < v->side_count; i++)
    for (size_t j = 0; j < counts[i]; j++)
      mean_add(v, &v->sides[i], rows[i], counts[i], j, blocks);
  holm(v);
}

int versus_column(const struct options *options, size_t *out) {
  const char *name = options->text[OPTION_METRIC];
  *out = RUN_WALL_NS;
  if (name == NULL)
    return EXIT_FINE;
  *out = run_column_find(name, strlen(name));
  if (*out < RUN_COLUMNS && !run_column_is_text(*out))
    return EXIT_FINE;
  return complain(EXIT_USAGE, "--metric: runs.csv has no figure '%s'", name);
}

/* --- words --------------------------------------------------------------- */

static bool is_time(size_t column) {
  const char *name = run_columns[column];
  size_t length = strlen(name);
  return length > 3 && strcmp(name + length - 3, "_ns") == 0;
}

const char *versus_verdict(const struct versus *v,
                           const struct versus_line *line) {
  switch (effect_judge(&line->effect)) {
  case EFFECT_LESS:
    return is_time(v->column) ? "faster" : "less";
  case EFFECT_MORE:
    return is_time(v->column) ? "slower" : "more";
  case EFFECT_NONE:
    return pool_format(v->pool, "no difference (±%.1f %%)",
                       100 * effect_reach(&line->effect));
  default:
    return "too few blocks";
  }
}
