/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/say.h"
#include "bench/base/text.h"
#include "bench/plan/settings.h"
#include "bench/rows/campaign.h"
#include "bench/rows/entries.h"
#include "bench/rows/source.h"

struct merge {
  struct pool *pool;
  const char *folder; /* of the joined campaign */
  struct source *parts;
  size_t count;
  struct span rows; /* of all parts */
};

/* --- the parts ----------------------------------------------------------- */

static int part_add(struct merge *m, const char *path) {
  m->parts = pool_grow(m->pool, m->parts, m->count, sizeof *m->parts);
  struct source *part = &m->parts[m->count++];
  int code = source_load(part, m->pool, path);
  /* Its rows would stand under a header that is not theirs. */
  if (code == EXIT_FINE && run_schema_is_older(part->results.schema))
    code = complain(EXIT_RESULTS,
                    "%s was written by an earlier version: such parts cannot "
                    "be joined",
                    part->results.path);
  return code;
}

static int is_part(const struct dirent *entry) {
  return strncmp(entry->d_name, "part-", strlen("part-")) == 0;
}

/* What `sweepstakes plan` left in the campaign's own folder. */
static int parts_find(struct merge *m) {
  struct dirent **found;
  int count = scandir(m->folder, &found, is_part, alphasort), code = EXIT_FINE;
  if (count < 0 && errno != ENOENT)
    return complain(EXIT_RESULTS, "cannot read %s: %s", m->folder,
                    strerror(errno));
  for (int i = 0; i < count; i++) {
    const char *part = campaign_path(m->pool, m->folder, found[i]->d_name);
    const char *rows = campaign_path(m->pool, part, "runs.csv");
    if (code == EXIT_FINE && access(rows, F_OK) == 0)
      code = part_add(m, rows);
    free(found[i]);
  }
  if (count >= 0)
    free(found);
  if (code == EXIT_FINE && m->count == 0)
    code = complain(EXIT_RESULTS, "there is nothing to join: no %s/part-*/%s",
                    m->folder, "runs.csv");
  return code;
}

static int parts_load(struct merge *m, const struct options *options) {
  int code = EXIT_FINE;
  if (options->operand_count == 0)
    code = parts_find(m);
  for (size_t i = 0; code == EXIT_FINE && i < options->operand_count; i++)
    code = part_add(m, options->operands[i]);
  return code;
}

/* --- do they belong together? -------------------------------------------- */

static const char *row_place(const struct merge *m, const struct entry *e) {
  return pool_format(m->pool, "run %s in %s", e->fields[RUN_RUN],
                     m->parts[e->source].results.path);
}

static int refuse(const struct merge *m, const struct entry *a,
                  const struct entry *b, enum run_column column) {
  return complain(EXIT_RESULTS,
                  "these do not belong together: column '%s' is '%s' of %s, "
                  "and '%s' of %s",
                  run_columns[column], a->fields[column], row_place(m, a),
                  b->fields[column], row_place(m, b));
}

static bool is_equal(const struct entry *a, const struct entry *b,
                     enum run_column column) {
  return strcmp(a->fields[column], b->fields[column]) == 0;
}

/* The columns that have one value in a campaign, on whatever machine a part
   ran. */
static int design_check(const struct merge *m) {
  static const enum run_column same[] = {RUN_CAMPAIGN, RUN_COMMIT, RUN_DIRTY,
                                         RUN_COMPILER, RUN_BUILD,  RUN_SEED};
  const struct entry *first = m->rows.begin;
  for (const struct entry *e = first; e < m->rows.end; e++) {
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
      /* The row of a crashed run has no compiler. */
      bool is_told = *e->fields[same[i]] != '\0' || same[i] == RUN_COMMIT;
      if (is_told && *first->fields[same[i]] != '\0' &&
          !is_equal(first, e, same[i]))
        return refuse(m, first, e, same[i]);
    }
  }
  return EXIT_FINE;
}

/* Rows with other parameters belong to another cell. Rows of one block and cell
   that come from two machines cannot be compared. */
static int neighbours_check(const struct merge *m) {
  for (const struct entry *e = m->rows.begin + 1; e < m->rows.end; e++) {
    const struct entry *before = e - 1;
    if (is_equal(before, e, RUN_WORKLOAD) && *e->fields[RUN_PARAMS] != '\0' &&
        *before->fields[RUN_PARAMS] != '\0' && !is_equal(before, e, RUN_PARAMS))
      return refuse(m, before, e, RUN_PARAMS);
  }
  for (const struct entry *a = m->rows.begin; a < m->rows.end; a++) {
    struct span cell = span_of(a, m->rows.end, entry_compare_cells);
    for (const struct entry *b = a + 1; b < cell.end; b++) {
      if (a->block == b->block && !is_equal(a, b, RUN_MACHINE))
        return refuse(m, a, b, RUN_MACHINE);
    }
  }
  return EXIT_FINE;
}

static int compare_runs(const void *left, const void *right) {
  double a = entry_number(left, RUN_RUN), b = entry_number(right, RUN_RUN);
  return (a > b) - (a < b);
}

/* Sorts by run, too. */
static int runs_check(struct merge *m) {
  struct entry *rows = (struct entry *)m->rows.begin;
  size_t count = (size_t)(m->rows.end - m->rows.begin);
  qsort(rows, count, sizeof *rows, compare_runs);
  for (size_t i = 1; i < count; i++) {
    if (compare_runs(&rows[i - 1], &rows[i]) == 0)
      return complain(EXIT_RESULTS, "a run is there twice: %s, and %s",
                      row_place(m, &rows[i - 1]), row_place(m, &rows[i]));
  }
  return EXIT_FINE;
}

