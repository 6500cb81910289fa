/* SPDX-License-Identifier: MIT */
#include "bench/race/race.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/child.h"
#include "bench/base/say.h"
#include "bench/plan/command.h"
#include "bench/race/checksums.h"
#include "bench/race/estimate.h"
#include "bench/race/limits.h"
#include "bench/race/noise.h"
#include "bench/race/progress.h"
#include "bench/rows/record.h"
#include "bench/rows/settled.h"

/* The outcomes of runs, the worst first: the worst one decides the exit code.
 */
static const struct outcome {
  const char *status;
  enum exit_code code;
} outcomes[] = {{"wrong", EXIT_FAILED},        {"crash", EXIT_FAILED},
                {"timeout", EXIT_TIMED_OUT},   {"oom", EXIT_MEMORY},
                {"untrusted", EXIT_UNTRUSTED}, {"ok", EXIT_FINE}};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

struct race {
  struct pool *pool;
  const struct settings *settings;
  const struct plan *plan;
  struct campaign *campaign;
  const struct environment_commit *commit;
  struct limits limits;
  struct progress progress;
  struct noise noise;
  /* By index in the plan: the rows that a run has, what the last one came to,
     and whether it was the last. */
  bool *done;
  size_t *rows, *outcome;
  size_t reruns; /* of all runs */
  struct checksums checksums;
  bool is_out_of_time;
};

/* The data of one run, which is dropped after it. */
struct heat {
  struct race *race;
  size_t index; /* in the plan */
  const struct planned_run *run;
  struct pool pool;
  const char *record_path, *words_path, *companion_paths[COMPANIONS];
  const char *words; /* the first line that it left on stderr, or NULL */
  struct record record;
};

static const struct catalog_collector *heat_collector(const struct heat *h) {
  return &h->race->settings->catalog.collectors[h->run->collector];
}

static const struct catalog_workload *heat_workload(const struct heat *h) {
  return h->race->settings->workloads[h->run->workload];
}

static int64_t heat_threads(const struct heat *h) {
  return h->race->settings->threads[h->run->threads];
}

static const char *heat_factor(const struct heat *h) {
  return h->race->plan->heap_factors[h->run->heap_factor];
}

/* In bytes; NULL: it is not known. */
static const char *heat_limit(struct heat *h) {
  return limits_bytes(&h->race->limits, &h->pool, h->run->workload,
                      h->run->threads, heat_factor(h));
}

static const char *const *heat_command(struct heat *h) {
  const struct settings *s = h->race->settings;
  struct pool *pool = &h->pool;
  struct command_cell cell = {heat_collector(h), heat_workload(h),
                              heat_threads(h)};
  struct command c = command_begin(pool, s, &cell);
  command_add(&c, pool_format(pool, "--warmups=%lld", (long long)s->warmups));
  command_add(&c, pool_format(pool, "--heap-bytes=%s", heat_limit(h)));
  command_add(&c, pool_format(pool, "--record=%s", h->record_path));
  for (size_t i = 0; i < COMPANIONS; i++)
    command_add(&c, pool_format(pool, "--%s=%s", companions[i].name,
                                h->companion_paths[i]));
  return c.words;
}

/* --- its row ------------------------------------------------------------- */

/* What is known before the run; the runner may know some of it better. */
static void row_prepare(struct heat *h) {
  const struct settings *s = h->race->settings;
  const char **fields = h->record.fields;
  fields[RUN_COMPILER] = heat_collector(h)->compiler;
  fields[RUN_BUILD] = heat_collector(h)->build_type;
  /* which the runner says too if it lives to say it */
  fields[RUN_PARAMS] = command_params(&h->pool, s, heat_workload(h));
  if (s->gc_threads > 0 && catalog_can(heat_collector(h), "parallel"))
    fields[RUN_GC_THREADS] =
        pool_format(&h->pool, "%lld", (long long)s->gc_threads);
  if (catalog_has_limit(heat_collector(h)))
    fields[RUN_HEAP_BYTES] = heat_limit(h);
  fields[RUN_STARTED_UTC] = environment_time(&h->pool);
}

