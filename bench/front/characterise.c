/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/child.h"
#include "bench/base/say.h"
#include "bench/base/sheet.h"
#include "bench/plot/charts.h"
#include "bench/plot/plot.h"
#include "bench/race/attempt.h"
#include "bench/stats/spread.h"

static const struct sheet_column columns[] = {
    {"workload", SHEET_WORD},   {"threads", SHEET_NUMBER},
    {"objects", SHEET_NUMBER},  {"mean_bytes", SHEET_NUMBER},
    {"MB_per_s", SHEET_NUMBER}, {"live_bytes", SHEET_NUMBER},
    {"turnover", SHEET_NUMBER}, {"stores", SHEET_NUMBER},
    {"survival", SHEET_NUMBER}, {"cyclic", SHEET_NUMBER},
    {"nearest", SHEET_WORD},    {"distance", SHEET_NUMBER}};
enum {
  COLUMNS = sizeof columns / sizeof *columns,
  FIRST_FIGURE = 2,
  NEAREST = COLUMNS - 2,
};

/* The heap limit of the tracing run, in multiples of the live bytes: enough for
   every workload. */
enum { FACTOR = 3 };

struct characters {
  const struct settings *settings;
  struct pool *pool;
  const struct catalog_collector *tracer; /* promotes, and keeps a limit */
  const struct catalog_collector *leaker; /* counts, and leaks cycles */
  struct sheet sheet;
};

static int64_t capability(const struct catalog_collector *c, const char *key) {
  for (size_t i = 0; i < c->capability_count; i++)
    if (strcmp(c->capabilities[i].key, key) == 0)
      return c->capabilities[i].value;
  return 0;
}

static int collectors_choose(struct characters *all) {
  const struct catalog *catalog = &all->settings->catalog;
  for (size_t i = 0; i < catalog->collector_count; i++) {
    const struct catalog_collector *c = &catalog->collectors[i];
    bool frees = capability(c, "reclaims") != 0;
    bool frees_cycles = capability(c, "reclaims_cycles") != 0;
    bool counts = capability(c, "counts") != 0;
    if (all->tracer == NULL && frees_cycles && !counts &&
        capability(c, "limits") && capability(c, "generations") > 1)
      all->tracer = c;
    if (all->leaker == NULL && frees && !frees_cycles && counts)
      all->leaker = c;
  }
  if (all->tracer != NULL && all->leaker != NULL)
    return EXIT_FINE;
  return complain(EXIT_USAGE,
                  "this takes a collector with generations and one that "
                  "leaks cycles, as gen and rc");
}

/* --- one workload --------------------------------------------------------- */

static const char *ratio_text(struct pool *pool, double part, double whole) {
  return whole > 0 ? pool_format(pool, "%.3g", part / whole) : "-";
}

static void line_write(struct characters *all, const struct command_cell *cell,
                       double live, const struct attempt *traced,
                       const struct attempt *leaked) {
  struct pool *pool = all->pool;
  double objects = attempt_figure(traced, "alloc_objects");
  double bytes = attempt_figure(traced, "alloc_bytes");
  double seconds = attempt_figure(traced, "wall_ns") / 1e9;
  const char **line = sheet_add(&all->sheet);
  *line++ = cell->workload->name;
  *line++ = pool_format(pool, "%" PRId64, cell->threads);
  *line++ = pool_format(pool, "%.0f", objects);
  *line++ = ratio_text(pool, bytes, objects);
  *line++ = ratio_text(pool, bytes / 1e6, seconds);
  *line++ = pool_format(pool, "%.0f", live);
  *line++ = ratio_text(pool, bytes, live);
  *line++ = ratio_text(pool, attempt_figure(traced, "ref_stores"), objects);
  *line++ = ratio_text(pool, attempt_figure(traced, "promoted_bytes"), bytes);
  *line++ = ratio_text(pool, attempt_figure(leaked, "garbage_end"),
                       attempt_figure(leaked, "alloc_bytes"));
  *line++ = "-";
  *line = "-";
}

