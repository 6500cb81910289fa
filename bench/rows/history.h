/* SPDX-License-Identifier: MIT */
/* Rows of earlier campaigns, for what they can tell. Nothing depends on them:
   files that cannot be read and rows that make no sense are passed over
   without a message. */
#ifndef ROWS_HISTORY_H
#define ROWS_HISTORY_H

#include "bench/base/columns.h"
#include "bench/base/pool.h"

/* The folders in `results` that have a runs.csv, in the order in which it was
   last written, the newest first. Ends with NULL. */
const char *const *history_folders(struct pool *, const char *results);

/* Gives `take` one row after the other: RUN_COLUMNS fields, which are gone
   when history_read returns. Returns how many bytes the rows have. */
typedef void history_row(void *data, const char *const *fields);
size_t history_read(const char *folder, history_row *take, void *data);

#endif
