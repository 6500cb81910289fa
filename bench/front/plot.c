/* SPDX-License-Identifier: MIT */
#include "bench/plot/plot.h"

#include <stdio.h>

#include "bench/base/say.h"
#include "bench/front/commands.h"
#include "bench/rows/campaign.h"

/* All operands, or the one campaign that the options choose. */
static int sources_load(const struct options *options, struct source **out,
                        size_t *count) {
  struct pool *pool = options->pool;
  *count = options->operand_count > 1 ? options->operand_count : 1;
  *out = pool_alloc(pool, *count * sizeof **out);
  int code = source_chosen(*out, options);
  for (size_t i = 1; code == EXIT_FINE && i < *count; i++) {
    const char *path;
    code = source_named(options, options->operands[i], &path)
               ?: source_load(&(*out)[i], pool, path);
  }
  return code;
}

int plot_command(struct options *options) {
  struct source *sources;
  size_t count;
  struct view view;
  const struct plot_drawn *drawn;
  int code = sources_load(options, &sources, &count)
                 ?: view_make(&view, options->pool, sources, count);
  if (code != EXIT_FINE)
    return code;
  const char *folder = campaign_path(options->pool, view.folder, "plots");
  code = plot_draw(&view, folder, &drawn);
  if (code != EXIT_FINE && code != EXIT_FAILED)
    return code;
  for (; drawn->name != NULL && !say_is_quiet(); drawn++) {
    if (!drawn->is_missing)
      printf("%s/%s.svg\n", folder, drawn->name);
  }
  return code;
}
