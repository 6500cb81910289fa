/* SPDX-License-Identifier: MIT */
/* Paired comparisons: each cell of each entrant against the same cell of a
   base, within blocks. */
#ifndef ROWS_VERSUS_H
#define ROWS_VERSUS_H

#include "bench/plan/options.h"
#include "bench/rows/headline.h"
#include "bench/stats/effect.h"
#include "bench/stats/modes.h"
#include "bench/stats/verdict.h"

/* One side of a comparison. */
struct versus_side {
  const char *name;
  const char *entrant; /* NULL: all of them, each with itself in the base */
  size_t source;
};

/* Lines whose variances one prior describes (bench/stats/moderated.h). */
enum versus_family {
  VERSUS_STEADY,
  VERSUS_CONTENDED, /* threads that use the same objects: two modes, often */
  VERSUS_PACED,    /* the workload's rate or its emptiness decides the figure */
  VERSUS_RESPONSE, /* response times, as the result of paced workloads ... */
  VERSUS_CPU,      /* ... and their CPU time */
  VERSUS_MEANS,    /* over workloads */
  VERSUS_FAMILIES
};

struct versus_line {
  const struct entry *cell; /* any of its entries */
  /* Of the cell in which the two are compared; its heap factor is the line's.
     A collector without a limit is compared at each factor of the other. */
  const struct entry *heap;
  const struct versus_side *side;
  /* NULL: compared with the base. If no run of the base is valid in this cell,
     the best side that has valid runs takes its place here. */
  const struct versus_side *instead;
  size_t column;    /* what is compared */
  size_t workloads; /* 0: one cell; else a mean over so many workloads ... */
  size_t of;        /* ... of this many that have a result */
  const struct entry **members; /* an entry of each of these workloads */
  enum versus_family family;
  const double *ratios; /* by block, NAN where a block has none; of a mean, of
                           each of its workloads */
  struct moderated_line line;
  struct verdict verdict;
  struct effect effect; /* blocks, ratio, and the interval of the verdict */
  struct modes modes;   /* of the blocks of a contended line */
  /* Without a ratio: the reason, in words. NULL: there is a ratio. */
  const char *reason;
};

struct versus {
  struct pool *pool;
  struct span all;
  size_t column;    /* what is compared ... */
  bool is_headline; /* ... but of paced workloads, instead of wall time: what
                       headline_columns() says */
  enum family_rule rule; /* corrects for the number of lines */
  const struct versus_side *sides;
  size_t side_count; /* the first is the base */
  struct versus_line *lines;
  size_t line_count;
  size_t ratio_count; /* lines that have a ratio */
  double alpha;       /* intervals are at confidence 1 - alpha */
};

/* Takes the figure that --metric names; without it, the results of each
   workload: wall time, or those of headline_columns(). Exit code. */
int versus_choose(struct versus *, const struct options *);

/* Fills the lines: cells first, then the means. A mean is over the workloads
   that all sides completed, so that means can be compared with each other. A
   side that completed fewer than half of what another side completed has no
   mean and takes no workload from the others. Lines that are apart are in no
   mean. */
void versus_compute(struct versus *);

/* Is it a figure of a control, or wall time or throughput of a workload that is
   paced by a rate, or a figure that replaces these? */
bool versus_is_apart(const struct versus_line *);

/* The workload, "requests p99.9" or "mean of 19 of 21". */
const char *versus_subject(const struct versus *, const struct versus_line *);

/* The heap limit, in MiB or in bytes; "" without one, and for a mean: workloads
   have different limits. */
const char *versus_limit(const struct versus *, const struct versus_line *,
                         bool in_bytes);

/* What is compared: "wall_ns (p99.9: rsp_p999_ns, CPU: task_clock_ns)". */
const char *versus_figures(const struct versus *);

/* "faster", "same within ±1.2 %", "undecided (about 14 blocks)". */
const char *versus_verdict(const struct versus *, const struct versus_line *);

/* "steady", "contended", "paced", "mean" */
const char *versus_family_name(enum versus_family);

/* "2 blocks at 0.71, 3 at 1.03": what the interval does not show; or "". */
const char *versus_note(const struct versus *, const struct versus_line *);

/* The effect of a line and its interval by another method, which takes time. */
struct effect versus_bootstrap(const struct versus *,
                               const struct versus_line *);

/* The number of blocks with which a true difference of `ratio` is found in four
   campaigns of five, on a line with the median deviation of all lines that have
   a ratio; 0: unknown, or no number is enough. */
size_t versus_blocks_to_find(const struct versus *, double ratio);

#endif
