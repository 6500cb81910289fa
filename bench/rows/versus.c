/* SPDX-License-Identifier: MIT */
#include "bench/rows/versus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/stats/overall.h"
#include "bench/stats/power.h"

/* A cell of one side: its ratios to the base, by block. */
struct row {
  const struct entry *cell, *heap; /* as in a line */
  const struct versus_side *instead;
  struct span own; /* the side's runs */
  size_t column;   /* what is compared */
  size_t found;    /* blocks that have a ratio */
  double *ratio;   /* NAN in those that have none */
  enum versus_family family;
};

/* All rows: those of side i are of[i], one for each figure of each cell, the
   same for each side. */
struct rows {
  struct row **of;
  size_t count, blocks;
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
  return s.begin < s.end && s.begin >= cell.begin && s.begin < cell.end;
}

static size_t block_count(struct span all) {
  double most = 0;
  for (const struct entry *e = all.begin; e < all.end; e++)
    most = fmax(most, e->block);
  return (size_t)most;
}

/* The geometric mean of the valid runs; INFINITY if there is none. */
static double typical(struct span s, size_t column) {
  double sum = 0;
  size_t count = 0;
  for (const struct entry *e = s.begin; e < s.end; e++) {
    double value = e->is_ok ? entry_number(e, column) : NAN;
    sum += value > 0 ? log(value) : 0;
    count += value > 0;
  }
  return count > 0 ? exp(sum / (double)count) : INFINITY;
}

/* The side that takes the place of a base without valid runs: the one with the
   smallest figure. NULL: no side has a valid run there. */
static const struct versus_side *side_best(const struct versus *v,
                                           struct span cell, size_t column) {
  const struct versus_side *best = NULL;
  double least = INFINITY;
  for (size_t i = 1; i < v->side_count; i++) {
    struct span s = side_span(v, &v->sides[i], cell);
    if (v->sides[i].entrant == NULL || !is_in(s, cell) || s.begin->is_floor)
      continue;
    double figure = typical(s, column);
    if (figure < least) {
      least = figure;
      best = &v->sides[i];
    }
  }
  return best;
}

static bool has_text(struct span s, size_t column) {
  for (const struct entry *e = s.begin; e < s.end; e++) {
    if (*e->fields[column] != '\0')
      return true;
  }
  return false;
}

static bool has_value(struct span s, size_t column, const char *value) {
  for (const struct entry *e = s.begin; e < s.end; e++) {
    if (strcmp(e->fields[column], value) == 0)
      return true;
  }
  return false;
}

/* Rows of earlier versions do not say whether threads use the same objects. */
static bool is_contended(struct span cell) {
  return has_value(cell, RUN_CONTENDED, "1") ||
         (cell.begin->threads > 1 && !has_text(cell, RUN_CONTENDED));
}

/* The rate decides how long a run takes, and how much it does in that time. */
static bool is_throughput(size_t column) {
  return column == RUN_WALL_NS || strcmp(run_columns[column], "ops_per_s") == 0;
}

static enum versus_family family_of(const struct versus *v, struct span cell,
                                    size_t column) {
  bool is_paced = has_text(cell, RUN_RATE_HZ);
  if (has_value(cell, RUN_CONTROL, "1") || (is_paced && is_throughput(column)))
    return VERSUS_PACED;
  if (is_paced && v->is_headline)
    return headline_is_response(column) ? VERSUS_RESPONSE : VERSUS_CPU;
  return is_contended(cell) ? VERSUS_CONTENDED : VERSUS_STEADY;
}

static bool is_apart(enum versus_family family) {
  return family != VERSUS_STEADY && family != VERSUS_CONTENDED &&
         family != VERSUS_MEANS;
}

static void row_measure(const struct versus *v, struct row *row,
                        struct span base, size_t blocks) {
  size_t room = (size_t)(row->own.end - row->own.begin);
  double *ratios = pool_alloc(v->pool, room * sizeof *ratios);
  double *at = pool_alloc(v->pool, room * sizeof *at);
  row->ratio = pool_alloc(v->pool, blocks * sizeof *row->ratio);
  for (size_t i = 0; i < blocks; i++)
    row->ratio[i] = NAN;
  row->found = entry_ratios(row->own, base, row->column, ratios, at);
  for (size_t i = 0; i < row->found; i++)
    row->ratio[(size_t)at[i] - 1] = ratios[i];
}

static struct row row_make(const struct versus *v, struct span cell,
                           const struct versus_side *side, size_t column,
                           size_t blocks) {
  struct span own = side_span(v, side, cell);
  struct span base = side_span(v, &v->sides[0], cell);
  struct row row = {.cell = own.begin < own.end ? own.begin : cell.begin,
                    .heap = cell.begin,
                    .own = own,
                    .column = column,
                    .family = family_of(v, cell, column)};
  if (base.begin < base.end && isinf(typical(base, column))) {
    row.instead = side_best(v, cell, column);
    if (row.instead != NULL && row.instead != side)
      base = side_span(v, row.instead, cell);
  }
  /* Two without a limit are compared where they ran, once. */
  if (!is_in(own, cell) && !is_in(base, cell))
    row.own = base = (struct span){cell.begin, cell.begin};
  if (base.begin == base.end)
    row.own.end = row.own.begin; /* the base did not take part here */
  row_measure(v, &row, base, blocks);
  return row;
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
    size_t columns[HEADLINE_MAX] = {v->column};
    size_t figures = v->is_headline ? headline_columns(cell, columns) : 1;
    for (size_t i = 0; i < figures; i++)
      rows[count++] = row_make(v, cell, side, columns[i], blocks);
  }
  return count;
}

