/* SPDX-License-Identifier: MIT */
/* The style of a collector, the same in every plot and report. */
#ifndef PLOT_PALETTE_H
#define PLOT_PALETTE_H

#include <stddef.h>

#include "bench/base/pool.h"

struct palette_style {
  const char *colour; /* "#RRGGBB"; distinct for colour-blind readers */
  int point;          /* gnuplot's point type */
  int dash;           /* gnuplot's dash type: 1 is solid */
};

/* `entrant` is a collector, optionally followed by a colon and a tuning. The
   style of an unknown collector is chosen by its name. Variant 0 has the
   collector's colour; other variants have shades of it and dashed lines. */
struct palette_style palette_style(struct pool *, const char *entrant,
                                   size_t variant);
/* A colour for a phase, which no collector has. The fifth is for the rest. */
const char *palette_part(size_t index);
/* The position of an entrant in a legend. */
size_t palette_rank(struct pool *, const char *entrant);

#endif
