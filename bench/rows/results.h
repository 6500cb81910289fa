/* SPDX-License-Identifier: MIT */
/* The rows of a runs.csv. */
#ifndef ROWS_RESULTS_H
#define ROWS_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/base/columns.h"
#include "bench/base/pool.h"

struct results_row {
  const char **fields; /* RUN_COLUMNS of them, by enum run_column */
  size_t line;
};

struct results {
  struct pool *pool;
  const char *path;
  struct results_row *rows;
  size_t count;
  size_t whole_bytes; /* up to the end of the last whole row */
  bool is_cut;        /* the last row is not whole; it is not in `rows` */
  const struct run_schema *schema;
};

/* Exit code, after a message with file, line and column. An empty or missing
   file has no rows. */
int results_load(struct results *, struct pool *, const char *path);

/* The fields of a row of any schema, with those that it lacks. */
const char **results_widen(struct pool *, const struct run_schema *,
                           const char **fields);

/* The number in a field that must have one. Exit code. */
int results_number(const struct results *, const struct results_row *,
                   enum run_column, double *out);
/* The same for a number that must be whole, from 1 to `most`. */
int results_count(const struct results *, const struct results_row *,
                  enum run_column, int64_t most, double *out);

#endif
