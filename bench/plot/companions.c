/* SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/csv.h"
#include "bench/base/exit_code.h"
#include "bench/base/number.h"
#include "bench/base/say.h"
#include "bench/plot/view.h"
#include "bench/rows/campaign.h"

/* The most numbers that are read from a row. */
enum { NUMBERS_MAX = 3 };

/* The columns read from a file, and the function that stores them. */
struct wanted {
  enum companion which;
  size_t columns[NUMBERS_MAX], count;
  void (*take)(struct view *, const struct entry *, const double *numbers,
               const char *const *fields);
};

struct reading {
  struct view *view;
  const struct wanted *wanted;
  const struct companion_card *card;
  const struct csv_file *file;
  struct pool *pool; /* of the rows */
  const struct entry **runs;
  size_t run_count;
};

static void pause_take(struct view *v, const struct entry *entry,
                       const double *n, const char *const *fields) {
  (void)fields;
  v->pauses = pool_grow(v->pool, v->pauses, v->pause_count, sizeof *v->pauses);
  v->pauses[v->pause_count++] = (struct view_pause){entry, n[0], n[1]};
}

static void sample_take(struct view *v, const struct entry *entry,
                        const double *n, const char *const *fields) {
  (void)fields;
  v->samples =
      pool_grow(v->pool, v->samples, v->sample_count, sizeof *v->samples);
  v->samples[v->sample_count++] = (struct view_sample){entry, n[0], n[1], n[2]};
}

const char view_service[] = "svc", view_response[] = "rsp",
           view_metered[] = "met", view_hiccup[] = "hiccup";

static const char *kind_of(const char *text) {
  static const char *const kinds[] = {view_service, view_response, view_metered,
                                      view_hiccup};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(text, kinds[i]) == 0)
      return kinds[i];
  return NULL;
}

/* Kinds that no chart shows are skipped. */
static void latency_take(struct view *v, const struct entry *entry,
                         const double *n, const char *const *fields) {
  const char *kind = kind_of(fields[1]);
  if (kind == NULL)
    return;
  v->latencies =
      pool_grow(v->pool, v->latencies, v->latency_count, sizeof *v->latencies);
  v->latencies[v->latency_count++] =
      (struct view_latency){entry, kind, n[0], n[1], n[2]};
}

static const struct wanted all_wanted[] = {
    {PAUSES, {5, 7}, 2, pause_take},       /* t_request, t_end */
    {TIMELINE, {1, 2, 3}, 3, sample_take}, /* t, resident, held */
    {LATENCY, {2, 3, 4}, 3, latency_take}, /* from_ns, to_ns, count */
};

/* The number of a rerun has one decimal digit. */
static double run_key(double run) {
  return round(10 * run);
}

/* Indexes entries by the number of their run. Only valid runs are in charts. */
static void runs_index(struct reading *r) {
  const struct span all = r->view->all;
  double most = 0;
  for (const struct entry *e = all.begin; e < all.end; e++)
    most = fmax(most, run_key(entry_number(e, RUN_RUN)));
  r->run_count = (size_t)most + 1;
  r->runs = pool_alloc(r->view->pool, r->run_count * sizeof *r->runs);
  for (const struct entry *e = all.begin; e < all.end; e++) {
    if (e->is_ok)
      r->runs[(size_t)run_key(entry_number(e, RUN_RUN))] = e;
  }
}

static int number_take(const struct reading *r, const struct csv_row *row,
                       size_t column, double *out) {
  const char *text = row->fields[column];
  if (number_real(text, -DBL_MAX, DBL_MAX, out) == NUMBER_FINE)
    return EXIT_FINE;
  return complain(EXIT_RESULTS,
                  "%s, line %zu, column '%s': '%s' is not a "
                  "number",
                  r->file->path, row->line, r->card->columns[column], text);
}

static int row_take(struct reading *r, const struct csv_row *row) {
  const struct wanted *w = r->wanted;
  double run = 0, numbers[NUMBERS_MAX];
  if (!csv_row_is_full(r->file, row, r->card->column_count))
    return EXIT_RESULTS;
  int code = number_take(r, row, COMPANION_RUN, &run);
  for (size_t i = 0; code == EXIT_FINE && i < w->count; i++)
    code = number_take(r, row, w->columns[i], &numbers[i]);
  if (code != EXIT_FINE)
    return code;
  /* A killed run has no row, and a run that is not valid is in no figure: their
     pauses and samples are skipped. */
  run = run_key(run);
  if (run >= 0 && run < (double)r->run_count && r->runs[(size_t)run] != NULL)
    w->take(r->view, r->runs[(size_t)run], numbers, row->fields);
  return EXIT_FINE;
}

static int rows_read(struct reading *r) {
  struct csv_reader reader = {.file = r->file, .pool = r->pool};
  struct csv_row row;
  int code = EXIT_FINE;
  enum csv_found found = csv_next(&reader, &row);
  if (found == CSV_ROW &&
      !csv_header_is(r->file, &row, r->card->columns, r->card->column_count))
    return EXIT_RESULTS;
  while (code == EXIT_FINE && (found = csv_next(&reader, &row)) == CSV_ROW) {
    code = row_take(r, &row);
    pool_free(r->pool);
  }
  return code == EXIT_FINE && found == CSV_BAD ? EXIT_RESULTS : code;
}

static int companion_read(struct reading *r, const struct wanted *wanted) {
  struct csv_file file;
  struct pool pool = {0};
  const struct view *v = r->view;
  r->wanted = wanted;
  r->card = &companions[wanted->which];
  r->file = &file;
  r->pool = &pool;
  int code = csv_load(&file, campaign_path(v->pool, v->folder, r->card->file))
                 ?: rows_read(r);
  csv_unload(&file);
  pool_free(&pool);
  return code;
}

int view_read_companions(struct view *v) {
  struct reading r = {.view = v};
  int code = EXIT_FINE;
  runs_index(&r);
  size_t count = sizeof all_wanted / sizeof *all_wanted;
  for (size_t i = 0; code == EXIT_FINE && i < count; i++)
    code = companion_read(&r, &all_wanted[i]);
  return code;
}
