/* SPDX-License-Identifier: MIT */
#include "bench/race/heap_search.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bench/base/say.h"
#include "bench/race/bisection.h"
#include "bench/rows/min_heaps.h"

/* The result is at most a hundredth, or 64 KiB, above the smallest heap. A
   collector that fails under a limit of eight times what it uses without one
   does not fail for lack of memory. */
enum { SHARE = 100, LEAST_STEP = 64 << 10, MOST_FACTOR = 8 };

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

/* What a run without a limit uses: the search begins there. */
static int used_ask(struct search *s, uint64_t *used) {
  struct attempt a;
  int code = search_attempt(s, "--heap-bytes=0", &a);
  if (code != EXIT_FINE)
    return code;
  *used = (uint64_t)attempt_figure(&a, "held_peak");
  if (a.fits && *used > 0)
    return EXIT_FINE;
  return complain(EXIT_MEMORY, "%s does not complete %s without a limit: %s",
                  s->cell.collector->label, s->cell.workload->name,
                  a.fits ? "it holds no memory"
                         : a.record.fields[RUN_ERROR] ?: "out of memory");
}

static int heap_find(struct search *s, const char **row) {
  uint64_t used;
  int code = used_ask(s, &used);
  if (code != EXIT_FINE)
    return code;
  struct bisection b = {.first = used,
                        .greatest = MOST_FACTOR * used,
                        .step = LEAST_STEP,
                        .share = SHARE,
                        .ask = bytes_ask,
                        .data = s};
  code = bisection_run(&b);
  if (code == EXIT_FINE && b.yes == 0)
    return complain(EXIT_MEMORY,
                    "%s does not complete %s in %d times the memory that it "
                    "uses without a limit",
                    s->cell.collector->label, s->cell.workload->name,
                    MOST_FACTOR);
  row[HEAP_MIN_HEAP_BYTES] = pool_format(s->pool, "%" PRIu64, b.yes);
  return code;
}

/* --- what it needs, and shows --------------------------------------------- */

static int collectors_check(const struct settings *s) {
  for (size_t i = 0; i < s->catalog.collector_count; i++) {
    const struct catalog_collector *c = &s->catalog.collectors[i];
    if (!catalog_has_limit(c))
      return complain(EXIT_USAGE,
                      "%s has no smallest heap: it does not keep to a limit, "
                      "or never frees",
                      c->name);
  }
  return EXIT_FINE;
}

static const struct sheet_column columns[] = {
    {"workload", SHEET_WORD},         {"params", SHEET_DATA},
    {"threads", SHEET_NUMBER},        {"collector", SHEET_NAME},
    {"min_heap_bytes", SHEET_NUMBER}, {"runs", SHEET_NUMBER}};

static void heap_show(const struct search *s, const char *const *row,
                      const char **line) {
  *line++ = row[FIND_WORKLOAD];
  *line++ = row[FIND_PARAMS];
  *line++ = row[FIND_THREADS];
  *line++ = s->cell.collector->label;
  *line++ = row[HEAP_MIN_HEAP_BYTES];
  *line = search_runs(s);
}

const struct search_card heap_search = {
    .finds = &minheap_finds,
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .collectors = MINHEAP_YARDSTICK,
    .check = collectors_check,
    .find = heap_find,
    .show = heap_show,
};
