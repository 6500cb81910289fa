/* SPDX-License-Identifier: MIT */
#include "bench/stats/pareto.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
  const struct pareto_point *a = left, *b = right;
  int order = (a->x > b->x) - (a->x < b->x);
  return order != 0 ? order : (a->y > b->y) - (a->y < b->y);
}

void pareto_mark(struct pareto_point *points, size_t count) {
  qsort(points, count, sizeof *points, compare);
  double least = INFINITY;
  for (size_t i = 0; i < count; i++) {
    const struct pareto_point *before = i > 0 ? &points[i - 1] : NULL;
    bool is_equal = before != NULL && before->is_best &&
                    before->x == points[i].x && before->y == points[i].y;
    points[i].is_best = points[i].y < least || is_equal;
    least = fmin(least, points[i].y);
  }
}
