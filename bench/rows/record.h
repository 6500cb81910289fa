/* SPDX-License-Identifier: MIT */
/* The record that a run printed, and what its end tells. */
#ifndef ROWS_RECORD_H
#define ROWS_RECORD_H

#include "bench/base/child.h"
#include "bench/base/columns.h"
#include "bench/base/exit_code.h"
#include "bench/base/pool.h"

/* The fields of a row of runs.csv; NULL: not measured. */
struct record {
  const char *fields[RUN_COLUMNS];
};

/* Takes lines of "column value" from a file that may be missing. Returns the
   first column that runs.csv does not have, or NULL. */
const char *record_read(struct record *, struct pool *, const char *path);

/* The first line of a file that says anything, cut to a readable length;
   NULL where there is none. */
const char *record_first_line(struct pool *, const char *path);

/* Fills status, exit_code and error; `words` is the first line that the run
   left on stderr, or NULL. EXIT_FINE: the row is whole. Else the run could not
   even be tried, nor can the others: it is the code to stop with, after the
   sentence in `error`. */
enum exit_code record_judge(struct record *, struct pool *,
                            const struct child_result *, const char *words,
                            double timeout);

#endif
