/* SPDX-License-Identifier: MIT */
/* Where a campaign runs: environment.json, and the commit of its rows. */
#ifndef ROWS_ENVIRONMENT_H
#define ROWS_ENVIRONMENT_H

#include "bench/plan/settings.h"
#include "bench/rows/campaign.h"
#include "bench/rows/settled.h"

#define ENVIRONMENT_FILE "environment.json"

/* Of the tree that the runners were built in; NULL where it is not known. */
struct environment_commit {
  const char *id;
  const char *dirty; /* "1": the tree has changes that are in no commit */
};
struct environment_commit environment_commit(struct pool *,
                                             const char *bin_dir);

/* "2026-01-31T23:59:59Z" */
const char *environment_time(struct pool *);

/* Unless it was written before: a campaign is of where it began. `planned` is
   the number of runs in its plan. Exit code. */
int environment_write(const struct campaign *, const struct settings *,
                      const struct environment_commit *, size_t planned);

/* How many runs a campaign has, and how often one may be done again; 0: not
   known. */
struct settled_plan environment_plan(struct pool *, const char *folder);

/* The cores of the machine that a campaign ran on; 0: not known. */
long environment_cores(struct pool *, const char *folder);

#endif