/* "3", and when that was not to be trusted "3.1", "3.2", … */
static const char *run_name(const struct race *race, struct pool *pool,
                            size_t index) {
  size_t run = race->plan->runs[index].run, rows = race->rows[index];
  return rows == 0 ? pool_format(pool, "%zu", run)
                   : pool_format(pool, "%zu.%zu", run, rows);
}

/* Where a run stands in its plan. */
static const enum run_column places[] = {
    RUN_BLOCK,  RUN_ORDER,   RUN_WORKLOAD,   RUN_COLLECTOR,
    RUN_TUNING, RUN_THREADS, RUN_HEAP_FACTOR};

static void place_sign(const struct heat *h, struct pool *pool,
                       const char **fields) {
  fields[RUN_BLOCK] = pool_format(pool, "%zu", h->run->block);
  fields[RUN_ORDER] = pool_format(pool, "%zu", h->run->order);
  fields[RUN_WORKLOAD] = heat_workload(h)->name;
  fields[RUN_COLLECTOR] = heat_collector(h)->name;
  fields[RUN_TUNING] = settings_tuning(h->race->settings, heat_collector(h));
  fields[RUN_THREADS] = pool_format(pool, "%lld", (long long)heat_threads(h));
  fields[RUN_HEAP_FACTOR] = heat_factor(h);
}

/* What only the front end knows. */
static void row_sign(struct heat *h) {
  const struct race *race = h->race;
  const struct settings *s = race->settings;
  const char **fields = h->record.fields;
  fields[RUN_SCHEMA] = SCHEMA_VERSION;
  fields[RUN_CAMPAIGN] = s->campaign;
  fields[RUN_RUN] = run_name(race, &h->pool, h->index);
  fields[RUN_COMMIT] = race->commit->id;
  fields[RUN_DIRTY] = race->commit->dirty;
  fields[RUN_MACHINE] = s->machine;
  fields[RUN_SEED] = pool_format(&h->pool, "%llu", (unsigned long long)s->seed);
  place_sign(h, &h->pool, fields);
  fields[RUN_MIN_HEAP_BYTES] = limits_min_heap(&race->limits, h->run->workload,
                                               h->run->threads, heat_factor(h));
  fields[RUN_HUGE_PAGES] = s->huge_pages;
  fields[RUN_PIN] = s->pin;
  fields[RUN_PREFAULT] = s->prefault;
}

/* Of the completed runs, those on a quiet machine count. */
static void noise_check(struct race *race, struct pool *pool,
                        const char **fields) {
  const char *why = noise_judge(&race->noise, pool, fields);
  noise_add(&race->noise, fields);
  if (why == NULL || strcmp(fields[RUN_STATUS], "ok") != 0)
    return;
  fields[RUN_STATUS] = "untrusted";
  fields[RUN_ERROR] = why;
}

static size_t outcome_of(const char *status) {
  size_t i = 0;
  while (i < OUTCOMES - 1 && strcmp(outcomes[i].status, status) != 0)
    i++;
  return i;
}

static bool is_untrusted(const struct race *race, size_t index) {
  return outcomes[race->outcome[index]].code == EXIT_UNTRUSTED;
}

static void row_count(struct race *race, size_t index, const char *status) {
  race->reruns += race->rows[index] > 0;
  race->rows[index]++;
  race->outcome[index] = outcome_of(status);
}

/* Is the run done? Otherwise it is done again. */
static void run_settle(struct race *race, size_t index) {
  const struct settled_plan plan = {race->plan->count, race->reruns,
                                    (size_t)race->settings->reruns};
  race->done[index] =
      settled(&plan, race->rows[index], is_untrusted(race, index));
}

/* --- one run ------------------------------------------------------------- */

