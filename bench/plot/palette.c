/* SPDX-License-Identifier: MIT */
#include "bench/plot/palette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plan/catalog.h"

/* The palette of Okabe and Ito, without yellow, which is invisible on white.
   The collector that stands for zero cost is grey. */
static const char *const colours[] = {"#7F7F7F", "#0072B2", "#56B4E9",
                                      "#D55E00", "#009E73", "#CC79A7",
                                      "#E69F00", "#000000"};
static const int points[] = {4, 7, 6, 5, 9, 11, 13, 8};
enum { STYLES = sizeof colours / sizeof *colours, DASHES = 4 };

/* How far a colour moves towards black (negative) or white (positive). */
static const double shades[] = {0, -0.45, 0.5, -0.75, 0.75};
enum { SHADES = sizeof shades / sizeof *shades };

/* Of the phases, from the "muted" palette of Tol, which is safe for the
   colour-blind, too. No collector has one of these. The last is the rest. */
static const char *const part_colours[] = {"#332288", "#882255", "#DDCC77",
                                           "#999933", "#DDDDDD"};

size_t palette_rank(struct pool *pool, const char *entrant) {
  const char *base = catalog_base(pool, entrant);
  const char *const *names = catalog_collector_names(pool);
  size_t i = 0, sum = 0;
  for (; names[i] != NULL; i++) {
    if (strcmp(names[i], base) == 0)
      return i;
  }
  for (; *base != '\0'; base++)
    sum += (unsigned char)*base;
  return i + sum % STYLES;
}

static const char *shade(struct pool *pool, const char *colour, double way) {
  unsigned long rgb = strtoul(colour + 1, NULL, 16), shaded = 0;
  for (int shift = 16; shift >= 0; shift -= 8) {
    double part = (double)(rgb >> shift & 255);
    double end = way < 0 ? 0 : 255;
    shaded |= (unsigned long)(part + fabs(way) * (end - part)) << shift;
  }
  return pool_format(pool, "#%06lX", shaded);
}

struct palette_style palette_style(struct pool *pool, const char *entrant,
                                   size_t variant) {
  size_t i = palette_rank(pool, entrant) % STYLES;
  int dash = variant == 0 ? 1 : 2 + (int)(variant % DASHES);
  return (struct palette_style){
      shade(pool, colours[i], shades[variant % SHADES]), points[i], dash};
}

const char *palette_part(size_t index) {
  return part_colours[index % (sizeof part_colours / sizeof *part_colours)];
}
