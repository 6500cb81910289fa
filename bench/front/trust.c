/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/sheet.h"
#include "bench/plan/catalog.h"
#include "bench/rows/source.h"
#include "bench/rows/versus.h"
#include "bench/stats/quantile.h"

static const struct sheet_column columns[] = {
    {"workload", SHEET_WORD},
    {"threads", SHEET_NUMBER},
    {"heap", SHEET_NUMBER | SHEET_OPTIONAL},
    {"collector", SHEET_NAME},
    {"n", SHEET_NUMBER},
    {"ratio", SHEET_NUMBER},
    {"low", SHEET_NUMBER},
    {"high", SHEET_NUMBER},
    {"at 5", SHEET_NUMBER},
    {"at 10", SHEET_NUMBER},
    {"at 20", SHEET_NUMBER},
    {"verdict", SHEET_COLOURED}};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* The numbers of blocks in the column headings: for a first look, for
   exploring, for a claim. */
static const size_t block_counts[] = {5, 10, 20};
enum { BLOCK_COUNTS = sizeof block_counts / sizeof *block_counts };

struct trust {
  struct pool *pool;
  struct span all;
  size_t column;
  struct sheet sheet;
  enum sheet_format format;
  double *resolutions[BLOCK_COUNTS]; /* of every line */
  size_t found;                      /* lines in which twins differ */
};

/* --- lines --------------------------------------------------------------- */

static const char *percent_text(struct pool *pool, double share) {
  return pool_format(pool, "%.*f %%", share < 0.1 ? 1 : 0, 100 * share);
}

static const char *number_text(const struct trust *t, double value) {
  if (isnan(value))
    return "";
  return pool_format(t->pool, sheet_is_data(t->format) ? "%.6g" : "%.3f",
                     value);
}

/* Formats for programs have fractions, not per cent. */
static const char *resolution_text(const struct trust *t, double share) {
  if (isnan(share) || sheet_is_data(t->format))
    return number_text(t, share);
  return percent_text(t->pool, share);
}

/* In text, the columns before show the width of the interval. */
static const char *verdict_text(const struct trust *t, const char *verdict) {
  if (sheet_is_data(t->format))
    return verdict;
  const char *reach = strstr(verdict, " (");
  return reach != NULL ? pool_copy(t->pool, verdict, (size_t)(reach - verdict))
                       : verdict;
}

static void line_add(struct trust *t, const struct versus *v,
                     const struct versus_line *line) {
  const struct effect *e = &line->effect;
  const struct entry *cell = line->cell;
  size_t index = t->sheet.row_count;
  const char **row = sheet_add(&t->sheet);
  *row++ = line->workloads == 0
               ? cell->fields[RUN_WORKLOAD]
               : pool_format(t->pool, "mean of %zu", line->workloads);
  *row++ = cell->fields[RUN_THREADS];
  *row++ =
      line->heap->heap_factor > 0 ? line->heap->fields[RUN_HEAP_FACTOR] : "-";
  *row++ = v->sides[0].name;
  *row++ = pool_format(t->pool, "%zu", e->blocks);
  *row++ = number_text(t, e->ratio);
  *row++ = number_text(t, e->low);
  *row++ = number_text(t, e->high);
  for (size_t i = 0; i < BLOCK_COUNTS; i++) {
    double **known = &t->resolutions[i];
    *known = pool_grow(t->pool, *known, index, sizeof **known);
    (*known)[index] = effect_resolution(e->spread, block_counts[i]);
    *row++ = isnan(e->spread) ? "" : resolution_text(t, (*known)[index]);
  }
  *row = verdict_text(t, versus_verdict(v, line));
  enum effect_verdict verdict = effect_judge(e);
  if (verdict != EFFECT_LESS && verdict != EFFECT_MORE)
    return;
  sheet_colour(&t->sheet, COLOUR_FAILED);
  t->found++;
}

