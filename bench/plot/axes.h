/* SPDX-License-Identifier: MIT */
/* Ranges and tics of the axes of a panel. */
#ifndef PLOT_AXES_H
#define PLOT_AXES_H

#include "bench/plot/chart.h"

/* Can the axes show this point? A logarithmic axis has no place for 0. */
bool axes_show(const struct chart *, const struct chart_point *);

/* Writes the range and the tics of each axis that is logarithmic or begins at
   0. `width` and `height` are the lengths of the axes in pixels. The panel has
   a point that they show. */
void axes_write(const struct chart *, const struct chart_panel *, double width,
                double height, FILE *);

/* Does an interval leave the range? */
bool axes_cut(const struct chart *);

#endif
