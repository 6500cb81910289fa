/* SPDX-License-Identifier: MIT */
/* Paired comparisons: each cell of each entrant against the same cell of a
   base, within blocks. */
#ifndef ROWS_VERSUS_H
#define ROWS_VERSUS_H

#include "bench/plan/options.h"
#include "bench/rows/entries.h"
#include "bench/stats/effect.h"

/* One side of a comparison. */
struct versus_side {
  const char *name;
  const char *entrant; /* NULL: all of them, each with itself in the base */
  size_t source;
};

struct versus_line {
  const struct entry *cell; /* any of its entries */
  /* Of the cell in which the two are compared; its heap factor is the line's.
     A collector without a limit is compared at each factor of the other. */
  const struct entry *heap;
  const struct versus_side *side;
  size_t workloads; /* 0: one cell; else the geometric mean over so many */
  struct effect effect;
  double p_alone; /* before Holm's correction; effect.p is after it */
};

struct versus {
  struct pool *pool;
  struct span all;
  size_t column; /* what is compared */
  const struct versus_side *sides;
  size_t side_count; /* the first is the base */
  struct versus_line *lines;
  size_t line_count;
};

/* The figure that --metric names, wall_ns if it names none. Exit code. */
int versus_column(const struct options *, size_t *out);

/* Fills the lines: cells first, then the means. */
void versus_compute(struct versus *);

/* "faster", "no difference (±1.2 %)". */
const char *versus_verdict(const struct versus *, const struct versus_line *);

#endif