/* The limit tells the live bytes, even of a run that is out of memory. */
static int workload_run(struct characters *all,
                        const struct catalog_workload *workload,
                        int64_t threads) {
  struct command_cell cell = {all->tracer, workload, threads};
  struct attempt traced, leaked;
  const char *limited = pool_format(all->pool, "--live-factor=%d", FACTOR);
  const char *unlimited = "--live-factor=0";
  const struct settings *s = all->settings;
  int code = attempt_run(all->pool, s, &cell, limited, &traced);
  double live = attempt_figure(&traced, "heap_bytes") / FACTOR;
  if (code == EXIT_FINE && !traced.fits)
    code = attempt_run(all->pool, s, &cell, unlimited, &traced);
  cell.collector = all->leaker;
  if (code == EXIT_FINE)
    code = attempt_run(all->pool, s, &cell, unlimited, &leaked);
  if (code == EXIT_FINE)
    line_write(all, &cell, live, &traced, &leaked);
  return code;
}

static int workloads_run(struct characters *all) {
  const struct settings *s = all->settings;
  int worst = EXIT_FINE, code = EXIT_FINE;
  size_t cells = s->workload_count * s->thread_count;
  for (size_t i = 0; attempt_may_go_on(code) && i < cells; i++) {
    const struct catalog_workload *w = s->workloads[i / s->thread_count];
    if (say_can_draw())
      say_status(w->name);
    code = workload_run(all, w, s->threads[i % s->thread_count]);
    worst = code != EXIT_FINE ? code : worst;
  }
  say_status_end();
  return worst;
}

/* --- how different they are ----------------------------------------------- */

static bool allocates(const char *const *row) {
  return strtod(row[FIRST_FIGURE], NULL) > 0;
}

/* A workload that allocates nothing would lie so far away that all others were
   one point. */
static struct sheet rows_that_allocate(const struct sheet *all) {
  struct sheet some = *all;
  some.rows = NULL;
  some.colours = NULL;
  some.row_count = 0;
  some.column_count = NEAREST;
  for (size_t i = 0; i < all->row_count; i++)
    if (allocates(all->rows[i]))
      memcpy(sheet_add(&some), all->rows[i], NEAREST * sizeof **all->rows);
  return some;
}

static void nearest_find(struct characters *all) {
  struct sheet some = rows_that_allocate(&all->sheet);
  size_t figures = NEAREST - FIRST_FIGURE, at = 0;
  if (some.row_count < 2)
    return;
  double *values = chart_spread_figures(all->pool, &some, FIRST_FIGURE);
  spread_scale(values, some.row_count, figures);
  for (size_t i = 0; i < all->sheet.row_count; i++) {
    double distance;
    const char **row = all->sheet.rows[i];
    if (!allocates(row))
      continue;
    size_t nearest =
        spread_nearest(values, some.row_count, figures, at++, &distance);
    row[NEAREST] = some.rows[nearest][0];
    row[NEAREST + 1] = pool_format(all->pool, "%.2f", distance);
  }
}

/* One or two points show no spread. */
enum { DRAWN_LEAST = 3 };

static int spread_draw(struct characters *all, const char *folder) {
  struct sheet sheet = rows_that_allocate(&all->sheet);
  if (sheet.row_count < DRAWN_LEAST)
    return complain(EXIT_USAGE, "--draw takes three workloads that allocate");
  struct chart chart = {.name = "characters"};
  chart.origin = pool_format(all->pool, "size %s, figures of %s and %s on %s",
                             size_names[all->settings->size], all->tracer->name,
                             all->leaker->name, all->settings->machine);
  chart_spread(&chart, all->pool, &sheet, FIRST_FIGURE);
  return plot_draw_chart(&chart, all->pool, folder);
}

int characterise_command(struct options *options) {
  struct settings settings = {.pool = options->pool};
  struct characters all = {.settings = &settings, .pool = options->pool};
  all.sheet = (struct sheet){
      .pool = options->pool, .columns = columns, .column_count = COLUMNS};
  enum sheet_format format;
  child_signals_hold();
  if (options->text[OPTION_THREADS] == NULL)
    options->text[OPTION_THREADS] = "1";
  int code = sheet_format_read(options->text[OPTION_FORMAT], &format)
                 ?: settings_make(&settings, options)
                 ?: collectors_choose(&all) ?: workloads_run(&all);
  nearest_find(&all);
  if (all.sheet.row_count > 0)
    sheet_write(&all.sheet, format, stdout);
  if (code == EXIT_FINE && options->text[OPTION_DRAW] != NULL)
    code = spread_draw(&all, options->text[OPTION_DRAW]);
  return code;
}
