/* SPDX-License-Identifier: MIT */
/* Which runs, in which order: blocks that each run every cell once, with all
   collectors of a cell next to each other, so that what the machine does
   meanwhile falls on all of them alike. */
#ifndef FRONT_PLAN_H
#define FRONT_PLAN_H

#include "bench/front/settings.h"

struct planned_run {
  size_t run;   /* in the plan, from 1: the key of its rows */
  size_t block; /* from 1 */
  size_t order; /* in its block, from 1 */
  size_t workload, threads, heap_factor, collector; /* indices in settings */
};

struct plan {
  struct planned_run *runs;
  size_t count;
  size_t cells; /* workloads × threads × heap factors */
};

struct plan plan_make(struct pool *, const struct settings *);

/* Equal for runs that differ in block and order alone: 0 … entrants-1. */
size_t plan_entrant(const struct settings *, const struct planned_run *);
/* Does it begin a cell: is it the first of its collectors? */
bool plan_begins_cell(const struct settings *, const struct planned_run *);

/* One command line for each run, to be given to any shell on any machine. */
int plan_print(const struct settings *, const struct options *,
               const struct plan *);

#endif
