/* SPDX-License-Identifier: MIT */
/* How far apart rows of figures lie: their first two principal components.
   Each column counts alike, whatever its unit: it is taken with mean 0 and
   deviation 1 first, and one that is the same everywhere not at all. */
#ifndef STATS_SPREAD_H
#define STATS_SPREAD_H

#include <stddef.h>

struct spread_axis {
  double share;     /* of the whole variance */
  double *scores;   /* of each row */
  double *loadings; /* of each column; the greatest is positive */
};

/* `values` has row after row, and is changed; NAN stands at its column's mean.
   Of at least two rows and columns. The caller has made room in the axes. */
void spread_axes(double *values, size_t rows, size_t columns,
                 struct spread_axis axes[2]);

#endif