static void heat_files_remove(const struct heat *h) {
  unlink(h->record_path);
  for (size_t i = 0; i < COMPANIONS; i++)
    unlink(h->companion_paths[i]);
  unlink(h->words_path);
}

/* Exit code: could the run be started? */
static int heat_start(struct heat *h, struct child_result *result) {
  struct progress *progress = &h->race->progress;
  int words =
      open(h->words_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (words < 0)
    return complain(EXIT_RESULTS, "cannot write %s: %s", h->words_path,
                    strerror(errno));
  struct child child = {.arguments = heat_command(h),
                        .out = -1,
                        .err = words,
                        .seconds = h->race->settings->timeout,
                        .tick = say_can_draw() ? progress_tick : NULL,
                        .data = progress};
  *result = child_run(&child);
  close(words);
  return EXIT_FINE;
}

/* The report of a sanitizer is too long for a field of a row. */
static void words_keep(struct heat *h) {
  if (h->words == NULL)
    return;
  const char *name = pool_format(&h->pool, "stderr-%zu.txt", h->run->run);
  const char *path = campaign_path(&h->pool, h->race->campaign->folder, name);
  if (rename(h->words_path, path) != 0)
    say("cannot keep what the run said as %s: %s", path, strerror(errno));
}

/* A run that crashed or was killed may leave a cut line; a run that says that
   it is fine has lost figures by it. */
static int companion_keep(struct heat *h, enum companion which) {
  const char **fields = h->record.fields;
  size_t bad_line;
  int code = campaign_add_companion(h->race->campaign, which, fields[RUN_RUN],
                                    h->companion_paths[which], &bad_line);
  bool says_fine = strcmp(fields[RUN_STATUS], "ok") == 0 ||
                   strcmp(fields[RUN_STATUS], "untrusted") == 0;
  if (code != EXIT_FINE || bad_line == 0 || !says_fine)
    return code;
  fields[RUN_STATUS] = "wrong";
  fields[RUN_ERROR] = pool_format(
      &h->pool,
      "its %s.csv is lost from line %zu on, which is malformed or cut",
      companions[which].name, bad_line);
  return EXIT_FINE;
}

static int heat_keep(struct heat *h) {
  struct race *race = h->race;
  const char **fields = h->record.fields;
  checksums_check(&race->checksums, &h->pool, h->run->workload, fields);
  noise_check(race, &h->pool, fields);
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < COMPANIONS; i++)
    code = companion_keep(h, (enum companion)i);
  if (code == EXIT_FINE)
    code = campaign_add_row(race->campaign, fields);
  if (code != EXIT_FINE)
    return code;
  row_count(race, h->index, fields[RUN_STATUS]);
  run_settle(race, h->index);
  if (strcmp(fields[RUN_STATUS], "crash") == 0)
    words_keep(h);
  if (strcmp(fields[RUN_STATUS], "ok") != 0)
    say_failure("run %s, %s: %s: %s", fields[RUN_RUN],
                progress_label(&h->pool, race->settings, race->plan, h->run),
                fields[RUN_STATUS], fields[RUN_ERROR] ?: "it does not say why");
  return EXIT_FINE;
}

/* A run without a limit is no run of this cell. */
static int heat_fail(struct heat *h) {
  const char **fields = h->record.fields;
  row_sign(h);
  fields[RUN_STATUS] = "oom";
  fields[RUN_ERROR] = "there is no heap limit: the search for the "
                      "smallest heap failed";
  return heat_keep(h);
}

