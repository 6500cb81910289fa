/* SPDX-License-Identifier: MIT */
#include "bench/report/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/paragraph.h"
#include "bench/base/say.h"
#include "bench/front/commands.h"
#include "bench/plan/settings.h"
#include "bench/rows/campaign.h"

static bool takes_part(const struct view *v, const char *collector) {
  for (size_t i = 0; i < v->entrant_count; i++) {
    if (strcmp(catalog_base(v->pool, v->entrants[i]), collector) == 0)
      return true;
  }
  return false;
}

/* Asks the runners that are still there what the collectors and the workloads
   are. */
static int catalog_fill(struct catalog *catalog, const struct options *options,
                        const struct view *v) {
  const char *folder;
  const char *const *name = catalog_collector_names(v->pool);
  int code = settings_bin_dir(options, &folder);
  for (; code == EXIT_FINE && *name != NULL; name++) {
    const char *runner =
        pool_format(v->pool, "%s/sweepstakes-%s", folder, *name);
    if (takes_part(v, *name) && access(runner, X_OK) == 0)
      code = catalog_add(catalog, folder, *name);
  }
  return code;
}

/* Each collector of the second campaign against itself in the first. */
static int changes_make(struct versus *v, const struct options *options,
                        const struct source sources[2]) {
  const char *const *names = (const char *const *)options->operands;
  struct versus_side *sides = pool_alloc(options->pool, 2 * sizeof *sides);
  struct results results[2];
  if (strcmp(names[0], names[1]) == 0)
    return complain(EXIT_USAGE, "'%s' is named twice", names[0]);
  for (size_t i = 0; i < 2; i++) {
    sides[i] = (struct versus_side){names[i], NULL, i};
    results[i] = sources[i].results;
  }
  *v = (struct versus){.pool = options->pool,
                       .column = RUN_WALL_NS,
                       .is_headline = true,
                       .sides = sides,
                       .side_count = 2};
  int code = entries_make(&v->all, v->pool, results, 2);
  if (code == EXIT_FINE)
    versus_compute(v);
  return code;
}

/* The page is of the last operand, or of the campaign that the options choose;
   it may have no rows. */
static int sources_load(const struct options *options,
                        struct source sources[2]) {
  struct pool *pool = options->pool;
  const char *before, *path;
  if (options->operand_count < 2)
    return source_path(options, &path) ?: source_read(&sources[1], pool, path);
  return source_named(options, options->operands[0], &before)
             ?: source_load(&sources[0], pool, before)
             ?: source_named(options, options->operands[1], &path)
             ?: source_read(&sources[1], pool, path);
}

/* A campaign without rows has nothing to be compared. */
static int results_view(struct view *view, const struct versus **changes,
                        const struct options *options,
                        struct source sources[2]) {
  struct pool *pool = options->pool;
  *view = (struct view){.pool = pool, .folder = sources[1].folder};
  *changes = NULL;
  if (sources[1].results.count == 0)
    return EXIT_FINE;
  int code = view_make(view, pool, &sources[1], 1);
  if (code == EXIT_FINE && options->operand_count > 1) {
    struct versus *versus = pool_alloc(pool, sizeof *versus);
    code = changes_make(versus, options, sources);
    *changes = versus;
  }
  return code;
}

int report_command(struct options *options) {
  struct pool *pool = options->pool;
  struct source sources[2];
  struct view view;
  struct catalog catalog = {.pool = pool};
  const struct versus *changes;
  const char *said, *path = options->text[OPTION_OUTPUT];
  int code = sources_load(options, sources)
                 ?: results_view(&view, &changes, options, sources);
  if (code != EXIT_FINE)
    return code;
  int asked = catalog_fill(&catalog, options, &view);
  if (path == NULL)
    path = campaign_path(pool, view.folder, "report.html");
  code = report_write(&view, &catalog, changes, path, &said);
  if (code == EXIT_FINE && !say_is_quiet()) {
    paragraph_print(said, 0, 0);
    printf("%s\n", path);
  }
  return code ?: asked;
}
