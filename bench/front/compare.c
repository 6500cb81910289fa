/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/sheet.h"
#include "bench/base/units.h"
#include "bench/front/cards.h"
#include "bench/plan/catalog.h"
#include "bench/plan/names.h"
#include "bench/rows/source.h"
#include "bench/rows/versus.h"

/* --- what is compared ---------------------------------------------------- */

/* False: it is there. */
static bool side_add(struct versus *v, struct versus_side side) {
  struct versus_side *sides = (struct versus_side *)v->sides;
  for (size_t i = 0; i < v->side_count; i++) {
    if (strcmp(sides[i].name, side.name) == 0)
      return false;
  }
  sides = pool_grow(v->pool, sides, v->side_count, sizeof *sides);
  sides[v->side_count++] = side;
  v->sides = sides;
  return true;
}

static int twice_complain(const char *name) {
  return complain(EXIT_USAGE,
                  "'%s' is named twice; it can be compared only with others",
                  name);
}

/* "gen,none,rc": those with runs. */
static const char *entrants_text(const struct versus *v) {
  size_t count = 0, room = (size_t)(v->all.end - v->all.begin) + 1;
  const char **names = pool_alloc(v->pool, room * sizeof *names);
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    size_t i = 0;
    while (i < count && strcmp(names[i], e->entrant) != 0)
      i++;
    names[i] = e->entrant;
    count += i == count;
  }
  names[count] = NULL;
  return names_join(v->pool, names);
}

static int unknown_complain(const struct versus *v, const char *name,
                            const char *path) {
  const char *base = catalog_base(v->pool, name);
  const char *const *known = catalog_collector_names(v->pool);
  while (*known != NULL && strcmp(*known, base) != 0)
    known++;
  if (*known != NULL)
    return complain(EXIT_USAGE, "'%s' has no runs in %s; there are %s", name,
                    path, entrants_text(v));
  return complain(EXIT_USAGE,
                  "'%s' is neither a campaign nor a collector; %s has runs of "
                  "%s",
                  name, path, entrants_text(v));
}

static int collectors_choose(struct versus *v, const struct options *options,
                             const struct source *source) {
  for (size_t i = 0; i < options->operand_count; i++) {
    const char *name = options->operands[i];
    const char *entrant = entry_find_entrant(v->all, name);
    if (entrant == NULL)
      return unknown_complain(v, name, source->results.path);
    if (!side_add(v, (struct versus_side){entrant, entrant, 0}))
      return twice_complain(entrant);
  }
  if (v->side_count < 2)
    return complain(EXIT_USAGE,
                    "there is nothing to compare '%s' with; %s has runs of %s",
                    v->sides[0].name, source->results.path, entrants_text(v));
  return EXIT_FINE;
}

static void collectors_add(struct versus *v) {
  const char *base = entry_find_entrant(v->all, entry_yardstick(v->all));
  side_add(v, (struct versus_side){base, base, 0});
  for (const struct entry *e = v->all.begin; e < v->all.end; e++)
    side_add(v, (struct versus_side){e->entrant, e->entrant, 0});
}

/* The operands are collectors of one campaign; without any, all are taken. */
static int campaign_choose(struct versus *v, const struct options *options) {
  struct options campaign = *options;
  campaign.operand_count = 0;
  struct source source;
  int code = source_chosen(&source, &campaign)
                 ?: entries_make(&v->all, v->pool, &source.results, 1);
  if (code != EXIT_FINE)
    return code;
  if (options->operand_count > 0)
    return collectors_choose(v, options, &source);
  collectors_add(v);
  return EXIT_FINE;
}

/* The operands are campaigns. */
static int campaigns_choose(struct versus *v, const struct options *options) {
  size_t count = options->operand_count;
  struct results *results = pool_alloc(v->pool, count * sizeof *results);
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < count; i++) {
    const char *name = options->operands[i];
    const char *path;
    struct source source;
    code = source_named(options, name, &path)
               ?: source_load(&source, v->pool, path);
    if (code != EXIT_FINE)
      return code;
    results[i] = source.results;
    if (!side_add(v, (struct versus_side){name, NULL, i}))
      return twice_complain(name);
  }
  return code ?: entries_make(&v->all, v->pool, results, count);
}

