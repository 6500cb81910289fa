/* SPDX-License-Identifier: MIT */
#include "bench/report/report.h"

#include <stdio.h>

#include "bench/base/say.h"
#include "bench/front/commands.h"
#include "bench/rows/campaign.h"

int report_command(struct options *options) {
  struct pool *pool = options->pool;
  struct source source;
  struct view view;
  int code =
      source_chosen(&source, options) ?: view_make(&view, pool, &source, 1);
  if (code != EXIT_FINE)
    return code;
  const char *path = options->text[OPTION_OUTPUT];
  if (path == NULL)
    path = campaign_path(pool, source.folder, "report.html");
  const char *plots = campaign_path(pool, source.folder, "plots");
  const struct plot_drawn *charts;
  int drawn = plot_draw(&view, plots, &charts);
  if (drawn != EXIT_FINE && drawn != EXIT_FAILED)
    return drawn;
  code = report_write(&view, plots, charts, path);
  if (code == EXIT_FINE && !say_is_quiet())
    printf("%s\n", path);
  return code ?: drawn;
}
