/* SPDX-License-Identifier: MIT */
#include "bench/front/minheap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/front/attempt.h"
#include "bench/front/campaign.h"
#include "bench/front/child.h"
#include "bench/front/heaps.h"
#include "bench/front/say.h"
#include "bench/front/sheet.h"

/* Found is within a hundredth, or within 64 KiB, of what would do. Who does
   not come through with 64 times what lives never will. */
enum { SHARE = 100, LEAST_STEP = 64 << 10, MOST_FACTOR = 64 };

static const struct sheet_column columns[] = {
    {"workload", false},  {"threads", true},        {"collector", false},
    {"live_bytes", true}, {"min_heap_bytes", true}, {"factor", true},
    {"runs", true}};

struct search {
  const struct settings *settings;
  struct pool *pool;
  struct command_cell cell;
  struct heaps *heaps;
  const char *design[HEAP_COLUMNS]; /* the row in the making */
  uint64_t live;
  unsigned runs;
};

/* --- bisection ------------------------------------------------------------ */

static int attempt(struct search *s, const char *heap, struct attempt *a) {
  s->runs++;
  return attempt_run(s->pool, s->settings, &s->cell, heap, a);
}

static int attempt_bytes(struct search *s, uint64_t bytes, bool *fits) {
  struct attempt a;
  int code =
      attempt(s, pool_format(s->pool, "--heap-bytes=%" PRIu64, bytes), &a);
  *fits = a.fits;
  if (code == EXIT_FINE && say_can_draw())
    say_status(pool_format(s->pool, "%s, %s: %" PRIu64 " bytes %s",
                           s->cell.workload->name, s->cell.collector->name,
                           bytes, a.fits ? "are enough" : "are too few"));
  return code;
}

/* At the factor 1 the runner says what lives. */
static int live_ask(struct search *s, bool *fits) {
  struct attempt a;
  int code = attempt(s, "--heap-factor=1", &a);
  if (code != EXIT_FINE)
    return code;
  s->live = (uint64_t)attempt_figure(&a, "heap_bytes");
  *fits = a.fits;
  if (s->live > 0)
    return EXIT_FINE;
  return complain(EXIT_MISSING, "%s does not say what lives in %s",
                  s->cell.collector->runner, s->cell.workload->name);
}

/* Doubles until it fits. */
static int enough_find(struct search *s, uint64_t *small, uint64_t *large) {
  bool fits;
  int code = live_ask(s, &fits);
  *small = 0;
  *large = s->live;
  while (code == EXIT_FINE && !fits) {
    if (*large > MOST_FACTOR / 2 * s->live)
      return complain(
          EXIT_MEMORY, "%s does not come through %s with %d times what lives",
          s->cell.collector->name, s->cell.workload->name, MOST_FACTOR);
    *small = *large;
    *large *= 2;
    code = attempt_bytes(s, *large, &fits);
  }
  return code;
}

static int bisect(struct search *s, uint64_t *found) {
  uint64_t small, large;
  int code = enough_find(s, &small, &large);
  while (code == EXIT_FINE && large - small > LEAST_STEP &&
         large - small > large / SHARE) {
    uint64_t middle = small + (large - small) / 2;
    bool fits;
    code = attempt_bytes(s, middle, &fits);
    *(fits ? &large : &small) = middle;
  }
  *found = large;
  return code;
}

/* --- one cell ------------------------------------------------------------- */

static int row_find(struct search *s, const char ***row) {
  *row = heaps_find(s->heaps, s->design);
  if (*row != NULL)
    return EXIT_FINE;
  uint64_t found;
  s->design[HEAP_STARTED_UTC] = environment_time(s->pool);
  int code = bisect(s, &found);
  if (code != EXIT_FINE)
    return code;
  s->design[HEAP_LIVE_BYTES] = pool_format(s->pool, "%" PRIu64, s->live);
  s->design[HEAP_MIN_HEAP_BYTES] = pool_format(s->pool, "%" PRIu64, found);
  *row = pool_alloc(s->pool, sizeof s->design);
  memcpy(*row, s->design, sizeof s->design);
  return heaps_add(s->heaps, *row);
}

