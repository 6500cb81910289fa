/* SPDX-License-Identifier: MIT */
/* The list of runs and their order. Each block runs every cell once, with all
   collectors of a cell next to each other, so that disturbances of the machine
   affect them alike. A collector that cannot keep a limit takes part only in
   the cells without one, once for each workload and number of threads, whatever
   limits the others run with. */
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
  /* Those of the settings, and at the end a 0 if a collector without a limit
     needs one. */
  const char **heap_factors;
  size_t heap_factor_count;
  size_t unlimited; /* index of the 0; the count if there is no 0 */
};

struct plan plan_make(struct pool *, const struct settings *);

/* A number below cells × collectors; the same for runs that differ only in
   block and order. */
size_t plan_entrant(const struct settings *, const struct plan *,
                    const struct planned_run *);
/* Does it begin a cell: is it the first of its collectors? */
bool plan_begins_cell(const struct planned_run *);

/* Prints one command line for each run, for any shell on any machine. */
int plan_print(const struct settings *, const struct options *,
               const struct plan *);

#endif
