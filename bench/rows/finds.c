/* SPDX-License-Identifier: MIT */
#include "bench/rows/finds.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/csv.h"
#include "bench/base/say.h"
#include "bench/base/text.h"

static void row_keep(struct finds *f, const char **fields) {
  f->rows = pool_grow(f->pool, f->rows, f->count, sizeof *f->rows);
  f->rows[f->count++] = fields;
}

/* A last row that is cut off is not there. */
static int rows_read(struct finds *f, const struct csv_file *file) {
  struct csv_reader reader = {.file = file, .pool = f->pool};
  struct csv_row row;
  enum csv_found found = csv_next(&reader, &row);
  if (found == CSV_ROW &&
      !csv_header_is(file, &row, f->card->columns, f->card->column_count))
    return EXIT_RESULTS;
  while (found == CSV_ROW && (found = csv_next(&reader, &row)) == CSV_ROW) {
    if (!csv_row_is_full(file, &row, f->card->column_count))
      return EXIT_RESULTS;
    row_keep(f, row.fields);
  }
  return found == CSV_BAD ? EXIT_RESULTS : EXIT_FINE;
}

int finds_load(struct finds *f, const struct finds_card *card,
               struct pool *pool, const char *folder) {
  *f = (struct finds){.card = card,
                      .pool = pool,
                      .path = pool_format(pool, "%s/%s", folder, card->file)};
  struct csv_file file;
  int code = csv_load(&file, f->path) ?: rows_read(f, &file);
  csv_unload(&file);
  return code;
}

void finds_design(struct pool *pool, const struct settings *s,
                  const struct command_cell *cell,
                  const struct environment_commit *commit,
                  const char **design) {
  design[FIND_COMMIT] = commit->id;
  design[FIND_DIRTY] = commit->dirty;
  design[FIND_WORKLOAD] = cell->workload->name;
  design[FIND_PARAMS] = command_params(pool, s, cell->workload);
  design[FIND_COLLECTOR] = cell->collector->name;
  design[FIND_TUNING] = settings_tuning(s, cell->collector);
  design[FIND_THREADS] = pool_format(pool, "%lld", (long long)cell->threads);
  design[FIND_GC_THREADS] =
      s->gc_threads > 0 ? pool_format(pool, "%lld", (long long)s->gc_threads)
                        : NULL;
  design[FIND_SEED] = pool_format(pool, "%llu", (unsigned long long)s->seed);
}

static const char *text_of(const char *field) {
  return field != NULL ? field : "";
}

const char **finds_find(const struct finds *f, const char *const *design) {
  if (strcmp(text_of(design[FIND_DIRTY]), "1") == 0)
    return NULL;
  for (size_t i = f->count; i-- > 0;) {
    size_t k = 0;
    while (k < f->card->design_count &&
           strcmp(text_of(f->rows[i][k]), text_of(design[k])) == 0)
      k++;
    if (k == f->card->design_count)
      return f->rows[i];
  }
  return NULL;
}

int finds_add(struct finds *f, const char **fields) {
  struct text text;
  struct csv_log log;
  text_begin(&text);
  if (f->count == 0)
    csv_write_row(text.out, f->card->columns, f->card->column_count);
  csv_write_row(text.out, fields, f->card->column_count);
  text_end(&text);
  int code = csv_log_open(&log, f->path);
  if (code == EXIT_FINE && f->count == 0)
    code = csv_log_cut(&log, 0);
  code = code ?: csv_log_append(&log, text.bytes, text.size);
  if (log.fd >= 0)
    close(log.fd);
  text_free(&text);
  if (code == EXIT_FINE)
    row_keep(f, fields);
  return code;
}