static int sides_choose(struct versus *v, const struct options *options) {
  const char *path = NULL;
  int code = EXIT_FINE;
  if (options->operand_count > 0)
    code = source_find(options, options->operands[0], &path);
  if (code != EXIT_FINE)
    return code;
  if (path == NULL)
    return campaign_choose(v, options);
  if (options->operand_count == 1)
    return complain(EXIT_USAGE, "there is nothing to compare '%s' with",
                    options->operands[0]);
  return campaigns_choose(v, options);
}

/* The foot says how many blocks find this ratio. */
static const double FINDABLE = 1.05;

/* --- the sheet ----------------------------------------------------------- */

/* Parameters are too long for text. */
static const struct sheet_column columns[] = {
    {"workload", SHEET_WORD},
    {"threads", SHEET_NUMBER},
    {"heap", SHEET_NUMBER | SHEET_OPTIONAL},
    {"MiB", SHEET_NUMBER | SHEET_PEOPLE | SHEET_OPTIONAL},
    {"collector", SHEET_NAME},
    {"campaign", SHEET_NAME | SHEET_OPTIONAL},
    {"n", SHEET_NUMBER},
    {"ratio", SHEET_NUMBER},
    {"low", SHEET_NUMBER},
    {"high", SHEET_NUMBER},
    {"boot_low", SHEET_NUMBER | SHEET_DATA},
    {"boot_high", SHEET_NUMBER | SHEET_DATA},
    {"p", SHEET_NUMBER | SHEET_DATA},
    {"p_adjusted", SHEET_NUMBER | SHEET_OPTIONAL},
    {"verdict", SHEET_COLOURED},
    {"to", SHEET_NAME | SHEET_OPTIONAL},
    {"params", SHEET_DATA},
    {"heap_bytes", SHEET_NUMBER | SHEET_DATA},
    {"metric", SHEET_DATA},
    {"family", SHEET_DATA},
    {"notes", SHEET_NOTES | SHEET_OPTIONAL}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *number_text(const struct versus *v, enum sheet_format format,
                               double value) {
  if (isnan(value))
    return "";
  if (sheet_is_data(format))
    return pool_format(v->pool, "%.6g", value);
  return ratio_text(v->pool, value);
}

/* In text, the name of a single campaign is printed above the table. */
static const char *campaign_text(const struct versus_line *line,
                                 enum sheet_format format) {
  if (line->side->entrant == NULL)
    return line->side->name;
  return sheet_is_data(format) ? line->cell->fields[RUN_CAMPAIGN] : "";
}

static void line_write(const struct versus *v, const struct versus_line *line,
                       enum sheet_format format, const char **row) {
  const struct effect *e = &line->effect;
  const struct effect bootstrap = versus_bootstrap(v, line);
  const struct entry *cell = line->cell;
  struct pool *pool = v->pool;
  bool is_cell = line->workloads == 0;
  /* In text, the names of campaigns leave no room for it, nor for the limit. */
  bool has_p = line->side->entrant != NULL || sheet_is_data(format);
  double p = line->reason == NULL ? line->line.p : NAN;
  double adjusted = line->reason == NULL ? line->verdict.p : NAN;
  *row++ = is_cell && sheet_is_data(format) ? cell->fields[RUN_WORKLOAD]
                                            : versus_subject(v, line);
  *row++ = cell->fields[RUN_THREADS];
  *row++ =
      line->heap->heap_factor > 0 ? line->heap->fields[RUN_HEAP_FACTOR] : "-";
  *row++ = line->side->entrant != NULL ? versus_limit(v, line, false) : "";
  *row++ = line->side->entrant != NULL ? line->side->entrant : cell->entrant;
  *row++ = campaign_text(line, format);
  *row++ = pool_format(pool, "%zu", e->blocks);
  *row++ = number_text(v, format, e->ratio);
  *row++ = number_text(v, format, e->low);
  *row++ = number_text(v, format, e->high);
  *row++ = number_text(v, format, bootstrap.low);
  *row++ = number_text(v, format, bootstrap.high);
  *row++ = has_p ? number_text(v, format, p) : "";
  *row++ = has_p ? number_text(v, format, adjusted) : "";
  *row++ = versus_verdict(v, line);
  *row++ = line->instead != NULL ? line->instead->name : "";
  *row++ = is_cell ? cell->fields[RUN_PARAMS] : "";
  *row++ = versus_limit(v, line, true);
  *row++ = run_columns[line->column];
  *row++ = versus_family_name(line->family);
  *row = versus_note(v, line);
}

static enum colour line_colour(const struct versus *v,
                               const struct versus_line *line) {
  if (line->reason != NULL)
    return COLOUR_FAILED;
  const char *verdict = versus_verdict(v, line);
  if (strcmp(verdict, "faster") == 0)
    return COLOUR_GOOD;
  return strcmp(verdict, "slower") == 0 ? COLOUR_BAD : COLOUR_PLAIN;
}

static size_t failed_count(struct span all) {
  size_t count = 0;
  for (const struct entry *e = all.begin; e < all.end; e++)
    count += !e->is_ok;
  return count;
}

/* The summary is of all collectors of one campaign. */
static void head_print(const struct versus *v, bool has_summary) {
  const char *const *first = v->all.begin->fields;
  if (v->sides[0].entrant != NULL)
    printf("campaign %s on %s\n\n", first[RUN_CAMPAIGN], first[RUN_MACHINE]);
  if (has_summary) {
    struct summary summary;
    summary_make(&summary, v->pool, v->all);
    cards_print(&summary);
  }
  printf("%s, as a ratio to that of %s in the same block\n", versus_figures(v),
         v->sides[0].name);
  if (v->sides[0].entrant == NULL)
    printf("n blocks on %s\n", first[RUN_MACHINE]);
  putchar('\n');
}

static const char *rule_text(enum family_rule rule) {
  return rule == FAMILY_HOLM
             ? "of all marked lines, none is false in 95 % of campaigns (Holm)"
             : "of the marked lines, at most one in 20 is expected to be false";
}

/* Lines of threads that use the same objects, and how many of these have too
   few blocks to show that. */
static void contended_print(const struct versus *v) {
  size_t count = 0, few = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (line->family != VERSUS_CONTENDED || line->reason != NULL)
      continue;
    count++;
    few += line->line.blocks < MODES_BLOCKS_MIN;
  }
  if (count == 0)
    return;
  printf("In %zu of %zu lines, several threads use the same objects. Their "
         "times may have two\nmodes, so how much they vary is estimated from "
         "these lines alone.",
         count, v->ratio_count);
  if (few > 0)
    printf("\n%zu of them have fewer than %d blocks, which may all show the "
           "same mode.",
           few, MODES_BLOCKS_MIN);
  putchar('\n');
}