static void pair_add(struct trust *t, const char *name, const char *twin) {
  const struct versus_side sides[] = {{name, name, 0}, {twin, twin, 0}};
  struct versus v = {.pool = t->pool,
                     .all = t->all,
                     .column = t->column,
                     .sides = sides,
                     .side_count = 2};
  versus_compute(&v);
  for (size_t i = 0; i < v.line_count; i++)
    line_add(t, &v, &v.lines[i]);
}

/* The twin of an entrant, with the same tuning; NULL where it has none. */
static const char *twin_find(const struct trust *t, const struct entry *e) {
  for (const struct entry *other = t->all.begin; other < t->all.end; other++) {
    const char *name = other->fields[RUN_COLLECTOR];
    const char *base = catalog_base(t->pool, name);
    if (strcmp(name, base) != 0 &&
        strcmp(base, e->fields[RUN_COLLECTOR]) == 0 &&
        strcmp(other->fields[RUN_TUNING], e->fields[RUN_TUNING]) == 0)
      return other->entrant;
  }
  return NULL;
}

static bool is_first_of_entrant(const struct trust *t, const struct entry *e) {
  for (const struct entry *other = t->all.begin; other < e; other++) {
    if (strcmp(other->entrant, e->entrant) == 0)
      return false;
  }
  return true;
}

static void pairs_add(struct trust *t) {
  for (const struct entry *e = t->all.begin; e < t->all.end; e++) {
    if (!is_first_of_entrant(t, e))
      continue;
    const char *twin = twin_find(t, e);
    if (twin != NULL)
      pair_add(t, e->entrant, twin);
  }
}

/* --- the whole ----------------------------------------------------------- */

static void head_print(const struct trust *t) {
  const char *const *first = t->all.begin->fields;
  printf("%s of twins, which are the same program, on %s; campaign %s\n\n",
         run_columns[t->column], first[RUN_MACHINE], first[RUN_CAMPAIGN]);
}

static void foot_print(struct trust *t) {
  printf("\nat N: the half-width of the interval that N blocks give here.\n");
  for (size_t i = 0; i < BLOCK_COUNTS; i++) {
    struct quantile_summary s =
        quantile_summarize(t->resolutions[i], t->sheet.row_count);
    if (!isnan(s.median) && !isnan(s.greatest))
      printf("%2zu blocks resolve %s in the middle one of these, %s in the "
             "worst.\n",
             block_counts[i], percent_text(t->pool, s.median),
             percent_text(t->pool, s.greatest));
  }
  printf("%zu of %zu runs were not to be trusted by rule.\n",
         entry_count_status(t->all, "untrusted"),
         (size_t)(t->all.end - t->all.begin));
  printf("A difference was found, where there is none, in %zu of %zu.\n",
         t->found, t->sheet.row_count);
}

static int trust_print(struct trust *t) {
  if (!sheet_is_data(t->format))
    head_print(t);
  sheet_write(&t->sheet, t->format, stdout);
  if (!sheet_is_data(t->format))
    foot_print(t);
  return t->found > 0 ? EXIT_UNTRUSTED : EXIT_FINE;
}

int trust_command(struct options *options) {
  struct trust t = {.pool = options->pool,
                    .sheet = {.pool = options->pool,
                              .columns = columns,
                              .column_count = COLUMNS}};
  struct source source;
  int code = sheet_format_read(options->text[OPTION_FORMAT], &t.format)
                 ?: versus_column(options, &t.column)
                 ?: source_chosen(&source, options)
                 ?: entries_make(&t.all, t.pool, &source.results, 1);
  if (code != EXIT_FINE)
    return code;
  pairs_add(&t);
  if (t.sheet.row_count == 0)
    return complain(EXIT_USAGE,
                    "%s has no collector beside its twin, as 'run "
                    "--collectors rc,rc-twin' makes them",
                    source.results.path);
  return trust_print(&t);
}
