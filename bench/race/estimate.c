/* SPDX-License-Identifier: MIT */
#include "bench/race/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/plan/command.h"
#include "bench/rows/history.h"

/* Seconds an iteration at size quick, default and large: means over all
   workloads with gen and rc, on two threads of a virtual machine with two
   cores that did other work too (2026). Large was not measured: its parameters
   are five to ten times those of default. */
static const double typical_seconds[SIZE_COUNT] = {2.5, 15, 100};

/* A runner stops to warm up when three iterations took the same time. */
enum { WARMUPS_LEAST = 3 };

/* Rows to look at, in bytes, newest first: that takes about a second. */
enum { HISTORY_BYTES = 16 << 20 };

struct estimate {
  struct pool *pool;
  const struct settings *settings;
  const char **params, **tunings; /* by workload and by collector */
  struct mean {
    double seconds;
    size_t runs;
  } * means; /* by workload, threads and collector */
};

/* --- what earlier runs took ----------------------------------------------- */

static struct mean *mean_of(const struct estimate *e, size_t workload,
                            size_t threads, size_t collector) {
  const struct settings *s = e->settings;
  return &e->means[(workload * s->thread_count + threads) *
                       s->catalog.collector_count +
                   collector];
}

static size_t workload_find(const struct estimate *e,
                            const char *const *fields) {
  const struct settings *s = e->settings;
  size_t i = 0;
  while (i < s->workload_count &&
         (strcmp(s->workloads[i]->name, fields[RUN_WORKLOAD]) != 0 ||
          strcmp(e->params[i], fields[RUN_PARAMS]) != 0))
    i++;
  return i;
}

static size_t threads_find(const struct estimate *e,
                           const char *const *fields) {
  int64_t threads = strtoll(fields[RUN_THREADS], NULL, 10);
  size_t i = 0;
  while (i < e->settings->thread_count && e->settings->threads[i] != threads)
    i++;
  return i;
}

static size_t collector_find(const struct estimate *e,
                             const char *const *fields) {
  const struct catalog *catalog = &e->settings->catalog;
  size_t i = 0;
  while (i < catalog->collector_count &&
         (strcmp(catalog->collectors[i].name, fields[RUN_COLLECTOR]) != 0 ||
          strcmp(e->tunings[i], fields[RUN_TUNING]) != 0))
    i++;
  return i;
}

/* With the warm-ups that a run of these settings would have had. */
static double row_seconds(const struct settings *s, const char *const *fields) {
  double warmups = strtod(fields[RUN_WARMUPS], NULL);
  if (strcmp(fields[RUN_STATUS], "timeout") == 0)
    return s->timeout;
  warmups = fmin(fmax(warmups, WARMUPS_LEAST), (double)s->warmups);
  return strtod(fields[RUN_WALL_NS], NULL) / 1e9 * (1 + warmups);
}

static void row_take(void *data, const char *const *fields) {
  const struct estimate *e = data;
  const struct settings *s = e->settings;
  size_t workload = workload_find(e, fields);
  size_t threads = threads_find(e, fields);
  size_t collector = collector_find(e, fields);
  if (workload == s->workload_count || threads == s->thread_count ||
      collector == s->catalog.collector_count ||
      strcmp(fields[RUN_MACHINE], s->machine) != 0)
    return;
  double seconds = row_seconds(s, fields);
  struct mean *mean = mean_of(e, workload, threads, collector);
  mean->seconds += seconds > 0 ? seconds : 0;
  mean->runs += seconds > 0;
}

static void history_take(struct estimate *e) {
  const struct settings *s = e->settings;
  size_t collectors = s->catalog.collector_count;
  e->params = pool_alloc(e->pool, s->workload_count * sizeof *e->params);
  e->tunings = pool_alloc(e->pool, collectors * sizeof *e->tunings);
  e->means = pool_alloc(e->pool, s->workload_count * s->thread_count *
                                     collectors * sizeof *e->means);
  for (size_t i = 0; i < s->workload_count; i++)
    e->params[i] = command_params(e->pool, s, s->workloads[i]);
  for (size_t i = 0; i < collectors; i++) {
    const char *tuning = settings_tuning(s, &s->catalog.collectors[i]);
    e->tunings[i] = tuning != NULL ? tuning : "";
  }
  const char *const *folder = history_folders(e->pool, s->results);
  for (size_t size = 0; *folder != NULL && size < HISTORY_BYTES; folder++)
    size += history_read(*folder, row_take, e);
}

/* --- all runs ------------------------------------------------------------- */

static double run_seconds(const struct estimate *e,
                          const struct planned_run *run) {
  const struct settings *s = e->settings;
  const struct mean *mean =
      mean_of(e, run->workload, run->threads, run->collector);
  double warmups = fmin(WARMUPS_LEAST, (double)s->warmups);
  double seconds = mean->runs > 0 ? mean->seconds / (double)mean->runs
                                  : typical_seconds[s->size] * (1 + warmups);
  return fmin(seconds, s->timeout);
}

double estimate_seconds(struct pool *pool, const struct settings *s,
                        const struct plan *plan, const bool *done) {
  struct estimate e = {.pool = pool, .settings = s};
  double seconds = 0;
  history_take(&e);
  for (size_t i = 0; i < plan->count; i++)
    seconds += done[i] ? 0 : run_seconds(&e, &plan->runs[i]);
  return seconds;
}

static const char *duration_text(struct pool *pool, double seconds) {
  if (seconds < 99.5)
    return pool_format(pool, "%.0f s", fmax(seconds, 1));
  if (seconds < 99.5 * 60)
    return pool_format(pool, "%.0f min", seconds / 60);
  return pool_format(pool, "%.1f h", seconds / 3600);
}

/* A time budget may end a campaign before all its runs are done. */
void estimate_say(struct pool *pool, const struct settings *s,
                  const struct plan *plan, const bool *done) {
  double seconds = estimate_seconds(pool, s, plan, done);
  bool is_budgeted = s->time_budget > 0 && seconds > s->time_budget;
  size_t left = plan->count;
  for (size_t i = 0; i < plan->count; i++)
    left -= done[i];
  if (left == 0)
    return;
  const char *runs = plan->count == 1 ? "run" : "runs";
  if (left < plan->count)
    runs = pool_format(pool, "of %zu %s left", plan->count, runs);
  say_progress("%s%zu %s, about %s", is_budgeted ? "at most " : "", left, runs,
               duration_text(pool, is_budgeted ? s->time_budget : seconds));
}