static void foot_print(const struct versus *v) {
  size_t failed = failed_count(v->all);
  printf("\nratio: the geometric mean over blocks. low, high: its interval at "
         "%.4g %%, so that\n%s.\nfaster, slower: the interval excludes 1, "
         "and the ratio differs from 1 by 2 %% or more.\n",
         100 * (1 - v->alpha), rule_text(v->rule));
  contended_print(v);
  if (failed > 0)
    printf(failed == 1 ? "%zu failed run takes no part.\n"
                       : "%zu failed runs take no part.\n",
           failed);
  if (v->side_count > 1 && v->sides[1].entrant == NULL)
    printf("These campaigns did not run side by side: what the machine did "
           "meanwhile is in\nthe ratios.\n");
  size_t blocks = versus_blocks_to_find(v, FINDABLE);
  if (blocks > 0)
    printf("On the median line, a true difference of %.0f %% is found in four "
           "campaigns of five\nif they have %zu blocks.\n",
           100 * (FINDABLE - 1), blocks);
}

static void versus_print(const struct versus *v, enum sheet_format format,
                         bool has_summary) {
  struct sheet sheet = {
      .pool = v->pool, .columns = columns, .column_count = COLUMNS};
  for (size_t i = 0; i < v->line_count; i++) {
    line_write(v, &v->lines[i], format, sheet_add(&sheet));
    sheet_colour(&sheet, line_colour(v, &v->lines[i]));
  }
  if (!sheet_is_data(format))
    head_print(v, has_summary);
  sheet_write(&sheet, format, stdout);
  if (!sheet_is_data(format))
    foot_print(v);
}

int compare_command(struct options *options) {
  struct versus v = {.pool = options->pool};
  enum sheet_format format;
  const char *rule = options->text[OPTION_CORRECTION];
  if (rule != NULL && strcmp(rule, "holm") == 0)
    v.rule = FAMILY_HOLM;
  int code = sheet_format_read(options->text[OPTION_FORMAT], &format)
                 ?: versus_choose(&v, options)
                 ?: sides_choose(&v, options);
  if (code != EXIT_FINE)
    return code;
  versus_compute(&v);
  if (v.line_count == 0)
    return complain(EXIT_RESULTS, "no two runs of these can be compared");
  versus_print(&v, format, options->operand_count == 0);
  return EXIT_FINE;
}
