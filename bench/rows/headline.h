/* SPDX-License-Identifier: MIT */
/* Which figures of a cell are its result: wall time, unless requests come at a
   set rate. Then the rate decides the wall time, and the results are the
   response time, from when a request was due, and the CPU time. */
#ifndef ROWS_HEADLINE_H
#define ROWS_HEADLINE_H

#include "bench/rows/entries.h"

/* Do requests come at a rate in this run? */
bool headline_is_paced(const struct entry *);

enum { HEADLINE_MAX = 2 };
/* The columns of runs.csv that are the result of a cell; returns how many.
   Response times are at the highest percentile that all its valid runs have. */
size_t headline_columns(struct span cell, size_t columns[HEADLINE_MAX]);

/* The column of the highest percentile of response times. */
size_t headline_response(void);
/* The highest percentile up to that in `column` that this run has, too;
   RUN_COLUMNS: there is none. */
size_t headline_lower(size_t column, const struct entry *);

bool headline_is_response(size_t column);

/* "p99.9 response", "CPU time", or the column's own name. */
const char *headline_name(size_t column);
/* "p99.9", "CPU", or "". */
const char *headline_short(size_t column);

#endif