/* Runs it, and keeps its row if it was a run at all. Exit code. */
static int heat_run(struct heat *h, double *seconds) {
  row_prepare(h);
  if (heat_limit(h) == NULL)
    return heat_fail(h);
  struct child_result result;
  int code = heat_start(h, &result);
  if (code != EXIT_FINE)
    return code;
  *seconds = result.seconds;
  if (result.end == CHILD_INTERRUPTED)
    return EXIT_INTERRUPTED;
  const char *unknown = record_read(&h->record, &h->pool, h->record_path);
  if (unknown != NULL)
    return complain(EXIT_MISSING, "%s wrote '%s', which is no column",
                    heat_collector(h)->runner, unknown);
  row_sign(h);
  h->words = record_first_line(&h->pool, h->words_path);
  enum exit_code hopeless = record_judge(&h->record, &h->pool, &result,
                                         h->words, h->race->settings->timeout);
  if (hopeless != EXIT_FINE)
    return complain(
        hopeless, "%s: %s",
        progress_label(&h->pool, h->race->settings, h->race->plan, h->run),
        h->record.fields[RUN_ERROR]);
  return heat_keep(h);
}

static int race_step(struct race *race, size_t i) {
  struct heat h = {.race = race, .index = i, .run = &race->plan->runs[i]};
  const char *folder = race->campaign->folder;
  h.record_path = campaign_path(&h.pool, folder, "running.record");
  for (size_t k = 0; k < COMPANIONS; k++)
    h.companion_paths[k] =
        pool_format(&h.pool, "%s/running.%s", folder, companions[k].name);
  h.words_path = campaign_path(&h.pool, folder, "running.stderr");
  heat_files_remove(&h);
  progress_run_begin(&race->progress, h.run);
  double seconds = 0;
  int code = heat_run(&h, &seconds);
  heat_files_remove(&h);
  if (code == EXIT_FINE)
    progress_run_end(&race->progress, seconds, race->done[i]);
  pool_free(&h.pool);
  return code;
}

/* --- the whole plan ------------------------------------------------------ */

static size_t workload_index(const struct settings *s, const char *name) {
  size_t i = 0;
  while (i < s->workload_count && strcmp(s->workloads[i]->name, name) != 0)
    i++;
  return i;
}

static size_t plan_index(const struct plan *plan, const char *run) {
  size_t first = plan->runs[0].run, number = strtoul(run, NULL, 10);
  return number >= first ? number - first : plan->count;
}

/* Is it a row of this plan, or of one that an earlier version made of the same
   options? Exit code. */
static int place_check(struct race *race, size_t index,
                       const struct results_row *row) {
  const struct heat h = {
      .race = race, .index = index, .run = &race->plan->runs[index]};
  const char *planned[RUN_COLUMNS];
  place_sign(&h, race->pool, planned);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    const char *text = planned[places[i]] != NULL ? planned[places[i]] : "";
    if (strcmp(row->fields[places[i]], text) != 0)
      return complain(EXIT_RESULTS,
                      "%s, line %zu: column '%s' is '%s', and '%s' in the plan "
                      "of this version: such a campaign cannot be resumed, so "
                      "begin another one",
                      race->campaign->results.path, row->line,
                      run_columns[places[i]], row->fields[places[i]], text);
  }
  return EXIT_FINE;
}

/* Reads the rows that earlier invocations have finished. Exit code. */
static int rows_recall(struct race *race) {
  const struct results *results = &race->campaign->results;
  for (size_t i = 0; i < results->count; i++) {
    const struct results_row *row = &results->rows[i];
    size_t workload = workload_index(race->settings, row->fields[RUN_WORKLOAD]);
    size_t index = plan_index(race->plan, row->fields[RUN_RUN]);
    if (index >= race->plan->count ||
        workload >= race->settings->workload_count ||
        (race->rows[index] > 0 && !is_untrusted(race, index)) ||
        strcmp(row->fields[RUN_RUN], run_name(race, race->pool, index)) != 0)
      return complain(EXIT_RESULTS,
                      "%s, line %zu: the plan has no such run, or it was done "
                      "before",
                      results->path, row->line);
    int code = place_check(race, index, row);
    if (code != EXIT_FINE)
      return code;
    checksums_check(&race->checksums, race->pool, workload, row->fields);
    noise_add(&race->noise, row->fields);
    row_count(race, index, row->fields[RUN_STATUS]);
  }
  noise_break(&race->noise);
  for (size_t i = 0; i < race->plan->count; i++) {
    if (race->rows[i] > 0)
      run_settle(race, i);
  }
  return EXIT_FINE;
}

