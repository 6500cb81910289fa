/* SPDX-License-Identifier: MIT */
/* The least heaps that were found: min_heap.csv in the folder of all
   campaigns. */
#ifndef FRONT_HEAPS_H
#define FRONT_HEAPS_H

#include <stddef.h>

#include "bench/front/command.h"
#include "bench/front/environment.h"

/* Whose least heap counts as that of a workload. */
#define HEAPS_YARDSTICK "gen"

/* Up to HEAP_DESIGN: what must be the same for a row to be of use again. */
enum heap_column {
  HEAP_COMMIT,
  HEAP_DIRTY,
  HEAP_WORKLOAD,
  HEAP_PARAMS,
  HEAP_COLLECTOR,
  HEAP_TUNING,
  HEAP_THREADS,
  HEAP_GC_THREADS,
  HEAP_SEED,
  HEAP_DESIGN,
  HEAP_STARTED_UTC = HEAP_DESIGN,
  HEAP_LIVE_BYTES,
  HEAP_MIN_HEAP_BYTES,
  HEAP_COLUMNS
};

struct heaps {
  struct pool *pool;
  const char *path;
  const char ***rows; /* HEAP_COLUMNS fields each */
  size_t count;
};

/* Fills the fields up to HEAP_DESIGN. */
void heaps_design(struct pool *, const struct settings *,
                  const struct command_cell *,
                  const struct environment_commit *, const char **design);

/* A file that is not there has no rows. Exit code. */
int heaps_load(struct heaps *, struct pool *, const char *folder);
/* The newest row of this design, or NULL. One of a tree with changes is of no
   use: they may not be the same changes. */
const char **heaps_find(const struct heaps *, const char *const *design);
/* Keeps a row, on disk too. Exit code. */
int heaps_add(struct heaps *, const char **fields);

#endif
