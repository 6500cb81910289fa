/* SPDX-License-Identifier: MIT */
#include "bench/stats/family.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "bench/stats/room.h"

/* Writes the indices of the p values that are not NAN, ascending by p. Returns
   their number. */
static size_t order_make(const double *p, size_t count, size_t *order) {
  double *kept = room_make(count, sizeof *kept);
  size_t *index = room_make(count, sizeof *index);
  size_t members = 0;
  for (size_t i = 0; i < count; i++) {
    if (isnan(p[i]))
      continue;
    index[members] = i;
    kept[members++] = p[i];
  }
  gsl_sort_index(order, kept, 1, members);
  for (size_t i = 0; i < members; i++)
    order[i] = index[order[i]];
  free(index);
  free(kept);
  return members;
}

/* Goes from the largest p down, and keeps the adjusted values monotonic in
   p. */
static void benjamini_hochberg(double *p, const size_t *order, size_t members) {
  double least = 1;
  for (size_t i = members; i-- > 0;) {
    double raised = p[order[i]] * (double)members / (double)(i + 1);
    p[order[i]] = least = fmin(least, raised);
  }
}

/* Goes from the smallest p up. */
static void holm(double *p, const size_t *order, size_t members) {
  double most = 0;
  for (size_t i = 0; i < members; i++) {
    double raised = fmin(1, p[order[i]] * (double)(members - i));
    p[order[i]] = most = fmax(most, raised);
  }
}

static size_t marked_count(const double *p, size_t count, double level) {
  size_t marked = 0;
  for (size_t i = 0; i < count; i++)
    marked += p[i] <= level;
  return marked;
}

double family_adjust(enum family_rule rule, double *p, size_t count,
                     double level) {
  size_t *order = room_make(count, sizeof *order);
  size_t members = order_make(p, count, order);
  if (rule == FAMILY_HOLM)
    holm(p, order, members);
  else
    benjamini_hochberg(p, order, members);
  free(order);
  double all = fmax(1, (double)members);
  double marked = (double)marked_count(p, count, level);
  if (rule == FAMILY_HOLM)
    return level / fmax(1, all - marked);
  return level * fmax(1, marked) / all;
}
