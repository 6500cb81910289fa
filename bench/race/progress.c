/* SPDX-License-Identifier: MIT */
#include "bench/race/progress.h"

#include <string.h>
#include <time.h>

#include "bench/base/say.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_begin(struct progress *p, struct pool *pool,
                    const struct settings *settings, const struct plan *plan,
                    const bool *done) {
  size_t entrants = plan->cells * settings->catalog.collector_count;
  *p = (struct progress){.pool = pool,
                         .settings = settings,
                         .plan = plan,
                         .done = done,
                         .begun = now()};
  p->paces = pool_alloc(pool, entrants * sizeof *p->paces);
  for (size_t i = 0; i < plan->count; i++)
    p->done_count += done[i];
}

double progress_elapsed(const struct progress *p) {
  return now() - p->begun;
}

const char *progress_duration(struct pool *pool, double seconds) {
  long whole = (long)(seconds + 0.5);
  if (whole < 60)
    return pool_format(pool, "%ld s", whole);
  if (whole < 3600)
    return pool_format(pool, "%ld min %ld s", whole / 60, whole % 60);
  return pool_format(pool, "%ld h %ld min", whole / 3600, whole / 60 % 60);
}

const char *progress_label(struct pool *pool, const struct settings *s,
                           const struct plan *plan,
                           const struct planned_run *run) {
  long long threads = (long long)s->threads[run->threads];
  const char *heap = "";
  const char *factor = plan->heap_factors[run->heap_factor];
  if (plan->heap_factor_count > 1)
    heap = strcmp(factor, "0") == 0 ? ", no heap limit"
                                    : pool_format(pool, ", heap %s", factor);
  return pool_format(pool, "%s, %lld thread%s%s, %s",
                     s->workloads[run->workload]->name, threads,
                     threads == 1 ? "" : "s", heap,
                     s->catalog.collectors[run->collector].label);
}

/* --- how long ------------------------------------------------------------ */

/* As its earlier runs took; without one, as the average run so far. */
static double seconds_expected(const struct progress *p,
                               const struct planned_run *run) {
  const struct progress_pace *pace =
      &p->paces[plan_entrant(p->settings, p->plan, run)];
  if (pace->runs == 0)
    pace = &p->all;
  return pace->runs > 0 ? pace->seconds / (double)pace->runs : 0;
}

static double seconds_left(const struct progress *p) {
  double left = p->running != NULL ? p->running_since - now() : 0;
  for (size_t i = 0; i < p->plan->count; i++) {
    if (!p->done[i])
      left += seconds_expected(p, &p->plan->runs[i]);
  }
  double budget = p->settings->time_budget;
  if (budget > 0 && left > budget - progress_elapsed(p))
    left = budget - progress_elapsed(p);
  return left > 0 ? left : 0;
}

bool progress_fits(const struct progress *p, const struct planned_run *run) {
  double budget = p->settings->time_budget;
  if (budget <= 0)
    return true;
  double needed = 0;
  const struct planned_run *end = p->plan->runs + p->plan->count;
  for (const struct planned_run *r = run;
       r < end && (r == run || !plan_begins_cell(r)); r++)
    needed += seconds_expected(p, r);
  return progress_elapsed(p) + needed <= budget;
}

/* --- showing ------------------------------------------------------------- */

/* What runs now, and how long the rest takes. */
static const char *status_text(struct pool *pool, const struct progress *p) {
  const char *left =
      p->all.runs == 0 ? "time left not known yet"
                       : pool_format(pool, "about %s left",
                                     progress_duration(pool, seconds_left(p)));
  return pool_format(pool, "%s; %s",
                     progress_label(pool, p->settings, p->plan, p->running),
                     left);
}

static const char *line_text(struct pool *pool, const struct progress *p) {
  return pool_format(pool, "[%zu/%zu] %s", p->done_count, p->plan->count,
                     status_text(pool, p));
}

/* "[###.......] 12/36 rings, 2 threads, rc; about 3 min 20 s left" */
static const char *bar_text(struct pool *pool, const struct progress *p) {
  static const char full[] = "##########";
  static const char empty[] = "..........";
  int width = (int)strlen(full);
  int done = (int)((size_t)width * p->done_count / p->plan->count);
  return pool_format(pool, "[%.*s%.*s] %zu/%zu %s", done, full, width - done,
                     empty, p->done_count, p->plan->count,
                     status_text(pool, p));
}

void progress_tick(void *data) {
  struct progress *p = data;
  struct pool pool = {0};
  say_status(bar_text(&pool, p));
  pool_free(&pool);
}

void progress_run_begin(struct progress *p, const struct planned_run *run) {
  p->running = run;
  p->running_since = now();
  if (say_can_draw()) {
    progress_tick(p);
    return;
  }
  struct pool pool = {0};
  say_progress("%s", line_text(&pool, p));
  pool_free(&pool);
}

void progress_run_end(struct progress *p, double seconds, bool is_done) {
  struct progress_pace *pace =
      &p->paces[plan_entrant(p->settings, p->plan, p->running)];
  pace->seconds += seconds;
  pace->runs++;
  p->all.seconds += seconds;
  p->all.runs++;
  p->done_count += is_done;
  p->running = NULL;
}
