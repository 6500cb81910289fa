/* SPDX-License-Identifier: MIT */
/* The Pareto frontier of two costs, such as time and memory. */
#ifndef STATS_PARETO_H
#define STATS_PARETO_H

#include <stdbool.h>
#include <stddef.h>

struct pareto_point {
  double x, y;
  bool is_best; /* no other point is as good in both costs and better in one */
};

/* Sorts by x, then y, and marks the points on the frontier. */
void pareto_mark(struct pareto_point *, size_t count);

#endif
