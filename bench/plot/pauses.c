/* SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "bench/exit_code.h"
#include "bench/front/campaign.h"
#include "bench/front/csv.h"
#include "bench/front/number.h"
#include "bench/front/say.h"
#include "bench/plot/view.h"

/* Columns that are read. */
enum { T_REQUEST = 5, T_END = 7, BYTES_BEFORE = 8, BYTES_AFTER = 9 };

struct reading {
  const struct view *view;
  const struct csv_file *file;
  struct pool *pool; /* of the rows */
  const struct entry **runs;
  size_t run_count;
  struct view_pause *pauses;
  size_t count;
};

/* Runs that were done again have one digit behind the point. */
static double run_key(double run) {
  return round(10 * run);
}

/* Entries by the number of their run. */
static void runs_index(struct reading *r) {
  const struct span all = r->view->all;
  double most = 0;
  for (const struct entry *e = all.begin; e < all.end; e++) {
    double run = run_key(entry_number(e, RUN_RUN));
    most = run > most ? run : most;
  }
  r->run_count = (size_t)most + 1;
  r->runs = pool_alloc(r->view->pool, r->run_count * sizeof *r->runs);
  for (const struct entry *e = all.begin; e < all.end; e++)
    r->runs[(size_t)run_key(entry_number(e, RUN_RUN))] = e;
}

static int number_take(const struct reading *r, const struct csv_row *row,
                       size_t column, double *out) {
  const char *text = row->fields[column];
  if (number_real(text, -DBL_MAX, DBL_MAX, out) == NUMBER_FINE)
    return EXIT_FINE;
  return complain(EXIT_RESULTS,
                  "%s, line %zu, column '%s': '%s' is not a "
                  "number",
                  r->file->path, row->line, pause_columns[column], text);
}

static int pause_take(struct reading *r, const struct csv_row *row) {
  struct view_pause p;
  double run = 0;
  if (!csv_row_is_full(r->file, row, PAUSE_COLUMNS))
    return EXIT_RESULTS;
  int code = number_take(r, row, PAUSE_RUN, &run);
  run = run_key(run);
  if (code == EXIT_FINE)
    code = number_take(r, row, T_REQUEST, &p.t_request);
  if (code == EXIT_FINE)
    code = number_take(r, row, T_END, &p.t_end);
  if (code == EXIT_FINE)
    code = number_take(r, row, BYTES_BEFORE, &p.bytes_before);
  if (code == EXIT_FINE)
    code = number_take(r, row, BYTES_AFTER, &p.bytes_after);
  if (code != EXIT_FINE)
    return code;
  /* Those of a run without a row are of one that was killed. */
  bool is_known = run >= 0 && run < (double)r->run_count;
  p.entry = is_known ? r->runs[(size_t)run] : NULL;
  if (p.entry == NULL)
    return EXIT_FINE;
  r->pauses = pool_grow(r->view->pool, r->pauses, r->count, sizeof *r->pauses);
  r->pauses[r->count++] = p;
  return EXIT_FINE;
}

static int rows_read(struct reading *r) {
  struct csv_reader reader = {.file = r->file, .pool = r->pool};
  struct csv_row row;
  int code = EXIT_FINE;
  enum csv_found found = csv_next(&reader, &row);
  if (found == CSV_ROW &&
      !csv_header_is(r->file, &row, pause_columns, PAUSE_COLUMNS))
    return EXIT_RESULTS;
  while (code == EXIT_FINE && (found = csv_next(&reader, &row)) == CSV_ROW) {
    code = pause_take(r, &row);
    pool_free(r->pool);
  }
  if (code == EXIT_FINE && found == CSV_BAD)
    code = complain(EXIT_RESULTS, "%s, line %zu: a quote where none may be",
                    r->file->path, row.line);
  return code;
}

int view_read_pauses(struct view *v) {
  struct csv_file file;
  struct pool pool = {0};
  struct reading r = {.view = v, .file = &file, .pool = &pool};
  runs_index(&r);
  int code = csv_load(&file, campaign_path(v->pool, v->folder, "pauses.csv"));
  if (code == EXIT_FINE)
    code = rows_read(&r);
  csv_unload(&file);
  pool_free(&pool);
  v->pauses = r.pauses;
  v->pause_count = r.count;
  return code;
}
