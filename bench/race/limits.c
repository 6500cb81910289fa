/* SPDX-License-Identifier: MIT */
#include "bench/race/limits.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "bench/base/say.h"
#include "bench/race/heap_search.h"
#include "bench/rows/min_heaps.h"

uint64_t limit_bytes(double factor, uint64_t min_heap, int64_t threads) {
  uint64_t bytes = (uint64_t)ceil(factor * (double)min_heap);
  uint64_t floor = (uint64_t)threads * LIMIT_FLOOR;
  return bytes > floor ? bytes : floor;
}

int limits_load(struct limits *l, const struct settings *s, const char *folder,
                const struct environment_commit *commit) {
  *l = (struct limits){.plain = *s,
                       .store = {.card = &heap_search, .commit = *commit}};
  l->plain.catalog.collectors = NULL;
  l->plain.catalog.collector_count = 0;
  l->plain.tuning_count = 0;
  l->plain.gc_threads = 0;
  l->min_heaps = pool_alloc(s->pool, s->workload_count * s->thread_count *
                                         sizeof *l->min_heaps);
  return finds_load(&l->store.finds, &minheap_finds, s->pool, folder);
}

/* The yardstick is asked for its description when the first search begins. */
static int yardstick_add(struct limits *l) {
  struct settings *s = &l->plain;
  return s->catalog.collector_count > 0
             ? EXIT_FINE
             : catalog_add(&s->catalog, s->bin_dir, MINHEAP_YARDSTICK);
}

static int heap_search_one(struct limits *l, const struct catalog_workload *w,
                           int64_t threads, const char **found) {
  struct search search = {.settings = &l->plain, .pool = l->plain.pool};
  const char **row;
  int code = yardstick_add(l);
  if (code != EXIT_FINE)
    return code;
  search.cell = (struct command_cell){l->plain.catalog.collectors, w, threads};
  code = search_row(&l->store, &search, &row);
  if (code == EXIT_FINE) {
    *found = row[HEAP_MIN_HEAP_BYTES];
    if (search.runs > 0)
      say_progress("%s, %" PRId64 " thread%s: the smallest heap is %s bytes, "
                   "found in %u runs of " MINHEAP_YARDSTICK,
                   w->name, threads, threads == 1 ? "" : "s", *found,
                   search.runs);
  }
  return code;
}

static const char **cell_of(const struct limits *l, size_t workload,
                            size_t threads) {
  return &l->min_heaps[workload * l->plain.thread_count + threads];
}

static bool is_limited(const char *factor) {
  return strtod(factor, NULL) > 0;
}

int limits_find(struct limits *l, size_t workload, size_t threads,
                const char *factor) {
  const struct settings *s = &l->plain;
  const struct catalog_workload *w = s->workloads[workload];
  const char **found = cell_of(l, workload, threads);
  if (!is_limited(factor) || *found != NULL)
    return EXIT_FINE;
  *found =
      minheap_shipped(s->pool, w->name, command_params(s->pool, s, w),
                      pool_format(s->pool, "%" PRId64, s->threads[threads]));
  if (*found != NULL)
    return EXIT_FINE;
  *found = "";
  int code = heap_search_one(l, w, s->threads[threads], found);
  return attempt_may_go_on(code) ? EXIT_FINE : code;
}

int limits_find_all(struct limits *l, const struct plan *plan,
                    const bool *done) {
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < plan->count; i++) {
    const struct planned_run *run = &plan->runs[i];
    if (!done[i])
      code = limits_find(l, run->workload, run->threads,
                         plan->heap_factors[run->heap_factor]);
  }
  return code;
}

const char *limits_min_heap(const struct limits *l, size_t workload,
                            size_t threads, const char *factor) {
  return is_limited(factor) ? *cell_of(l, workload, threads) : NULL;
}

const char *limits_bytes(const struct limits *l, struct pool *pool,
                         size_t workload, size_t threads, const char *factor) {
  const char *min_heap = limits_min_heap(l, workload, threads, factor);
  if (min_heap == NULL)
    return "0";
  if (*min_heap == '\0')
    return NULL;
  uint64_t bytes =
      limit_bytes(strtod(factor, NULL), strtoull(min_heap, NULL, 10),
                  l->plain.threads[threads]);
  return pool_format(pool, "%" PRIu64, bytes);
}