static void line_add(const struct search *s, const char **row,
                     struct sheet *sheet) {
  const char **line = sheet_add(sheet);
  double live = strtod(row[HEAP_LIVE_BYTES], NULL);
  double least = strtod(row[HEAP_MIN_HEAP_BYTES], NULL);
  *line++ = row[HEAP_WORKLOAD];
  *line++ = row[HEAP_THREADS];
  *line++ = row[HEAP_COLLECTOR];
  *line++ = row[HEAP_LIVE_BYTES];
  *line++ = row[HEAP_MIN_HEAP_BYTES];
  *line++ = live > 0 ? pool_format(s->pool, "%.3f", least / live) : "-";
  *line = s->runs > 0 ? pool_format(s->pool, "%u", s->runs) : "kept";
}

/* --- all ------------------------------------------------------------------ */

static bool has_limit(const struct catalog_collector *c) {
  unsigned found = 0;
  for (size_t i = 0; i < c->capability_count; i++) {
    const struct catalog_capability *capability = &c->capabilities[i];
    bool is_needed = strcmp(capability->key, "limits") == 0 ||
                     strcmp(capability->key, "reclaims") == 0;
    found += is_needed && capability->value != 0;
  }
  return found == 2;
}

static int collectors_check(const struct settings *s) {
  for (size_t i = 0; i < s->catalog.collector_count; i++) {
    const struct catalog_collector *c = &s->catalog.collectors[i];
    if (!has_limit(c))
      return complain(EXIT_USAGE,
                      "%s has no least heap: it does not keep to a limit, or "
                      "never frees",
                      c->name);
  }
  return EXIT_FINE;
}

static int cell_search(const struct settings *s, size_t i, struct heaps *heaps,
                       const struct environment_commit *commit,
                       struct sheet *sheet) {
  size_t collectors = s->catalog.collector_count;
  struct search search = {.settings = s, .pool = s->pool, .heaps = heaps};
  search.cell.collector = &s->catalog.collectors[i % collectors];
  search.cell.threads = s->threads[i / collectors % s->thread_count];
  search.cell.workload = s->workloads[i / collectors / s->thread_count];
  heaps_design(s->pool, s, &search.cell, commit, search.design);
  const char **row;
  int code = row_find(&search, &row);
  if (code == EXIT_FINE)
    line_add(&search, row, sheet);
  return code;
}

static int cells_search(const struct settings *s, struct heaps *heaps,
                        struct sheet *sheet) {
  struct environment_commit commit = environment_commit(s->pool, s->bin_dir);
  size_t cells =
      s->workload_count * s->thread_count * s->catalog.collector_count;
  int worst = EXIT_FINE, code = EXIT_FINE;
  for (size_t i = 0; attempt_may_go_on(code) && i < cells; i++) {
    code = cell_search(s, i, heaps, &commit, sheet);
    worst = code != EXIT_FINE ? code : worst;
  }
  say_status_end();
  return worst;
}

int minheap_command(struct options *options) {
  struct settings settings = {.pool = options->pool};
  struct heaps heaps;
  struct sheet sheet = {.pool = options->pool,
                        .columns = columns,
                        .column_count = sizeof columns / sizeof *columns};
  enum sheet_format format;
  child_signals_hold();
  if (options->text[OPTION_COLLECTORS] == NULL)
    options->text[OPTION_COLLECTORS] = HEAPS_YARDSTICK;
  int code = sheet_format_read(options->text[OPTION_FORMAT], &format);
  if (code == EXIT_FINE)
    code = settings_make(&settings, options);
  if (code == EXIT_FINE)
    code = collectors_check(&settings);
  const char *folder = settings_results(options);
  if (code == EXIT_FINE)
    code = campaign_make_folder(options->pool, folder);
  if (code == EXIT_FINE)
    code = heaps_load(&heaps, options->pool, folder);
  if (code == EXIT_FINE)
    code = cells_search(&settings, &heaps, &sheet);
  if (sheet.row_count > 0)
    sheet_write(&sheet, format, stdout);
  return code;
}
