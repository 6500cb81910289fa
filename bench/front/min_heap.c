/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/race/bisection.h"
#include "bench/race/search.h"
#include "bench/rows/min_heaps.h"

/* The result is at most a hundredth, or 64 KiB, above the smallest heap. A
   workload that fails in a heap of 64 times its live bytes never completes. */
enum { SHARE = 100, LEAST_STEP = 64 << 10, MOST_FACTOR = 64 };

/* --- bisection ------------------------------------------------------------ */

static int bytes_ask(void *data, uint64_t bytes, bool *fits) {
  struct search *s = data;
  struct attempt a;
  int code = search_attempt(
      s, pool_format(s->pool, "--heap-bytes=%" PRIu64, bytes), &a);
  *fits = a.fits;
  if (code == EXIT_FINE && say_can_draw())
    say_status(pool_format(s->pool, "%s, %s: %" PRIu64 " bytes %s",
                           s->cell.workload->name, s->cell.collector->label,
                           bytes, a.fits ? "are enough" : "are too few"));
  return code;
}

/* A run at the factor 1 tells the live bytes. */
static int live_ask(struct search *s, uint64_t *live, bool *fits) {
  struct attempt a;
  int code = search_attempt(s, "--heap-factor=1", &a);
  if (code != EXIT_FINE)
    return code;
  *live = (uint64_t)attempt_figure(&a, "heap_bytes");
  *fits = a.fits;
  if (*live > 0)
    return EXIT_FINE;
  return complain(EXIT_MISSING, "%s does not say what lives in %s",
                  s->cell.collector->runner, s->cell.workload->name);
}

static int heap_find(struct search *s, const char **row) {
  uint64_t live;
  bool fits;
  int code = live_ask(s, &live, &fits);
  if (code != EXIT_FINE)
    return code;
  struct bisection b = {.greatest = MOST_FACTOR * live,
                        .step = LEAST_STEP,
                        .share = SHARE,
                        .ask = bytes_ask,
                        .data = s};
  *(fits ? &b.yes : &b.no) = live;
  code = bisection_run(&b);
  if (code == EXIT_FINE && b.yes == 0)
    return complain(
        EXIT_MEMORY, "%s does not complete %s in %d times its live bytes",
        s->cell.collector->label, s->cell.workload->name, MOST_FACTOR);
  row[HEAP_LIVE_BYTES] = pool_format(s->pool, "%" PRIu64, live);
  row[HEAP_MIN_HEAP_BYTES] = pool_format(s->pool, "%" PRIu64, b.yes);
  return code;
}

/* --- what it needs, and shows --------------------------------------------- */

static int collectors_check(const struct settings *s) {
  for (size_t i = 0; i < s->catalog.collector_count; i++) {
    const struct catalog_collector *c = &s->catalog.collectors[i];
    if (!catalog_has_limit(c))
      return complain(EXIT_USAGE,
                      "%s has no least heap: it does not keep to a limit, or "
                      "never frees",
                      c->name);
  }
  return EXIT_FINE;
}

static const struct sheet_column columns[] = {{"workload", SHEET_WORD},
                                              {"threads", SHEET_NUMBER},
                                              {"collector", SHEET_NAME},
                                              {"live_bytes", SHEET_NUMBER},
                                              {"min_heap_bytes", SHEET_NUMBER},
                                              {"factor", SHEET_NUMBER},
                                              {"runs", SHEET_NUMBER}};

static void heap_show(const struct search *s, const char *const *row,
                      const char **line) {
  double live = strtod(row[HEAP_LIVE_BYTES], NULL);
  double least = strtod(row[HEAP_MIN_HEAP_BYTES], NULL);
  *line++ = row[FIND_WORKLOAD];
  *line++ = row[FIND_THREADS];
  *line++ = s->cell.collector->label;
  *line++ = row[HEAP_LIVE_BYTES];
  *line++ = row[HEAP_MIN_HEAP_BYTES];
  *line++ = live > 0 ? pool_format(s->pool, "%.3f", least / live) : "-";
  *line = search_runs(s);
}

static const struct search_card heap_search = {
    .finds = &minheap_finds,
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .collectors = MINHEAP_YARDSTICK,
    .check = collectors_check,
    .find = heap_find,
    .show = heap_show,
};

int min_heap_command(struct options *options) {
  return search_command(options, &heap_search);
}
