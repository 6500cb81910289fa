/* SPDX-License-Identifier: MIT */
/* A chart as data, and the gnuplot script that draws it. Panels share their
   labels; the legend stands above them all and a note below, so that neither
   covers data. Every point can carry words that a reader sees on pointing at
   it, in SVG. */
#ifndef PLOT_CHART_H
#define PLOT_CHART_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/base/pool.h"

enum chart_mark {
  CHART_LINE,   /* points with intervals in y, joined; NAN makes a gap */
  CHART_PLAIN,  /* a line without points */
  CHART_DASHED, /* the same, dashed, without a legend */
  CHART_STEPS,  /* a cumulative distribution */
  CHART_FRONT,  /* what bounds the points, drawn grey */
  CHART_POINTS, /* points that are not joined */
  CHART_ROWS,   /* points with intervals in x */
  CHART_NAMED,  /* points with their labels beside them, without a legend */
  CHART_BOXES,  /* from low to high, centred on x */
  CHART_CELLS   /* squares coloured by value, with their label in it */
};

struct chart_point {
  double x, y, low, high;
  double value;      /* of a cell */
  const char *label; /* of a cell, or a point with a name */
  const char *hover; /* NULL: none */
};

struct chart_series {
  const char *name;  /* in the legend */
  const char *owner; /* the entrant it is of; NULL: its name is that */
  const char *colour;
  int point, dash;
  enum chart_mark mark;
  struct chart_point *points;
  size_t count;
};

struct chart_panel {
  const char *title;
  struct chart_series *series;
  size_t count;
  const char **x_tics, **y_tics; /* names of 0, 1, …, or NULL: numbers */
  size_t x_tic_count, y_tic_count;
};

struct chart {
  const char *name; /* of its files */
  const char *title, *x_label, *y_label;
  const char *note;   /* what is drawn, and how sure it is */
  const char *origin; /* of the data */
  bool is_log_x, is_log_y;
  const char *setup; /* further gnuplot commands */
  struct chart_panel *panels;
  size_t count;
  double width, height; /* of a panel, in pixels; 0: as usual */
};

/* They grow by one; the caller fills what is returned. */
struct chart_panel *chart_add_panel(struct chart *, struct pool *);
struct chart_series *chart_add_series(struct chart_panel *, struct pool *);
struct chart_point *chart_add_point(struct chart_series *, struct pool *);

/* No point can be drawn: nothing that it shows was measured. */
bool chart_is_empty(const struct chart *);

/* Where a panel lies in the picture, from its upper left corner. */
struct chart_place {
  double x, y, width, height;
};
struct chart_place chart_panel_place(const struct chart *, size_t panel);

/* Whose the curves are, one for each group "…_plot_…" of the SVG in its
   order; NULL at the end. */
const char **chart_curves(const struct chart *, struct pool *);

/* A script that leaves `path`.svg and `path`.png. */
void chart_write(const struct chart *, struct pool *, const char *path, FILE *);

#endif
