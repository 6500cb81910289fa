/* SPDX-License-Identifier: MIT */
#include "bench/stats/drag.h"

/* The area above zero of a line from a to b over a unit of time. */
static double area_above(double a, double b) {
  if (a <= 0 && b <= 0)
    return 0;
  if (a >= 0 && b >= 0)
    return (a + b) / 2;
  double above = a > b ? a : b, below = a > b ? b : a;
  return above / 2 * (above / (above - below)); /* a triangle */
}

double drag_area(const struct drag_point *points, size_t count, double live) {
  double area = 0;
  for (size_t i = 1; i < count; i++) {
    const struct drag_point *from = &points[i - 1], *to = &points[i];
    area += (to->t - from->t) * area_above(from->held - live, to->held - live);
  }
  return area;
}
