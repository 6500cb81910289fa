/* SPDX-License-Identifier: MIT */
#include "bench/plan/plan.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/say.h"
#include "workloads/random.h"

/* The shuffle of Fisher and Yates. */
static void shuffle(struct workload_random *random, size_t *items,
                    size_t count) {
  for (size_t i = count; i > 1; i--) {
    size_t j = workload_random_below(random, i), swapped = items[i - 1];
    items[i - 1] = items[j];
    items[j] = swapped;
  }
}

static size_t *shuffled(struct pool *pool, struct workload_random *random,
                        size_t count) {
  size_t *items = pool_alloc(pool, count * sizeof *items);
  for (size_t i = 0; i < count; i++)
    items[i] = i;
  shuffle(random, items, count);
  return items;
}

/* The index of the first 0, or the count. */
static size_t zero_find(const struct settings *s) {
  size_t i = 0;
  while (i < s->heap_factor_count && strtod(s->heap_factors[i], NULL) != 0)
    i++;
  return i;
}

static bool needs_zero(const struct settings *s) {
  for (size_t i = 0; i < s->catalog.collector_count; i++) {
    if (!catalog_has_limit(&s->catalog.collectors[i]))
      return true;
  }
  return false;
}

static void factors_choose(struct pool *pool, const struct settings *s,
                           struct plan *plan) {
  size_t count = s->heap_factor_count;
  plan->heap_factors = pool_alloc(pool, (count + 1) * sizeof(char *));
  memcpy(plan->heap_factors, s->heap_factors, count * sizeof(char *));
  plan->unlimited = zero_find(s);
  if (plan->unlimited == count && needs_zero(s))
    plan->heap_factors[count++] = "0";
  plan->heap_factor_count = count;
}

static struct planned_run run_of(const struct settings *s,
                                 const struct plan *plan, size_t cell,
                                 size_t collector) {
  size_t factors = plan->heap_factor_count, threads = s->thread_count;
  return (struct planned_run){.workload = cell / factors / threads,
                              .threads = cell / factors % threads,
                              .heap_factor = cell % factors,
                              .collector = collector};
}

static bool takes_part(const struct settings *s, const struct plan *plan,
                       const struct planned_run *run) {
  return catalog_has_limit(&s->catalog.collectors[run->collector])
             ? run->heap_factor < s->heap_factor_count
             : run->heap_factor == plan->unlimited;
}

/* Shuffles all collectors, also those that do not take part in the cell, so
   that the order for a seed does not depend on their capabilities. */
static void cell_fill(struct pool *pool, const struct settings *s,
                      struct plan *plan, struct workload_random *random,
                      size_t cell) {
  size_t collectors = s->catalog.collector_count, place = 0;
  const size_t *order = shuffled(pool, random, collectors);
  for (size_t i = 0; i < collectors; i++) {
    struct planned_run run = run_of(s, plan, cell, order[i]);
    if (!takes_part(s, plan, &run))
      continue;
    run.place = ++place;
    plan->runs[plan->count++] = run;
  }
}

/* A block depends only on the seed and its number, so a campaign with more
   blocks begins with the same runs as one with fewer. */
static void block_fill(struct pool *pool, const struct settings *s,
                       struct plan *plan, size_t block) {
  struct workload_random random = workload_random_make(s->seed, block);
  const size_t *cells = shuffled(pool, &random, plan->cells);
  size_t before = plan->count;
  for (size_t i = 0; i < plan->cells; i++)
    cell_fill(pool, s, plan, &random, cells[i]);
  for (size_t i = before; i < plan->count; i++) {
    plan->runs[i].run = i + 1;
    plan->runs[i].block = block;
    plan->runs[i].order = i - before + 1;
  }
}

