/* SPDX-License-Identifier: MIT */
/* A chart as data, and the gnuplot script that draws it. All panels share their
   axis labels. The notes and the legend are above the panels, so that they
   cover no data. In the SVG, a point can have a text that is shown when
   the mouse points at it. */
#ifndef PLOT_CHART_H
#define PLOT_CHART_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/base/pool.h"

enum chart_mark {
  CHART_LINE,   /* points with intervals in y, joined; NAN makes a gap */
  CHART_PLAIN,  /* a line without point marks */
  CHART_DASHED, /* the same, dashed, without a legend */
  CHART_STEPS,  /* a cumulative distribution */
  CHART_FRONT,  /* the Pareto frontier, drawn grey */
  CHART_POINTS, /* points that are not joined */
  CHART_ROWS,   /* points with intervals in x */
  CHART_NAMED,  /* points with their labels beside them, without a legend */
  CHART_WORDS,  /* labels alone, without a legend */
  CHART_BOXES,  /* bars from low to high, centred on x */
  CHART_CELLS   /* squares coloured by value, with a label inside */
};

struct chart_point {
  double x, y, low, high;
  double value;      /* of a cell; NAN: it has no colour */
  const char *label; /* of a cell, or of a point with words */
  const char *hover; /* NULL: none */
};

struct chart_series {
  const char *name;  /* in the legend */
  const char *owner; /* its entrant; NULL: `name` is the entrant */
  const char *colour;
  int point, dash;
  enum chart_mark mark;
  struct chart_point *points;
  size_t count;
};

/* A line of text in a corner of a panel. */
struct chart_remark {
  const char *colour, *text;
};

struct chart_panel {
  const char *title;
  struct chart_series *series;
  size_t count;
  const char **x_tics, **y_tics; /* tic labels at 0, 1, …; NULL: numbers */
  size_t x_tic_count, y_tic_count;
  struct chart_remark *remarks;
  size_t remark_count;
  double y_top; /* the end of an axis that begins at 0; 0: above all points */
  bool may_be_in_mean; /* the last panel has means over such panels */
};

struct chart {
  const char *name; /* base name of its files */
  const char *title, *x_label, *y_label;
  const char *note;   /* what is drawn, and its uncertainty */
  const char *origin; /* campaign, machine and commit of the data */
  bool is_log_x, is_log_y;
  bool is_zero_x, is_zero_y; /* the axis begins at 0 */
  bool has_remarks_beside;   /* each panel; else inside, at the upper left */
  const char *setup;         /* further gnuplot commands */
  struct chart_panel *panels;
  size_t count;
  double width, height; /* of a panel, in pixels; 0: the default */
};

/* The least width of a page, in pixels. */
enum { CHART_WIDTH_MIN = 760 };

/* The space that the longest of these names takes below an axis. */
double chart_names_width(const char *const *names, size_t count);

/* Each appends one element and returns it for the caller to fill in. */
struct chart_panel *chart_add_panel(struct chart *, struct pool *);
struct chart_series *chart_add_series(struct chart_panel *, struct pool *);
struct chart_point *chart_add_point(struct chart_series *, struct pool *);

void chart_add_remark(struct chart_panel *, struct pool *, const char *colour,
                      const char *text);

/* Has any point an interval? */
bool chart_has_intervals(const struct chart *);

/* Parts that the axes can show. */
bool chart_draws(const struct chart *, const struct chart_series *);
bool chart_draws_panel(const struct chart *, const struct chart_panel *);
/* Is this series in the legend? The first of several with the same name is. */
bool chart_in_legend(const struct chart *, size_t panel, size_t series);
bool chart_has_hover(const struct chart_series *);

/* Has no panel any point to draw, because nothing was measured? */
bool chart_is_empty(const struct chart *);

/* Writes a gnuplot script that draws `path`.svg and `path`.png. */
void chart_write(const struct chart *, struct pool *, const char *path, FILE *);

#endif
