/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/json.h"
#include "bench/base/say.h"
#include "bench/rows/entries.h"
#include "bench/rows/source.h"

static void context_write(struct json *j, const struct source *source,
                          const char *entrant) {
  const char *const *first = source->results.rows[0].fields;
  json_open(j, "context", '{');
  json_text(j, "date", first[RUN_STARTED_UTC]);
  json_text(j, "host_name", first[RUN_MACHINE]);
  json_text(j, "executable", entrant);
  json_count(j, "num_cpus", source->cores > 0 ? source->cores : -1);
  json_text(j, "library_build_type",
            strcmp(first[RUN_BUILD], "Release") == 0 ? "release" : "debug");
  json_text(j, "campaign", first[RUN_CAMPAIGN]);
  json_text(j, "commit", *first[RUN_COMMIT] != '\0' ? first[RUN_COMMIT] : NULL);
  json_close(j, '}');
}

/* The same in every collector. */
static const char *cell_name(struct pool *pool, const struct entry *e) {
  const char *name = e->fields[RUN_WORKLOAD];
  if (e->heap_factor > 0)
    name = pool_format(pool, "%s/heap:%s", name, e->fields[RUN_HEAP_FACTOR]);
  return pool_format(pool, "%s/threads:%s", name, e->fields[RUN_THREADS]);
}

/* The `index`th of `count` runs of its cell. */
static void run_write(struct json *j, const struct entry *e, size_t index,
                      size_t count) {
  const char *name = cell_name(j->pool, e);
  json_open(j, NULL, '{');
  json_text(j, "name", name);
  json_text(j, "run_name", name);
  json_text(j, "run_type", "iteration");
  json_count(j, "repetitions", (long long)count);
  json_count(j, "repetition_index", (long long)index);
  json_count(j, "threads", (long long)e->threads);
  if (!e->is_ok) {
    json_flag(j, "error_occurred", true);
    json_text(j, "error_message", e->fields[RUN_STATUS]);
  }
  json_count(j, "iterations", 1);
  json_number(j, "real_time", entry_figure(e, "wall_ns"));
  json_number(j, "cpu_time", entry_figure(e, "task_clock_ns"));
  json_text(j, "time_unit", "ns");
  json_close(j, '}');
}

static void runs_write(struct json *j, struct span all, const char *entrant) {
  json_open(j, "benchmarks", '[');
  struct span s = {all.begin, all.begin};
  while (s.end < all.end) {
    s = span_of(s.end, all.end, entry_compare_entrants);
    size_t count = (size_t)(s.end - s.begin);
    for (size_t i = 0; strcmp(s.begin->entrant, entrant) == 0 && i < count; i++)
      run_write(j, &s.begin[i], i, count);
  }
  json_close(j, ']');
}

int export_command(struct options *options) {
  struct options campaign = *options;
  struct source source;
  struct span all;
  if (options->operand_count == 0)
    return complain(EXIT_USAGE, "export needs the name of a collector");
  campaign.operand_count = 0;
  int code = source_chosen(&source, &campaign)
                 ?: entries_make(&all, options->pool, &source.results, 1);
  if (code != EXIT_FINE)
    return code;
  const char *entrant = entry_find_entrant(all, options->operands[0]);
  if (entrant == NULL)
    return complain(EXIT_USAGE, "'%s' is no collector in %s",
                    options->operands[0], source.results.path);
  struct json j = {.out = stdout, .pool = options->pool};
  json_open(&j, NULL, '{');
  context_write(&j, &source, entrant);
  runs_write(&j, all, entrant);
  json_close(&j, '}');
  putchar('\n');
  return EXIT_FINE;
}
