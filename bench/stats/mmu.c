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

void mmu_bound(double *utilisation, size_t count) {
  for (size_t i = count; i-- > 1;)
    utilisation[i - 1] = fmin(utilisation[i - 1], utilisation[i]);
}
