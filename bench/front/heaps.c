/* SPDX-License-Identifier: MIT */
#include "bench/front/heaps.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/front/csv.h"
#include "bench/front/say.h"

static const char *const columns[HEAP_COLUMNS] = {
    "commit",    "dirty",       "workload",   "params",
    "collector", "tuning",      "threads",    "gc_threads",
    "seed",      "started_utc", "live_bytes", "min_heap_bytes"};

static void row_keep(struct heaps *h, const char **fields) {
  h->rows = pool_grow(h->pool, h->rows, h->count, sizeof *h->rows);
  h->rows[h->count++] = fields;
}

/* A last row that is cut off is not there. */
static int rows_read(struct heaps *h, const struct csv_file *file) {
  struct csv_reader reader = {.file = file, .pool = h->pool};
  struct csv_row row;
  enum csv_found found = csv_next(&reader, &row);
  if (found == CSV_ROW && !csv_header_is(file, &row, columns, HEAP_COLUMNS))
    return EXIT_RESULTS;
  while (found == CSV_ROW && (found = csv_next(&reader, &row)) == CSV_ROW) {
    if (!csv_row_is_full(file, &row, HEAP_COLUMNS))
      return EXIT_RESULTS;
    row_keep(h, row.fields);
  }
  return found == CSV_BAD ? EXIT_RESULTS : EXIT_FINE;
}

int heaps_load(struct heaps *h, struct pool *pool, const char *folder) {
  *h = (struct heaps){.pool = pool,
                      .path = pool_format(pool, "%s/min_heap.csv", folder)};
  struct csv_file file;
  int code = csv_load(&file, h->path);
  if (code != EXIT_FINE)
    return code;
  code = rows_read(h, &file);
  csv_unload(&file);
  return code;
}

void heaps_design(struct pool *pool, const struct settings *s,
                  const struct command_cell *cell,
                  const struct environment_commit *commit,
                  const char **design) {
  design[HEAP_COMMIT] = commit->id;
  design[HEAP_DIRTY] = commit->dirty;
  design[HEAP_WORKLOAD] = cell->workload->name;
  design[HEAP_PARAMS] = command_params(pool, s, cell->workload);
  design[HEAP_COLLECTOR] = cell->collector->name;
  design[HEAP_TUNING] = settings_tuning(s, cell->collector->name);
  design[HEAP_THREADS] = pool_format(pool, "%lld", (long long)cell->threads);
  design[HEAP_GC_THREADS] =
      s->gc_threads > 0 ? pool_format(pool, "%lld", (long long)s->gc_threads)
                        : NULL;
  design[HEAP_SEED] = pool_format(pool, "%llu", (unsigned long long)s->seed);
}

static const char *text_of(const char *field) {
  return field != NULL ? field : "";
}

const char **heaps_find(const struct heaps *h, const char *const *design) {
  if (strcmp(text_of(design[HEAP_DIRTY]), "1") == 0)
    return NULL;
  for (size_t i = h->count; i-- > 0;) {
    size_t k = 0;
    while (k < HEAP_DESIGN &&
           strcmp(text_of(h->rows[i][k]), text_of(design[k])) == 0)
      k++;
    if (k == HEAP_DESIGN)
      return h->rows[i];
  }
  return NULL;
}

int heaps_add(struct heaps *h, const char **fields) {
  char *text = NULL;
  size_t size = 0;
  struct csv_log log;
  FILE *out = open_memstream(&text, &size);
  if (out == NULL)
    return complain(EXIT_MEMORY, "out of memory");
  if (h->count == 0)
    csv_write_row(out, columns, HEAP_COLUMNS);
  csv_write_row(out, fields, HEAP_COLUMNS);
  fclose(out);
  int code = csv_log_open(&log, h->path);
  if (code == EXIT_FINE && h->count == 0)
    code = csv_log_cut(&log, 0);
  if (code == EXIT_FINE)
    code = csv_log_append(&log, text, size);
  if (log.fd >= 0)
    close(log.fd);
  free(text);
  if (code == EXIT_FINE)
    row_keep(h, fields);
  return code;
}
