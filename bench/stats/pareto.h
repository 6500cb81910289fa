/* SPDX-License-Identifier: MIT */
/* Of two costs, time and memory say, which points are beaten in both. */
#ifndef STATS_PARETO_H
#define STATS_PARETO_H

#include <stdbool.h>
#include <stddef.h>

struct pareto_point {
  double x, y;
  bool is_best; /* no other point is as good in both and better in one */
};

/* Sorts by x, then y, and marks those that are best. */
void pareto_mark(struct pareto_point *, size_t count);

#endif
