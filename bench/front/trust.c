/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/sheet.h"
#include "bench/base/units.h"
#include "bench/plan/catalog.h"
#include "bench/rows/source.h"
#include "bench/rows/versus.h"
#include "bench/stats/power.h"

static const struct sheet_column columns[] = {
    {"workload", SHEET_WORD},
    {"threads", SHEET_NUMBER},
    {"heap", SHEET_NUMBER | SHEET_OPTIONAL},
    {"MiB", SHEET_NUMBER | SHEET_PEOPLE | SHEET_OPTIONAL},
    {"heap_bytes", SHEET_NUMBER | SHEET_DATA},
    {"collector", SHEET_NAME},
    {"n", SHEET_NUMBER},
    {"ratio", SHEET_NUMBER},
    {"low", SHEET_NUMBER},
    {"high", SHEET_NUMBER},
    {"3 %", SHEET_NUMBER},
    {"5 %", SHEET_NUMBER},
    {"10 %", SHEET_NUMBER},
    {"verdict", SHEET_COLOURED}};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* The columns that say how many blocks find a true difference of this size. */
static const double findable[] = {1.03, 1.05, 1.10};
enum { FINDABLE = sizeof findable / sizeof *findable };

struct trust {
  struct pool *pool;
  struct span all;
  struct versus asked; /* what is compared */
  const char *figures; /* the same in words */
  struct sheet sheet;
  enum sheet_format format;
  size_t pairs;
  size_t needed[FINDABLE]; /* blocks on the median line of the last pair */
  size_t found;            /* lines in which twins differ */
};

/* --- lines --------------------------------------------------------------- */

static const char *number_text(const struct trust *t, double value) {
  if (isnan(value))
    return "";
  return sheet_is_data(t->format) ? pool_format(t->pool, "%.6g", value)
                                  : ratio_text(t->pool, value);
}

/* The blocks that find a true difference of this size on this line. */
static const char *blocks_text(const struct trust *t, const struct versus *v,
                               const struct versus_line *line, double ratio) {
  if (line->reason != NULL || isnan(line->line.p))
    return "";
  struct power_design design = {.deviation = line->line.deviation,
                                .prior = line->line.prior,
                                .alpha = v->alpha,
                                .least = EFFECT_LEAST,
                                .margin = VERDICT_MARGIN};
  size_t blocks = power_blocks_to_find(&design, ratio);
  return blocks > 0 ? pool_format(t->pool, "%zu", blocks) : "";
}

/* In text, the columns before show the interval and the blocks. */
static const char *verdict_text(const struct trust *t, const struct versus *v,
                                const struct versus_line *line) {
  const char *verdict = versus_verdict(v, line);
  if (sheet_is_data(t->format) || line->reason != NULL)
    return verdict;
  return pool_copy(t->pool, verdict, strcspn(verdict, " "));
}

static void line_add(struct trust *t, const struct versus *v,
                     const struct versus_line *line) {
  const struct effect *e = &line->effect;
  const struct entry *cell = line->cell;
  const char **row = sheet_add(&t->sheet);
  *row++ = versus_subject(v, line);
  *row++ = cell->fields[RUN_THREADS];
  *row++ =
      line->heap->heap_factor > 0 ? line->heap->fields[RUN_HEAP_FACTOR] : "-";
  *row++ = versus_limit(v, line, false);
  *row++ = versus_limit(v, line, true);
  *row++ = v->sides[0].name;
  *row++ = pool_format(t->pool, "%zu", e->blocks);
  *row++ = number_text(t, e->ratio);
  *row++ = number_text(t, e->low);
  *row++ = number_text(t, e->high);
  for (size_t i = 0; i < FINDABLE; i++)
    *row++ = blocks_text(t, v, line, findable[i]);
  *row = verdict_text(t, v, line);
  if (line->reason != NULL || (line->verdict.word != VERDICT_LESS &&
                               line->verdict.word != VERDICT_MORE))
    return;
  sheet_colour(&t->sheet, COLOUR_FAILED);
  t->found++;
}

static void pair_add(struct trust *t, const char *name, const char *twin) {
  const struct versus_side sides[] = {{name, name, 0}, {twin, twin, 0}};
  struct versus v = t->asked;
  v.all = t->all;
  v.sides = sides;
  v.side_count = 2;
  versus_compute(&v);
  for (size_t i = 0; i < v.line_count; i++)
    line_add(t, &v, &v.lines[i]);
  t->figures = versus_figures(&v);
  t->pairs++;
  for (size_t i = 0; i < FINDABLE; i++)
    t->needed[i] = versus_blocks_to_find(&v, findable[i]);
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
         t->figures, first[RUN_MACHINE], first[RUN_CAMPAIGN]);
}

static void foot_print(struct trust *t) {
  printf("\nN %%: the blocks that find a true difference of N %% in four "
         "campaigns of five.\n");
  for (size_t i = 0; t->pairs == 1 && i < FINDABLE; i++) {
    if (t->needed[i] > 0)
      printf("On the median line, %zu blocks find %.0f %%.\n", t->needed[i],
             100 * (findable[i] - 1));
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
                    .asked = {.pool = options->pool},
                    .sheet = {.pool = options->pool,
                              .columns = columns,
                              .column_count = COLUMNS}};
  struct source source;
  int code = sheet_format_read(options->text[OPTION_FORMAT], &t.format)
                 ?: versus_choose(&t.asked, options)
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
