/* SPDX-License-Identifier: MIT */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include "bench/plot/view.h"

/* Draws one chart into `folder`, which is made if it is not there. Exit
   code. */
int plot_draw_chart(const struct chart *, struct pool *, const char *folder);

/* Draws them into `folder` and names those that there are, NULL at the end. One
   that cannot be drawn is said and marked, and the others are drawn: the exit
   code is then EXIT_FAILED. */
struct plot_drawn {
  const char *name; /* of its files */
  struct chart chart;
  bool is_missing; /* it has no picture */
};
int plot_draw(const struct view *, const char *folder,
              const struct plot_drawn **out);

#endif
