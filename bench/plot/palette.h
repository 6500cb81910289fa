/* SPDX-License-Identifier: MIT */
/* How a collector is drawn: the same in every plot and report. */
#ifndef PLOT_PALETTE_H
#define PLOT_PALETTE_H

#include <stddef.h>

#include "bench/base/pool.h"

struct palette_style {
  const char *colour; /* "#RRGGBB", told apart by the colour-blind too */
  int point;          /* gnuplot's point type */
  int dash;           /* gnuplot's dash type: 1 is solid */
};

/* `entrant` is a collector, perhaps with a tuning behind a colon. One that is
   no collector we know takes its place by its name. Of one collector, variant 0
   has the colour itself, others have shades of it and dashes. */
struct palette_style palette_style(struct pool *, const char *entrant,
                                   size_t variant);
/* For what is no collector: parts of a whole. */
const char *palette_part(size_t index);
/* Where an entrant stands in a legend. */
size_t palette_rank(struct pool *, const char *entrant);

#endif
