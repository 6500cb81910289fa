/* SPDX-License-Identifier: MIT */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include "bench/plot/view.h"

/* All charts of a campaign as data. One that has nothing to show is empty. */
struct chart *plot_charts(const struct view *, size_t *count);

/* Draws one chart into `folder`, creating the folder if needed. Exit code. */
int plot_draw_chart(const struct chart *, struct pool *, const char *folder);

/* Draws all charts into `folder` and lists the non-empty ones, NULL at the end.
   A chart that cannot be drawn is reported and marked, and the others are still
   drawn. The exit code is then EXIT_FAILED. */
struct plot_drawn {
  const char *name; /* of its files */
  bool is_missing;  /* it could not be drawn */
};
int plot_draw(const struct view *, const char *folder,
              const struct plot_drawn **out);

#endif
