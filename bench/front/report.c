/* SPDX-License-Identifier: MIT */
#include "bench/report/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

int report_command(struct options *options) {
  struct pool *pool = options->pool;
  struct source source;
  struct view view;
  struct catalog catalog = {.pool = pool};
  int code =
      source_chosen(&source, options) ?: view_make(&view, pool, &source, 1);
  if (code != EXIT_FINE)
    return code;
  int asked = catalog_fill(&catalog, options, &view);
  const char *path = options->text[OPTION_OUTPUT];
  if (path == NULL)
    path = campaign_path(pool, source.folder, "report.html");
  code = report_write(&view, &catalog, path);
  if (code == EXIT_FINE && !say_is_quiet())
    printf("%s\n", path);
  return code ?: asked;
}
