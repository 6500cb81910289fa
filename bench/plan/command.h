/* SPDX-License-Identifier: MIT */
/* The command line of a runner. */
#ifndef PLAN_COMMAND_H
#define PLAN_COMMAND_H

#include "bench/plan/settings.h"

/* A cell of a campaign, without its heap limit. */
struct command_cell {
  const struct catalog_collector *collector;
  const struct catalog_workload *workload;
  int64_t threads;
};

struct command {
  struct pool *pool;
  const char **words; /* ends with NULL */
  size_t count;
};

/* Begins the command line of one run with everything that the settings say. The
   caller adds the heap limit, the warm-ups and the files for the figures. */
struct command command_begin(struct pool *, const struct settings *,
                             const struct command_cell *);
void command_add(struct command *, const char *word);

/* "a=1;b=2": the value of every parameter of the workload. */
const char *command_params(struct pool *, const struct settings *,
                           const struct catalog_workload *);

#endif
