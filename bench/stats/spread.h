/* SPDX-License-Identifier: MIT */
/* The distances between rows of figures, and their first two principal
   components.
   Each column has the same weight, whatever its unit: it is first scaled to
   mean 0 and deviation 1. A constant column is left out. */
#ifndef STATS_SPREAD_H
#define STATS_SPREAD_H

#include <stddef.h>

struct spread_axis {
  double share;     /* fraction of the total variance */
  double *scores;   /* score of each row */
  double *loadings; /* loading of each column; the largest is positive */
};

/* `values` contains the rows one after another, and is overwritten by the
   scaled ones; a NAN counts as the mean of its column. At least two rows. */
void spread_scale(double *values, size_t rows, size_t columns);

/* The row that is nearest to row `i`, by Euclid; `values` are scaled. */
size_t spread_nearest(const double *values, size_t rows, size_t columns,
                      size_t i, double *distance);

/* `values` are as for spread_scale, which it calls; at least two columns. The
   caller allocates the arrays of the axes. */
void spread_axes(double *values, size_t rows, size_t columns,
                 struct spread_axis axes[2]);

#endif
