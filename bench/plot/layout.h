/* SPDX-License-Identifier: MIT */
/* Where the parts of a chart are on the page. Lengths are in pixels. */
#ifndef PLOT_LAYOUT_H
#define PLOT_LAYOUT_H

#include "bench/plot/chart.h"

/* The height of a line of the notes and of the legend. */
enum { LAYOUT_NOTE = 17, LAYOUT_LEGEND = 20 };

struct layout {
  size_t columns, rows, legend_rows;
  double panel_width, panel_height, width, height;
  double head;    /* above the panels */
  double remarks; /* the space for remarks, on the right of a panel */
};

struct layout layout_make(const struct chart *);

/* The length of the first line of a text when no line has more than `most`
   characters. */
size_t layout_line(const char *text, size_t most);
/* The most characters in a line of the notes. */
size_t layout_characters(const struct layout *);

#endif