/* --- lines of cells ------------------------------------------------------ */

static const char *statuses_text(struct pool *pool, struct span s) {
  static const char *const failures[] = {"oom", "timeout", "crash", "wrong",
                                         "untrusted"};
  const char *text = "";
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
    size_t count = entry_count_status(s, failures[i]);
    if (count > 0)
      text = pool_format(pool, "%s%s%zu %s", text, *text != '\0' ? ", " : "",
                         count, failures[i]);
  }
  return text;
}

/* Why a row has no ratio. */
static const char *reason_text(const struct versus *v, const struct row *row,
                               const struct versus_side *side) {
  if (entry_count_status(row->own, "ok") == 0)
    return statuses_text(v->pool, row->own);
  if (isinf(typical(row->own, row->column)))
    return "not measured";
  if (row->instead == side)
    return pool_format(v->pool, "the base here: %s has no valid run",
                       v->sides[0].name);
  return "no block with a valid run of both";
}

static void line_add(struct versus *v, struct versus_line line) {
  v->lines = pool_grow(v->pool, v->lines, v->line_count, sizeof *v->lines);
  v->lines[v->line_count++] = line;
}

static void cell_add(struct versus *v, const struct versus_side *side,
                     const struct row *row, size_t blocks) {
  if (row->own.begin == row->own.end)
    return;
  struct versus_line line = {.cell = row->cell,
                             .heap = row->heap,
                             .side = side,
                             .instead =
                                 row->instead != side ? row->instead : NULL,
                             .column = row->column,
                             .family = row->family,
                             .ratios = row->ratio,
                             .line = moderated_line_make(row->ratio, blocks)};
  if (line.family == VERSUS_CONTENDED)
    line.modes = modes_find(row->ratio, blocks, 1 + VERDICT_MARGIN);
  if (row->found == 0 || row->instead == side)
    line.reason = reason_text(v, row, side);
  line_add(v, line);
}

/* --- means --------------------------------------------------------------- */

/* Do two rows belong to the same mean over workloads? */
static bool is_same_group(const struct versus_side *side, const struct row *a,
                          const struct row *b) {
  return a->cell->threads == b->cell->threads &&
         a->heap->heap_factor == b->heap->heap_factor &&
         (side->entrant != NULL ||
          strcmp(a->cell->entrant, b->cell->entrant) == 0);
}

static bool is_measured(const struct row *row) {
  return row->found > 0 && row->instead == NULL && !is_apart(row->family);
}

/* How many workloads give a side a say in the choice. The floor, whose
   collector has its only run beside all limits, has none. */
static size_t say_count(const struct rows *rows, size_t side,
                        const bool *group) {
  size_t count = 0;
  for (size_t i = 0; i < rows->count; i++) {
    const struct row *row = &rows->of[side][i];
    if (group[i] && row->own.begin < row->own.end && row->own.begin->is_floor)
      return 0;
    count += group[i] && is_measured(row);
  }
  return count;
}

/* Keeps in `group` only the cells that are in its means. */
static void members_choose(const struct versus *v, const struct rows *rows,
                           bool *group) {
  size_t *counts = pool_alloc(v->pool, v->side_count * sizeof *counts);
  size_t most = 0;
  for (size_t i = 1; i < v->side_count; i++) {
    counts[i] = say_count(rows, i, group);
    most = counts[i] > most ? counts[i] : most;
  }
  for (size_t j = 0; j < rows->count; j++) {
    for (size_t i = 1; i < v->side_count; i++) {
      const struct row *row = &rows->of[i][j];
      bool has_say = counts[i] > 0 && 2 * counts[i] >= most;
      group[j] &= !is_apart(row->family) && (!has_say || is_measured(row));
    }
  }
}

static void mean_add(struct versus *v, const struct rows *rows, size_t side,
                     const bool *members, struct versus_line line) {
  size_t count = 0;
  double *ratios =
      pool_alloc(v->pool, rows->count * rows->blocks * sizeof *ratios);
  line.members = pool_alloc(v->pool, rows->count * sizeof *line.members);
  for (size_t j = 0; j < rows->count; j++) {
    const struct row *row = &rows->of[side][j];
    if (!members[j])
      continue;
    if (!is_measured(row))
      return;
    line.members[count] = row->cell;
    memcpy(ratios + count++ * rows->blocks, row->ratio,
           rows->blocks * sizeof *ratios);
  }
  if (count < 2)
    return;
  line.side = &v->sides[side];
  line.workloads = count;
  line.family = VERSUS_MEANS;
  line.ratios = ratios;
  line.line = overall_line(ratios, count, rows->blocks);
  line_add(v, line);
}