struct plan plan_make(struct pool *pool, const struct settings *s) {
  struct plan plan = {0};
  factors_choose(pool, s, &plan);
  plan.cells = s->workload_count * s->thread_count * plan.heap_factor_count;
  plan.runs = pool_alloc(pool, plan.cells * s->catalog.collector_count *
                                   (size_t)s->blocks * sizeof *plan.runs);
  for (size_t block = 1; block <= (size_t)s->blocks; block++)
    block_fill(pool, s, &plan, block);
  if (s->part.run != 0) {
    plan.count = 1;
    plan.runs[0].run = s->part.run;
    plan.runs[0].block = s->part.block;
    plan.runs[0].order = s->part.order;
  }
  return plan;
}

size_t plan_entrant(const struct settings *s, const struct plan *plan,
                    const struct planned_run *run) {
  size_t cell = (run->workload * s->thread_count + run->threads) *
                    plan->heap_factor_count +
                run->heap_factor;
  return cell * s->catalog.collector_count + run->collector;
}

bool plan_begins_cell(const struct planned_run *run) {
  return run->place == 1;
}

/* --- printing ------------------------------------------------------------ */

static void option_print(struct pool *pool, enum option_id option,
                         const char *value) {
  printf(" %s", options_word(pool, option, value));
}

static void params_print(struct pool *pool, const struct settings *s,
                         const struct catalog_workload *workload) {
  for (size_t i = 0; i < s->param_count; i++) {
    if (s->params[i].workload == workload)
      option_print(pool, OPTION_PARAM,
                   pool_format(pool, "%s.%s=%lld", workload->name,
                               s->params[i].param->name,
                               (long long)s->params[i].value));
  }
}

static void tuning_print(struct pool *pool, const struct settings *s,
                         const struct catalog_collector *collector) {
  const char *tuning = settings_tuning(s, collector);
  if (tuning != NULL)
    option_print(pool, OPTION_TUNING,
                 pool_format(pool, "%s:%s", catalog_base(pool, collector->name),
                             tuning));
}

/* A command line must not have options that do not apply to its run: they would
   be refused. */
static bool is_printed(const struct options *options, enum option_id option,
                       const struct catalog_collector *collector) {
  return options->text[option] != NULL &&
         (option != OPTION_GC_THREADS || catalog_can(collector, "parallel"));
}

static void run_print(struct pool *pool, const struct settings *s,
                      const struct options *options, const struct plan *plan,
                      const struct planned_run *run) {
  const struct catalog_workload *workload = s->workloads[run->workload];
  const struct catalog_collector *collector =
      &s->catalog.collectors[run->collector];
  option_print(pool, OPTION_COLLECTORS, collector->name);
  option_print(pool, OPTION_WORKLOADS, workload->name);
  option_print(pool, OPTION_THREADS,
               pool_format(pool, "%lld", (long long)s->threads[run->threads]));
  option_print(pool, OPTION_HEAP_FACTORS, plan->heap_factors[run->heap_factor]);
  params_print(pool, s, workload);
  tuning_print(pool, s, collector);
  const enum option_id same[] = {
      OPTION_SIZE,  OPTION_GC_THREADS, OPTION_WARMUPS, OPTION_HUGE_PAGES,
      OPTION_PIN,   OPTION_PREFAULT,   OPTION_SEED,    OPTION_TIMEOUT,
      OPTION_NOISE, OPTION_RERUNS,     OPTION_MACHINE, OPTION_BIN_DIR};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    if (is_printed(options, same[i], collector))
      option_print(pool, same[i], options->text[same[i]]);
  }
  option_print(pool, OPTION_BLOCKS, "1");
  option_print(pool, OPTION_RESULTS, s->results);
  option_print(pool, OPTION_CAMPAIGN, s->campaign);
  option_print(
      pool, OPTION_PART,
      pool_format(pool, "%zu:%zu:%zu", run->run, run->block, run->order));
}

int plan_print(const struct settings *s, const struct options *options,
               const struct plan *plan) {
  char program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length < 0)
    return complain(EXIT_MISSING, "cannot tell where this program is");
  program[length] = '\0';
  for (size_t i = 0; i < plan->count; i++) {
    struct pool pool = {0};
    printf("%s run", options_quoted(&pool, program));
    run_print(&pool, s, options, plan, &plan->runs[i]);
    putchar('\n');
    pool_free(&pool);
  }
  return EXIT_FINE;
}