static int race_steps(struct race *race) {
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < race->plan->count;) {
    const struct planned_run *run = &race->plan->runs[i];
    if (race->done[i]) {
      i++;
      continue;
    }
    if (child_asked_to_stop())
      return EXIT_INTERRUPTED;
    if (plan_begins_cell(run) && !progress_fits(&race->progress, run)) {
      race->is_out_of_time = true;
      return EXIT_FINE;
    }
    code = race_step(race, i); /* which is done again if it is not done now */
  }
  return code;
}

static const char *resume_command(struct race *race) {
  const struct settings *s = race->settings;
  const char *part =
      s->part.run == 0 ? ""
                       : pool_format(race->pool, " --part=%zu:%zu:%zu",
                                     s->part.run, s->part.block, s->part.order);
  return pool_format(race->pool, "sweepstakes run %s %s%s%s --resume",
                     options_word(race->pool, OPTION_RESULTS, s->results),
                     options_word(race->pool, OPTION_CAMPAIGN, s->campaign),
                     part, s->repeated);
}

static int race_conclude(struct race *race) {
  const char *text = "";
  int code = EXIT_FINE;
  for (size_t i = OUTCOMES; i-- > 0;) {
    size_t count = 0;
    for (size_t j = 0; j < race->plan->count; j++)
      count += race->done[j] && race->outcome[j] == i;
    if (count == 0)
      continue;
    text = pool_format(race->pool, "%s%s%zu %s", text, *text ? ", " : "", count,
                       outcomes[i].status);
    /* Reruns and blocks make up for a few failed runs, but not for most. */
    if (outcomes[i].code != EXIT_UNTRUSTED || 2 * count > race->plan->count)
      code = (int)outcomes[i].code;
  }
  if (race->reruns > 0)
    text = pool_format(race->pool, "%s; %zu done again", text, race->reruns);
  say_progress("%zu of %zu runs in %s: %s; %s", race->progress.done_count,
               race->plan->count,
               progress_duration(race->pool, progress_elapsed(&race->progress)),
               text, race->campaign->folder);
  if (race->is_out_of_time)
    say("the time budget of %g s is used up; to go on: %s",
        race->settings->time_budget, resume_command(race));
  return code;
}

int race_run(const struct settings *settings, const struct plan *plan,
             struct campaign *campaign,
             const struct environment_commit *commit) {
  struct pool *pool = settings->pool;
  struct race race = {.pool = pool,
                      .settings = settings,
                      .plan = plan,
                      .campaign = campaign,
                      .checksums =
                          checksums_make(pool, settings->workload_count),
                      .commit = commit,
                      .noise = {.pool = pool, .limits = settings->noise}};
  race.done = pool_alloc(pool, plan->count * sizeof *race.done);
  race.rows = pool_alloc(pool, plan->count * sizeof *race.rows);
  race.outcome = pool_alloc(pool, plan->count * sizeof *race.outcome);
  int code = limits_load(&race.limits, settings, settings->results, commit)
                 ?: rows_recall(&race)
                 ?: limits_find_all(&race.limits, plan, race.done);
  if (code != EXIT_FINE)
    return code;
  progress_begin(&race.progress, pool, settings, plan, race.done);
  if (settings->part.run == 0)
    estimate_say(pool, settings, plan, race.done);
  code = race_steps(&race);
  say_status_end();
  if (code == EXIT_FINE)
    return race_conclude(&race);
  return complain(code,
                  "%s; %zu of %zu runs are done and kept in %s; to go "
                  "on: %s",
                  code == EXIT_INTERRUPTED ? "interrupted" : "stopped",
                  race.progress.done_count, plan->count, campaign->folder,
                  resume_command(&race));
}
