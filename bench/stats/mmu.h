/* SPDX-License-Identifier: MIT */
/* Minimum mutator utilisation (Cheng and Blelloch, PLDI 2001):
     u(a, b) = 1 - gc(a, b) / (b - a)    MMU(w) = min over t of u(t, t + w)
   for windows [t, t + w] inside the run. gc(a, b) is the time that the
   collector took between a and b. For one thread it is the time during which
   that thread was held up; for all threads, the mean of these times.

   gc(begin, t) is linear between the edges of the collector's intervals, so
   gc(t, t + w) is linear between the points where either end of the window
   meets an edge. Its maximum lies at one of these points, so trying them all
   is exact. */
#ifndef STATS_MMU_H
#define STATS_MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mmu_interval {
  uint64_t begin, end;
};

/* Intervals in any order, with overlaps, such as those that one thread spent
   collecting. */
struct mmu_lane {
  struct mmu_interval *items;
  size_t count;
};

/* From t to the next edge, `slope` lanes are collecting. Before t, all lanes
   together have spent `total` nanoseconds. */
struct mmu_edge {
  uint64_t t, total;
  int64_t slope;
};

struct mmu_curve {
  struct mmu_edge *edges; /* ascending; the first is the begin of the run */
  size_t count;
  size_t lanes;
  uint64_t begin, end; /* of the run */
};

/* Sorts the intervals of a lane and unites those that overlap. */
void mmu_lane_unite(struct mmu_lane *);
/* The time that the intervals of a united lane have in common with one. */
uint64_t mmu_lane_overlap(const struct mmu_lane *, struct mmu_interval);
/* Takes what is in `without` out of the intervals. Both are united, and remain
   so. False: out of memory, and nothing is changed. */
bool mmu_lane_subtract(struct mmu_lane *, const struct mmu_lane *without);
/* Builds the curve of lanes that are already united. Intervals are cut at both
   ends of the run. False: out of memory. */
bool mmu_curve_init(struct mmu_curve *, uint64_t begin, uint64_t end,
                    const struct mmu_lane *lanes, size_t count);
void mmu_curve_finish(struct mmu_curve *);
/* False if the window is empty or longer than the run. */
bool mmu_least(const struct mmu_curve *, uint64_t window, double *out);

/* Bounded utilisation (Sachindran, Moss and Berger, OOPSLA 2004): the smallest
   utilisation of all windows of this size or larger. Exact: see Note [Bounded
   utilisation] in mmu.c. False as for mmu_least, or out of memory. */
bool mmu_bounded(const struct mmu_curve *, uint64_t window, double *out);

#endif
