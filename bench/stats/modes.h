/* SPDX-License-Identifier: MIT */
/* Do the ratios of a line fall into two groups? */
#ifndef STATS_MODES_H
#define STATS_MODES_H

#include <stdbool.h>
#include <stddef.h>

/* Fewer ratios show nothing. */
enum { MODES_BLOCKS_MIN = 5 };

struct modes {
  bool are_two;
  size_t low_count, high_count; /* at least two each */
  double low, high;             /* geometric means of the groups */
};

/* Of the ways to divide the ordered logarithms into two groups, the one with
   the smallest sum of squares within the groups. There are two modes if that
   sum is a smaller share of the whole than in 95 % of samples from a normal
   distribution, and the groups are further apart than a ratio of `least`. NAN
   among the ratios is left out. */
struct modes modes_find(const double *ratios, size_t count, double least);

#endif
