/* SPDX-License-Identifier: MIT */
#include "bench/rows/results.h"

#include <float.h>
#include <inttypes.h>
#include <string.h>

#include "bench/base/csv.h"
#include "bench/base/number.h"
#include "bench/base/say.h"

static int field_complain(const struct results *r,
                          const struct results_row *row, enum run_column column,
                          const char *what) {
  return complain(EXIT_RESULTS, "%s, line %zu, column '%s': '%s' %s", r->path,
                  row->line, run_columns[column], row->fields[column], what);
}

int results_number(const struct results *r, const struct results_row *row,
                   enum run_column column, double *out) {
  if (number_real(row->fields[column], -DBL_MAX, DBL_MAX, out) == NUMBER_FINE)
    return EXIT_FINE;
  return field_complain(r, row, column, "is not a number");
}

int results_count(const struct results *r, const struct results_row *row,
                  enum run_column column, int64_t most, double *out) {
  int64_t value;
  if (number_whole(row->fields[column], 1, most, &value) != NUMBER_FINE)
    return field_complain(
        r, row, column,
        pool_format(r->pool, "is not a whole number from 1 to %" PRId64, most));
  *out = (double)value;
  return EXIT_FINE;
}

/* Every column that is not one of words may be empty or must have a number. */
static int numbers_check(const struct results *r,
                         const struct results_row *row) {
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < RUN_COLUMNS; i++) {
    double ignored;
    if (!run_column_is_text(i) && *row->fields[i] != '\0')
      code = results_number(r, row, (enum run_column)i, &ignored);
  }
  return code;
}

static int row_check(const struct results *r, const struct results_row *row) {
  const struct results_row *first = &r->rows[0];
  double run;
  const char *schema = r->schema->version;
  if (strcmp(row->fields[RUN_SCHEMA], schema) != 0)
    return field_complain(r, row, RUN_SCHEMA,
                          pool_format(r->pool, "is not schema %s", schema));
  if (strcmp(row->fields[RUN_CAMPAIGN], first->fields[RUN_CAMPAIGN]) != 0)
    return field_complain(r, row, RUN_CAMPAIGN, "is another campaign");
  return results_number(r, row, RUN_RUN, &run) ?: numbers_check(r, row);
}

const char **results_widen(struct pool *pool, const struct run_schema *schema,
                           const char **fields) {
  if (!run_schema_is_older(schema))
    return fields;
  const char **wide = pool_alloc(pool, RUN_COLUMNS * sizeof *wide);
  for (size_t i = 0; i < RUN_COLUMNS; i++)
    wide[i] = i < schema->columns ? fields[i] : "";
  return wide;
}

static int row_take(struct results *r, const struct csv_file *file,
                    const struct csv_row *row) {
  if (!csv_row_is_full(file, row, r->schema->columns))
    return EXIT_RESULTS;
  const char **fields = results_widen(r->pool, r->schema, row->fields);
  r->rows = pool_grow(r->pool, r->rows, r->count, sizeof *r->rows);
  r->rows[r->count++] = (struct results_row){fields, row->line};
  return row_check(r, &r->rows[r->count - 1]);
}

/* A header that ends where that of an older schema does is of that schema. */
static int header_take(struct results *r, const struct csv_file *file,
                       const struct csv_row *row) {
  const char *names[RUN_COLUMNS];
  r->schema = run_schema_of(row->count);
  memcpy(names, run_columns, sizeof names);
  names[RUN_SLOW_NS] = r->schema->slow_ns;
  return csv_header_is(file, row, names, r->schema->columns) ? EXIT_FINE
                                                             : EXIT_RESULTS;
}

static int rows_take(struct results *r, const struct csv_file *file) {
  struct csv_reader reader = {.file = file, .pool = r->pool};
  struct csv_row row;
  enum csv_found found;
  int code = EXIT_FINE;
  while (code == EXIT_FINE && (found = csv_next(&reader, &row)) == CSV_ROW) {
    if (r->whole_bytes > 0)
      code = row_take(r, file, &row);
    else
      code = header_take(r, file, &row);
    r->whole_bytes = row.end;
  }
  r->is_cut = found == CSV_CUT;
  return code == EXIT_FINE && found == CSV_BAD ? EXIT_RESULTS : code;
}

int results_load(struct results *r, struct pool *pool, const char *path) {
  *r = (struct results){
      .pool = pool, .path = path, .schema = run_schema_of(RUN_COLUMNS)};
  struct csv_file file;
  int code = csv_load(&file, path) ?: rows_take(r, &file);
  csv_unload(&file);
  return code;
}
