/* SPDX-License-Identifier: MIT */
/* Minimum mutator utilisation (Cheng and Blelloch, PLDI 2001):
     u(a, b) = 1 - gc(a, b) / (b - a)    MMU(w) = min over t of u(t, t + w)
   for windows [t, t + w] inside the run. gc(a, b) is what the collector took
   of the time from a to b. Over one thread it is the time in which that thread
   did not get on; over all of them, the mean of theirs.

   gc(begin, t) is linear between the edges of the collector's intervals, so
   gc(t, t + w) is linear between the points where either end of the window
   meets an edge, and its maximum lies at one of them: trying them all is
   exact. */
#ifndef STATS_MMU_H
#define STATS_MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mmu_interval {
  uint64_t begin, end;
};

/* What one thread spent on collecting, in any order, with overlaps. */
struct mmu_lane {
  struct mmu_interval *items;
  size_t count;
};

/* From t to the next edge, `slope` lanes are collecting; up to t, `total`
   nanoseconds were spent in all lanes together. */
struct mmu_edge {
  uint64_t t, total;
  int64_t slope;
};

struct mmu_curve {
  struct mmu_edge *edges; /* ascending; the first is the run's begin */
  size_t count;
  size_t lanes;
  uint64_t begin, end; /* of the run */
};

/* Sorts the intervals of a lane and unites those that overlap. */
void mmu_lane_unite(struct mmu_lane *);
/* Over lanes that are united; what lies outside the run is cut off. False: no
   memory. */
bool mmu_curve_init(struct mmu_curve *, uint64_t begin, uint64_t end,
                    const struct mmu_lane *lanes, size_t count);
void mmu_curve_finish(struct mmu_curve *);
/* False where the window is longer than the run, or empty. */
bool mmu_least(const struct mmu_curve *, uint64_t window, double *out);

/* Turns MMU at ascending windows into bounded utilisation (Sachindran, Moss
   and Berger, OOPSLA 2004): the least MMU of a window and all larger ones. */
void mmu_bound(double *utilisation, size_t count);

#endif
