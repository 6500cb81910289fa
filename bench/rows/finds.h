/* SPDX-License-Identifier: MIT */
/* What searches have found, so that it is not searched again: a CSV file for
   each kind of search, in the folder of all campaigns. */
#ifndef ROWS_FINDS_H
#define ROWS_FINDS_H

#include <stddef.h>

#include "bench/plan/command.h"
#include "bench/rows/environment.h"

/* What every search depends on. */
enum find_column {
  FIND_COMMIT,
  FIND_DIRTY,
  FIND_WORKLOAD,
  FIND_PARAMS,
  FIND_COLLECTOR,
  FIND_TUNING,
  FIND_THREADS,
  FIND_GC_THREADS,
  FIND_SEED,
  FIND_COLUMNS
};
#define FIND_COLUMN_NAMES                                                      \
  "commit", "dirty", "workload", "params", "collector", "tuning", "threads",   \
      "gc_threads", "seed"

/* One kind of search. Its columns begin with FIND_COLUMN_NAMES; of them all,
   the first `design_count` must be the same for a row to be of use again. */
struct finds_card {
  const char *file;
  const char *const *columns;
  size_t column_count, design_count;
};

struct finds {
  const struct finds_card *card;
  struct pool *pool;
  const char *path;
  const char ***rows; /* card->column_count fields each */
  size_t count;
};

/* Fills the first FIND_COLUMNS fields. */
void finds_design(struct pool *, const struct settings *,
                  const struct command_cell *,
                  const struct environment_commit *, const char **design);

/* A file that is not there has no rows. Exit code. */
int finds_load(struct finds *, const struct finds_card *, struct pool *,
               const char *folder);
/* The newest row of this design, or NULL. One of a tree with changes is of no
   use: they may not be the same changes. */
const char **finds_find(const struct finds *, const char *const *design);
/* Keeps a row, on disk too. Exit code. */
int finds_add(struct finds *, const char **fields);

#endif
