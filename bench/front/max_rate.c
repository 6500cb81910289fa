/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/race/bisection.h"
#include "bench/race/search.h"

/* The result is within two per cent, since runs differ by as much. A rate holds
   if most of its runs do, so that a single hiccup of the machine does not
   matter. Below an eighth of the first rate the search ends. */
enum { SHARE = 50, MOST_OF_THREE = 2, LEAST_PART = 8 };

/* The queue of a rate that is slightly too high grows slowly, so a short run
   does not show it. Each run lasts this many seconds at least, and those that
   confirm the result last longer. */
enum { STEP_SECONDS = 2, CONFIRM_SECONDS = 6 };

static const char rate_name[] = "rate"; /* the parameter that is varied */
/* The parameter for the whole amount, in the unit of the rate. */
static const char *const total_names[] = {"requests", "allocate"};

/* max_rate.csv */
enum rate_column {
  RATE_MACHINE = FIND_COLUMNS,
  RATE_HEAP_FACTOR,
  RATE_BOUND_NS,
  RATE_STARTED_UTC,
  RATE_MAX_RATE,
  RATE_RATE_HZ,
  RATE_RSP_P999_NS,
  RATE_COLUMNS
};
static const char *const rate_columns[RATE_COLUMNS] = {
    FIND_COLUMN_NAMES, "machine",  "heap_factor", "bound_ns",
    "started_utc",     "max_rate", "rate_hz",     "rsp_p999_ns"};
static const struct finds_card rate_finds = {"max_rate.csv", rate_columns,
                                             RATE_COLUMNS, RATE_STARTED_UTC};

struct figures {
  double rate_hz, p999_ns;
};

struct rate_search {
  struct search *search;
  double bound_ns;
  int64_t *rate, *total; /* what the next run is asked for */
  int64_t total_least, total_greatest;
  bool has_limit;      /* of the heap */
  struct figures held; /* of a run at the last rate that held */
};

/* --- runs ----------------------------------------------------------------- */

/* A run that timed out could not keep up with the rate. A collector without a
   limit never frees, so a run that is long enough at that rate can be more than
   the machine has memory for. */
static int run_judge(const struct rate_search *r, const struct attempt *a,
                     struct figures *figures, bool *holds) {
  const struct search *s = r->search;
  const char *collector = s->cell.collector->label;
  const char *workload = s->cell.workload->name;
  figures->p999_ns = attempt_figure(a, "rsp_p999_ns");
  figures->rate_hz = attempt_figure(a, "rate_hz");
  if (strcmp(a->record.fields[RUN_STATUS], "oom") == 0 && r->has_limit)
    return complain(EXIT_MEMORY, "%s: a heap factor of %s is too small for %s",
                    collector, s->heap_factor, workload);
  if (a->fits && figures->p999_ns <= 0)
    return complain(EXIT_USAGE,
                    "%s: there is no 99.9th percentile of fewer than 10000 "
                    "requests; --param makes more of them",
                    workload);
  *holds = a->fits && figures->p999_ns <= r->bound_ns;
  return EXIT_FINE;
}

static int64_t total_for(const struct rate_search *r, uint64_t rate,
                         int64_t seconds) {
  int64_t total = r->total_greatest / seconds < (int64_t)rate
                      ? r->total_greatest
                      : (int64_t)rate * seconds;
  return total > r->total_least ? total : r->total_least;
}

/* Does the rate hold, in most runs of so many seconds? */
static int rate_try(struct rate_search *r, uint64_t rate, int64_t seconds,
                    bool *is_too_high) {
  struct search *s = r->search;
  unsigned held = 0, missed = 0;
  struct figures figures, held_figures;
  int code = EXIT_FINE;
  *r->rate = (int64_t)rate;
  *r->total = total_for(r, rate, seconds);
  while (code == EXIT_FINE && held < MOST_OF_THREE && missed < MOST_OF_THREE) {
    struct attempt a;
    bool holds = false;
    code = search_attempt(s, s->heap, &a);
    if (code == EXIT_FINE)
      code = run_judge(r, &a, &figures, &holds);
    if (holds)
      held_figures = figures;
    *(holds ? &held : &missed) += 1;
  }
  *is_too_high = held < MOST_OF_THREE;
  if (!*is_too_high)
    r->held = held_figures;
  if (code == EXIT_FINE && say_can_draw())
    say_status(pool_format(s->pool, "%s, %s: a rate of %" PRIu64 " %s",
                           s->cell.workload->name, s->cell.collector->label,
                           rate, *is_too_high ? "is too high" : "holds"));
  return code;
}

static int rate_ask(void *data, uint64_t rate, bool *is_too_high) {
  return rate_try(data, rate, STEP_SECONDS, is_too_high);
}

/* Steps down from a rate that held until one holds in longer runs. 0: none
   does. */
static int rate_confirm(struct rate_search *r, uint64_t least, uint64_t *rate) {
  int code = EXIT_FINE;
  bool is_too_high = *rate > 0;
  while (code == EXIT_FINE && is_too_high) {
    code = rate_try(r, *rate, CONFIRM_SECONDS, &is_too_high);
    if (is_too_high)
      *rate -= *rate / SHARE + 1;
    if (*rate < least)
      *rate = is_too_high = 0;
  }
  return code;
}

/* --- one cell ------------------------------------------------------------- */