/* The means of the group of cell `first`, which is the first of its group. */
static void group_add(struct versus *v, const struct rows *rows, size_t first) {
  bool *group = pool_alloc(v->pool, rows->count * sizeof *group);
  const struct row *own = rows->of[1];
  struct versus_line line = {
      .cell = own[first].cell, .heap = own[first].heap, .column = v->column};
  for (size_t j = 0; j < rows->count; j++) {
    group[j] = is_same_group(&v->sides[1], &own[first], &own[j]);
    if (group[j] && j < first)
      return;
    line.of += group[j] && !is_apart(own[j].family);
  }
  members_choose(v, rows, group);
  for (size_t i = 1; i < v->side_count; i++)
    mean_add(v, rows, i, group, line);
}

/* --- judging ------------------------------------------------------------- */

static void family_moderate(struct versus *v, enum versus_family family,
                            struct moderated_line *lines) {
  size_t count = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    if (v->lines[i].family == family && v->lines[i].reason == NULL)
      lines[count++] = v->lines[i].line;
  }
  moderate(lines, count, MODERATED_CAUTION);
  count = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    if (v->lines[i].family == family && v->lines[i].reason == NULL)
      v->lines[i].line = lines[count++];
  }
}

static struct effect effect_of(const struct versus_line *line) {
  return (struct effect){.blocks = line->line.blocks,
                         .ratio = exp(line->line.mean),
                         .low = line->verdict.low,
                         .high = line->verdict.high};
}

/* Cells and means are judged together. */
static void lines_judge(struct versus *v) {
  struct moderated_line *lines =
      pool_alloc(v->pool, (v->line_count + 1) * sizeof *lines);
  struct verdict *verdicts =
      pool_alloc(v->pool, (v->line_count + 1) * sizeof *verdicts);
  for (int family = 0; family < VERSUS_FAMILIES; family++)
    family_moderate(v, (enum versus_family)family, lines);
  for (size_t i = 0; i < v->line_count; i++) {
    if (v->lines[i].reason == NULL)
      lines[v->ratio_count++] = v->lines[i].line;
  }
  v->alpha =
      verdict_table(lines, v->ratio_count, v->rule, VERDICT_MARGIN, verdicts);
  size_t at = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    struct versus_line *line = &v->lines[i];
    line->effect = (struct effect){.ratio = NAN, .low = NAN, .high = NAN};
    if (line->reason != NULL)
      continue;
    line->verdict = verdicts[at++];
    line->effect = effect_of(line);
  }
}

void versus_compute(struct versus *v) {
  struct rows rows = {pool_alloc(v->pool, v->side_count * sizeof *rows.of), 0,
                      block_count(v->all)};
  size_t room = HEADLINE_MAX * (size_t)(v->all.end - v->all.begin);
  for (size_t i = 1; i < v->side_count; i++) {
    rows.of[i] = pool_alloc(v->pool, room * sizeof **rows.of);
    rows.count = rows_make(v, &v->sides[i], rows.of[i], rows.blocks);
    for (size_t j = 0; j < rows.count; j++)
      cell_add(v, &v->sides[i], &rows.of[i][j], rows.blocks);
  }
  for (size_t j = 0; v->side_count > 1 && j < rows.count; j++)
    group_add(v, &rows, j);
  lines_judge(v);
}

struct effect versus_bootstrap(const struct versus *v,
                               const struct versus_line *line) {
  size_t rows = line->workloads > 0 ? line->workloads : 1;
  return effect_bootstrap(line->ratios, rows, block_count(v->all));
}

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

size_t versus_blocks_to_find(const struct versus *v, double ratio) {
  const struct moderated_line **by =
      pool_alloc(v->pool, (v->line_count + 1) * sizeof *by);
  double *all = pool_alloc(v->pool, (v->line_count + 1) * sizeof *all);
  size_t count = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    const struct moderated_line *line = &v->lines[i].line;
    if (v->lines[i].reason != NULL || isnan(line->p))
      continue;
    by[count] = line;
    all[count++] = line->deviation;
  }
  if (count == 0)
    return 0;
  qsort(all, count, sizeof *all, compare_doubles);
  double middle = all[(count - 1) / 2];
  size_t i = 0;
  while (by[i]->deviation != middle)
    i++;
  struct power_design design = {.deviation = middle,
                                .prior = by[i]->prior,
                                .alpha = v->alpha,
                                .least = EFFECT_LEAST,
                                .margin = VERDICT_MARGIN};
  return power_blocks_to_find(&design, ratio);
}

int versus_choose(struct versus *v, const struct options *options) {
  const char *name = options->text[OPTION_METRIC];
  v->column = RUN_WALL_NS;
  v->is_headline = name == NULL;
  if (name == NULL)
    return EXIT_FINE;
  v->column = run_column_find(name, strlen(name));
  if (v->column < RUN_COLUMNS && !run_column_is_text(v->column))
    return EXIT_FINE;
  return complain(EXIT_USAGE, "--metric: runs.csv has no figure '%s'", name);
}

bool versus_is_apart(const struct versus_line *line) {
  return is_apart(line->family);
}
