/* SPDX-License-Identifier: MIT */
/* Drag: what memory costs by being given back late. For one object it is its
   size times the time between its last use and its reclamation (Röjemo and
   Runciman, 1996); all objects together make the area between what a heap
   holds and what lives in it. */
#ifndef STATS_DRAG_H
#define STATS_DRAG_H

#include <stddef.h>

struct drag_point {
  double t, held;
};

/* The area above `live`, of the line through the points, which ascend in t. */
double drag_area(const struct drag_point *, size_t count, double live);

#endif