static const struct catalog_param *
total_param(const struct catalog_workload *workload) {
  const struct catalog_param *param = NULL;
  for (size_t i = 0;
       param == NULL && i < sizeof total_names / sizeof *total_names; i++)
    param = catalog_param(workload, total_names[i]);
  return param;
}

/* The settings, with two parameters that can be set from run to run. */
static void settings_vary(struct settings *s, struct rate_search *r,
                          const struct catalog_param *rate,
                          const struct catalog_param *total) {
  const struct catalog_workload *workload = r->search->cell.workload;
  struct settings_param *params =
      pool_alloc(s->pool, (s->param_count + 2) * sizeof *params);
  const struct settings_param varied[] = {
      {workload, rate, settings_param_value(s, workload, rate)},
      {workload, total, settings_param_value(s, workload, total)}};
  size_t count = 0;
  for (size_t i = 0; i < s->param_count; i++)
    if (s->params[i].param != rate && s->params[i].param != total)
      params[count++] = s->params[i];
  memcpy(params + count, varied, sizeof varied);
  s->params = params;
  s->param_count = count + 2;
  r->rate = &params[count].value;
  r->total = &params[count + 1].value;
  r->total_least = *r->total;
}

static int rate_find(struct search *s, const char **row) {
  const struct catalog_param *param =
      catalog_param(s->cell.workload, rate_name);
  struct settings settings = *s->settings;
  const struct catalog_param *total = total_param(s->cell.workload);
  struct rate_search r = {.search = s,
                          .bound_ns = settings.bound_ms * 1e6,
                          .total_greatest = total->greatest,
                          .has_limit = catalog_has_limit(s->cell.collector)};
  settings_vary(&settings, &r, param, total);
  struct bisection b = {.first = (uint64_t)*r.rate,
                        .least = (uint64_t)*r.rate / LEAST_PART,
                        .greatest = (uint64_t)param->greatest,
                        .step = 1,
                        .share = SHARE,
                        .ask = rate_ask,
                        .data = &r};
  const struct settings *asked = s->settings;
  s->settings = &settings;
  int code = bisection_run(&b);
  uint64_t rate = b.no;
  if (code == EXIT_FINE)
    code = rate_confirm(&r, b.least, &rate);
  s->settings = asked;
  row[RATE_MAX_RATE] = pool_format(s->pool, "%" PRIu64, rate);
  if (rate > 0) {
    row[RATE_RATE_HZ] = pool_format(s->pool, "%.0f", r.held.rate_hz);
    row[RATE_RSP_P999_NS] = pool_format(s->pool, "%.0f", r.held.p999_ns);
  }
  return code;
}

static void rate_design(const struct search *s, const char **row) {
  row[RATE_MACHINE] = s->settings->machine;
  row[RATE_HEAP_FACTOR] = s->heap_factor;
  row[RATE_BOUND_NS] =
      pool_format(s->pool, "%.0f", s->settings->bound_ms * 1e6);
}

/* --- what it needs, and shows --------------------------------------------- */

static int workloads_check(const struct settings *s) {
  for (size_t i = 0; i < s->workload_count; i++) {
    const struct catalog_workload *w = s->workloads[i];
    const struct catalog_param *param = catalog_param(w, rate_name);
    if (param == NULL || total_param(w) == NULL)
      return complain(EXIT_USAGE, "%s has no rate that could be searched",
                      w->name);
    if (settings_param_value(s, w, param) < 1)
      return complain(EXIT_USAGE, "the search begins at %s.%s, which is 0",
                      w->name, rate_name);
  }
  return EXIT_FINE;
}

static const struct sheet_column columns[] = {{"workload", SHEET_WORD},
                                              {"threads", SHEET_NUMBER},
                                              {"collector", SHEET_NAME},
                                              {"heap", SHEET_NUMBER},
                                              {"bound_ms", SHEET_NUMBER},
                                              {"rate", SHEET_NUMBER},
                                              {"requests_per_s", SHEET_NUMBER},
                                              {"rsp_p999_ms", SHEET_NUMBER},
                                              {"runs", SHEET_NUMBER}};

static void rate_show(const struct search *s, const char *const *row,
                      const char **line) {
  bool is_found = strtod(row[RATE_MAX_RATE], NULL) > 0;
  double bound_ms = strtod(row[RATE_BOUND_NS], NULL) / 1e6;
  double p999_ms = is_found ? strtod(row[RATE_RSP_P999_NS], NULL) / 1e6 : 0;
  *line++ = row[FIND_WORKLOAD];
  *line++ = row[FIND_THREADS];
  *line++ = s->cell.collector->label;
  *line++ = row[RATE_HEAP_FACTOR];
  *line++ = pool_format(s->pool, "%g", bound_ms);
  *line++ = row[RATE_MAX_RATE];
  *line++ = is_found ? row[RATE_RATE_HZ] : "-";
  *line++ = is_found ? pool_format(s->pool, "%.2f", p999_ms) : "-";
  *line = search_runs(s);
}

static const struct search_card rate_search_card = {
    .finds = &rate_finds,
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .workloads = "requests",
    .check = workloads_check,
    .design = rate_design,
    .find = rate_find,
    .show = rate_show,
};

int max_rate_command(struct options *options) {
  return search_command(options, &rate_search_card);
}
