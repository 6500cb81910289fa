/* SPDX-License-Identifier: MIT */
#include "bench/stats/spread.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdbool.h>

/* Scales a column to mean 0 and deviation 1, over the rows that have a
   value. */
static void column_standardise(gsl_vector *column) {
  double sum = 0, squares = 0, count = 0;
  for (size_t i = 0; i < column->size; i++) {
    double value = gsl_vector_get(column, i);
    sum += isnan(value) ? 0 : value;
    count += !isnan(value);
  }
  for (size_t i = 0; i < column->size; i++) {
    double off = gsl_vector_get(column, i) - sum / count;
    off = isnan(off) ? 0 : off;
    gsl_vector_set(column, i, off);
    squares += off * off;
  }
  double deviation = sqrt(squares / (count - 1));
  /* Values that differ only by rounding count as equal. */
  bool is_same = !(deviation > 1e-9 * fabs(sum / count)) || deviation == 0;
  gsl_vector_scale(column, is_same ? 0 : 1 / deviation);
}

static void axis_take(struct spread_axis *axis, const gsl_matrix *rows,
                      gsl_vector *loadings) {
  if (gsl_vector_max(loadings) < -gsl_vector_min(loadings))
    gsl_vector_scale(loadings, -1);
  for (size_t i = 0; i < loadings->size; i++)
    axis->loadings[i] = gsl_vector_get(loadings, i);
  gsl_vector_view scores = gsl_vector_view_array(axis->scores, rows->size1);
  gsl_blas_dgemv(CblasNoTrans, 1, rows, loadings, 0, &scores.vector);
}

void spread_scale(double *values, size_t rows, size_t columns) {
  gsl_matrix_view all = gsl_matrix_view_array(values, rows, columns);
  for (size_t i = 0; i < columns; i++) {
    gsl_vector_view column = gsl_matrix_column(&all.matrix, i);
    column_standardise(&column.vector);
  }
}

static double distance_between(const double *a, const double *b, size_t count) {
  double squares = 0;
  for (size_t i = 0; i < count; i++)
    squares += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(squares);
}

size_t spread_nearest(const double *values, size_t rows, size_t columns,
                      size_t i, double *distance) {
  size_t nearest = i;
  *distance = INFINITY;
  for (size_t k = 0; k < rows; k++) {
    double d =
        distance_between(values + i * columns, values + k * columns, columns);
    if (k != i && d < *distance) {
      nearest = k;
      *distance = d;
    }
  }
  return nearest;
}

void spread_axes(double *values, size_t rows, size_t columns,
                 struct spread_axis axes[2]) {
  gsl_matrix_view all = gsl_matrix_view_array(values, rows, columns);
  spread_scale(values, rows, columns);
  gsl_matrix *variance = gsl_matrix_alloc(columns, columns);
  gsl_matrix *vectors = gsl_matrix_alloc(columns, columns);
  gsl_vector *sizes = gsl_vector_alloc(columns);
  gsl_eigen_symmv_workspace *room = gsl_eigen_symmv_alloc(columns);
  gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &all.matrix, &all.matrix, 0,
                 variance);
  gsl_eigen_symmv(variance, sizes, vectors, room);
  gsl_eigen_symmv_sort(sizes, vectors, GSL_EIGEN_SORT_VAL_DESC);
  double whole = gsl_blas_dasum(sizes);
  for (size_t i = 0; i < 2; i++) {
    gsl_vector_view vector = gsl_matrix_column(vectors, i);
    axes[i].share = whole > 0 ? fmax(gsl_vector_get(sizes, i), 0) / whole : 0;
    axis_take(&axes[i], &all.matrix, &vector.vector);
  }
  gsl_eigen_symmv_free(room);
  gsl_vector_free(sizes);
  gsl_matrix_free(vectors);
  gsl_matrix_free(variance);
}
