/* SPDX-License-Identifier: MIT */
/* Which runs, in which order: blocks that each run every cell once, with all
   collectors of a cell next to each other, so that what the machine does
   meanwhile falls on all of them alike. A collector that has no limit takes
   part in the cells without a limit alone, once for each workload and number
   of threads, whatever limits the others are run with. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "bench/plan/settings.h"

struct planned_run {
  size_t run;   /* in the plan, from 1: the key of its rows */
  size_t block; /* from 1 */
  size_t order; /* in its block, from 1 */
  size_t place; /* in its cell, from 1 */
  size_t workload, threads, collector; /* indices in settings */
  size_t heap_factor;                  /* index in the plan */
};

struct plan {
  struct planned_run *runs;
  size_t count;
  size_t cells; /* workloads × threads × heap factors */
  /* Those of the settings. Where a collector has no limit and they have no 0,
     that comes after them. */
  const char **heap_factors;
  size_t heap_factor_count;
  size_t unlimited; /* index of the 0 in there; the count: there is none */
};

struct plan plan_make(struct pool *, const struct settings *);

/* Equal for runs that differ in block and order alone: less than cells ×
   collectors. */
size_t plan_entrant(const struct settings *, const struct plan *,
                    const struct planned_run *);
/* Does it begin a cell: is it the first of its collectors? */
bool plan_begins_cell(const struct planned_run *);

/* One command line for each run, to be given to any shell on any machine. */
int plan_print(const struct settings *, const struct options *,
               const struct plan *);

#endif