static int parts_check(struct merge *m) {
  struct results *results = pool_alloc(m->pool, m->count * sizeof *results);
  for (size_t i = 0; i < m->count; i++)
    results[i] = m->parts[i].results;
  return entries_make(&m->rows, m->pool, results, m->count)
             ?: design_check(m) ?: neighbours_check(m) ?: runs_check(m);
}

/* --- writing ------------------------------------------------------------- */

/* Writes to the campaign's folder if nothing has failed. */
static int text_deliver(struct text *t, const struct merge *m, const char *name,
                        int code) {
  text_end(t);
  struct campaign campaign = {.pool = m->pool, .folder = m->folder};
  if (code == EXIT_FINE)
    code = campaign_write_file(&campaign, name, t->bytes, t->size);
  text_free(t);
  return code;
}

static bool part_has_run(const struct source *part, const char *run) {
  for (size_t i = 0; i < part->results.count; i++) {
    if (strcmp(part->results.rows[i].fields[RUN_RUN], run) == 0)
      return true;
  }
  return false;
}

/* The lines of killed runs, which have no row, are left out. */
static int rows_copy(const struct merge *m, const struct companion_card *card,
                     const struct source *part, FILE *out) {
  struct csv_file file;
  struct pool pool = {0};
  int code = csv_load(&file, campaign_path(m->pool, part->folder, card->file));
  if (code != EXIT_FINE)
    return code;
  struct csv_reader reader = {.file = &file, .pool = &pool};
  struct csv_row row;
  enum csv_found found = CSV_END;
  bool is_header = true;
  while (code == EXIT_FINE && (found = csv_next(&reader, &row)) == CSV_ROW) {
    if (is_header &&
        !csv_header_is(&file, &row, card->columns, card->column_count))
      code = EXIT_RESULTS;
    else if (!csv_row_is_full(&file, &row, card->column_count))
      code = EXIT_RESULTS;
    else if (!is_header && part_has_run(part, row.fields[COMPANION_RUN]))
      csv_write_row(out, row.fields, row.count);
    is_header = false;
    pool_free(&pool);
  }
  csv_unload(&file);
  return found == CSV_BAD ? EXIT_RESULTS : code;
}

static int companion_write(const struct merge *m,
                           const struct companion_card *card) {
  struct text text;
  int code = EXIT_FINE;
  text_begin(&text);
  csv_write_row(text.out, card->columns, card->column_count);
  for (size_t i = 0; code == EXIT_FINE && i < m->count; i++)
    code = rows_copy(m, card, &m->parts[i], text.out);
  return text_deliver(&text, m, card->file, code);
}

static int rows_write(const struct merge *m) {
  struct text text;
  int code = EXIT_FINE;
  text_begin(&text);
  csv_write_row(text.out, run_columns, RUN_COLUMNS);
  for (const struct entry *e = m->rows.begin; e < m->rows.end; e++)
    csv_write_row(text.out, e->fields, RUN_COLUMNS);
  return text_deliver(&text, m, "runs.csv", code);
}

/* Has an earlier part the machine of this one? */
static bool is_known_machine(const struct merge *m, size_t part) {
  const char *machine = m->parts[part].results.rows[0].fields[RUN_MACHINE];
  for (size_t i = 0; i < part; i++) {
    if (strcmp(m->parts[i].results.rows[0].fields[RUN_MACHINE], machine) == 0)
      return true;
  }
  return false;
}

/* One for each machine: environment.json, environment-2.json, … */
static int environments_write(const struct merge *m) {
  size_t machines = 0;
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < m->count; i++) {
    struct csv_file file; /* any file, as it is */
    if (is_known_machine(m, i))
      continue;
    code = csv_load(
        &file, campaign_path(m->pool, m->parts[i].folder, "environment.json"));
    const char *name =
        machines++ == 0
            ? "environment.json"
            : pool_format(m->pool, "environment-%zu.json", machines);
    struct campaign campaign = {.pool = m->pool, .folder = m->folder};
    if (code == EXIT_FINE && file.size > 0)
      code = campaign_write_file(&campaign, name, file.text, file.size);
    csv_unload(&file);
  }
  return code;
}

static int companions_write(const struct merge *m) {
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < COMPANIONS; i++)
    code = companion_write(m, &companions[i]);
  return code;
}

static int folder_choose(struct merge *m, const struct options *options) {
  struct settings settings = {.pool = m->pool};
  if (options->text[OPTION_CAMPAIGN] == NULL)
    return complain(EXIT_USAGE, "--campaign NAME says what to join");
  int code = settings_folder(&settings, options);
  m->folder = settings.folder;
  if (code != EXIT_FINE ||
      access(campaign_path(m->pool, m->folder, "runs.csv"), F_OK) != 0)
    return code;
  return complain(EXIT_RESULTS,
                  "there is a campaign in %s, which stays as it is", m->folder);
}

int merge_command(struct options *options) {
  struct merge m = {.pool = options->pool};
  int code = folder_choose(&m, options)
                 ?: parts_load(&m, options)
                 ?: parts_check(&m)
                 ?: campaign_make_folder(m.pool, m.folder)
                 ?: environments_write(&m)
                 ?: companions_write(&m)
                 ?: rows_write(&m); /* last: now it is a campaign */
  if (code == EXIT_FINE)
    say_progress("joined %zu runs of %zu parts in %s",
                 (size_t)(m.rows.end - m.rows.begin), m.count, m.folder);
  return code;
}
