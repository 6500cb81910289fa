/* SPDX-License-Identifier: MIT */
/* The command line of a runner. */
#ifndef PLAN_COMMAND_H
#define PLAN_COMMAND_H

#include "bench/plan/settings.h"

/* A cell of a campaign, but for its heap. */
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

/* Asks for one run with all that the settings say of it; what it may take of
   memory and time, and where its figures go, is still to be added. */
struct command command_begin(struct pool *, const struct settings *,
                             const struct command_cell *);
void command_add(struct command *, const char *word);

/* "a=1;b=2": every parameter of the workload, as it will be. */
const char *command_params(struct pool *, const struct settings *,
                           const struct catalog_workload *);

#endif
