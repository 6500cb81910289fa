/* SPDX-License-Identifier: MIT */
#include "bench/stats/mmu.h"

#include <math.h>
#include <stdlib.h>

static int compare_intervals(const void *left, const void *right) {
  const struct mmu_interval *a = left, *b = right;
  return (a->begin > b->begin) - (a->begin < b->begin);
}

void mmu_lane_unite(struct mmu_lane *lane) {
  if (lane->count == 0)
    return;
  qsort(lane->items, lane->count, sizeof *lane->items, compare_intervals);
  size_t last = 0;
  for (size_t i = 1; i < lane->count; i++) {
    struct mmu_interval *into = &lane->items[last], *next = &lane->items[i];
    if (next->begin > into->end)
      lane->items[++last] = *next;
    else if (next->end > into->end)
      into->end = next->end;
  }
  lane->count = last + 1;
}

/* The first interval that ends after `t`. */
static size_t first_after(const struct mmu_lane *lane, uint64_t t) {
  size_t low = 0, high = lane->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (lane->items[middle].end <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

uint64_t mmu_lane_overlap(const struct mmu_lane *lane, struct mmu_interval in) {
  uint64_t sum = 0;
  for (size_t i = first_after(lane, in.begin);
       i < lane->count && lane->items[i].begin < in.end; i++) {
    const struct mmu_interval *at = &lane->items[i];
    sum += (at->end < in.end ? at->end : in.end) -
           (at->begin > in.begin ? at->begin : in.begin);
  }
  return sum;
}

static void item_add(struct mmu_lane *lane, uint64_t begin, uint64_t end) {
  if (begin < end)
    lane->items[lane->count++] = (struct mmu_interval){begin, end};
}

bool mmu_lane_subtract(struct mmu_lane *lane, const struct mmu_lane *without) {
  struct mmu_lane rest = {.count = 0};
  if (lane->count == 0 || without->count == 0)
    return true;
  rest.items = malloc((lane->count + without->count) * sizeof *rest.items);
  if (rest.items == NULL)
    return false;
  for (size_t i = 0; i < lane->count; i++) {
    uint64_t begin = lane->items[i].begin, end = lane->items[i].end;
    for (size_t k = first_after(without, begin);
         k < without->count && without->items[k].begin < end; k++) {
      item_add(&rest, begin, without->items[k].begin);
      begin = without->items[k].end;
    }
    item_add(&rest, begin, end);
  }
  free(lane->items);
  *lane = rest;
  return true;
}

static int compare_edges(const void *left, const void *right) {
  const struct mmu_edge *a = left, *b = right;
  return (a->t > b->t) - (a->t < b->t);
}

static void add_edge(struct mmu_curve *curve, uint64_t t, int64_t slope) {
  t = t < curve->begin ? curve->begin : t;
  t = t > curve->end ? curve->end : t;
  curve->edges[curve->count++] = (struct mmu_edge){.t = t, .slope = slope};
}

/* Replaces the change at each edge by the state after it. */
static void sum_up(struct mmu_curve *curve) {
  qsort(curve->edges, curve->count, sizeof *curve->edges, compare_edges);
  for (size_t i = 1; i < curve->count; i++) {
    struct mmu_edge *edge = &curve->edges[i], *before = edge - 1;
    edge->total =
        before->total + (uint64_t)before->slope * (edge->t - before->t);
    edge->slope += before->slope;
  }
}

bool mmu_curve_init(struct mmu_curve *curve, uint64_t begin, uint64_t end,
                    const struct mmu_lane *lanes, size_t count) {
  size_t edges = 2;
  for (size_t i = 0; i < count; i++)
    edges += 2 * lanes[i].count;
  *curve = (struct mmu_curve){.begin = begin, .end = end, .lanes = count};
  curve->edges = malloc(edges * sizeof *curve->edges);
  if (curve->edges == NULL)
    return false;
  add_edge(curve, begin, 0);
  add_edge(curve, end, 0);
  for (size_t lane = 0; lane < count; lane++)
    for (size_t i = 0; i < lanes[lane].count; i++) {
      add_edge(curve, lanes[lane].items[i].begin, 1);
      add_edge(curve, lanes[lane].items[i].end, -1);
    }
  sum_up(curve);
  return true;
}

void mmu_curve_finish(struct mmu_curve *curve) {
  free(curve->edges);
  *curve = (struct mmu_curve){0};
}

/* gc(begin, t), in lanes times nanoseconds. */
static uint64_t total_until(const struct mmu_curve *curve, uint64_t t) {
  size_t low = 0, high = curve->count; /* edges[low].t <= t < edges[high].t */
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (curve->edges[middle].t <= t)
      low = middle;
    else
      high = middle;
  }
  const struct mmu_edge *edge = &curve->edges[low];
  return edge->total + (uint64_t)edge->slope * (t - edge->t);
}

static uint64_t total_in(const struct mmu_curve *curve, uint64_t t,
                         uint64_t window) {
  return total_until(curve, t + window) - total_until(curve, t);
}

bool mmu_least(const struct mmu_curve *curve, uint64_t window, double *out) {
  if (window == 0 || window > curve->end - curve->begin || curve->lanes == 0)
    return false;
  uint64_t most = 0;
  for (size_t i = 0; i < curve->count; i++) {
    uint64_t t = curve->edges[i].t, taken = 0;
    if (curve->end - t >= window && (taken = total_in(curve, t, window)) > most)
      most = taken;
    if (t - curve->begin >= window &&
        (taken = total_in(curve, t - window, window)) > most)
      most = taken;
  }
  *out = 1 - (double)most / ((double)window * (double)curve->lanes);
  return true;
}

/* Note [Bounded utilisation]
   It is 1 minus the largest slope of the curve gc(begin, t) between two points
   that are at least `window` apart. Let one end of the interval stay and the
   other move between two edges: the slope is monotone there, so it is largest
   at an edge, or where the interval becomes as short as the window. The second
   case is mmu_least. The first is a pair of edges: for each right end, the left
   ends that are far enough away form a growing set, and the largest slope to
   one of them is that of the tangent to their lower convex hull. The slopes
   from the points of the hull to the right end rise up to the tangent and fall
   after it, so the tangent is found by bisection. */

static double slope(const struct mmu_edge *a, const struct mmu_edge *b) {
  return ((double)b->total - (double)a->total) / (double)(b->t - a->t);
}

/* Points of equal time have equal totals, so one of them is enough. */
static void hull_add(const struct mmu_edge **hull, size_t *count,
                     const struct mmu_edge *point) {
  if (*count > 0 && hull[*count - 1]->t == point->t)
    return;
  while (*count > 1 && slope(hull[*count - 2], hull[*count - 1]) >=
                           slope(hull[*count - 1], point))
    --*count;
  hull[(*count)++] = point;
}

static double hull_steepest(const struct mmu_edge **hull, size_t count,
                            const struct mmu_edge *end) {
  size_t low = 0, high = count - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (slope(hull[middle], end) < slope(hull[middle + 1], end))
      low = middle + 1;
    else
      high = middle;
  }
  return slope(hull[low], end);
}

static double steepest(const struct mmu_curve *curve, uint64_t window,
                       const struct mmu_edge **hull) {
  double most = 0;
  size_t count = 0, begin = 0;
  for (size_t i = 0; i < curve->count; i++) {
    const struct mmu_edge *end = &curve->edges[i];
    while (end->t - curve->edges[begin].t >= window)
      hull_add(hull, &count, &curve->edges[begin++]);
    if (count > 0)
      most = fmax(most, hull_steepest(hull, count, end));
  }
  return most;
}

bool mmu_bounded(const struct mmu_curve *curve, uint64_t window, double *out) {
  if (!mmu_least(curve, window, out))
    return false;
  const struct mmu_edge **hull = malloc(curve->count * sizeof *hull);
  if (hull == NULL)
    return false;
  double most = steepest(curve, window, hull);
  *out = fmin(*out, 1 - most / (double)curve->lanes);
  free(hull);
  return true;
}
