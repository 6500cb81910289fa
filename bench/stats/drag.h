/* SPDX-License-Identifier: MIT */
/* Drag: the cost of freeing memory late. The drag of one object is its size
   times the time between its last use and its reclamation (Röjemo and Runciman,
   1996). The drag of all objects is the area between the bytes held by the heap
   and the live bytes. */
#ifndef STATS_DRAG_H
#define STATS_DRAG_H

#include <stddef.h>

struct drag_point {
  double t, held;
};

/* The area above `live` under the line through the points, which ascend in
   t. */
double drag_area(const struct drag_point *, size_t count, double live);

#endif
