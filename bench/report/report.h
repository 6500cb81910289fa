/* SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "bench/plan/catalog.h"
#include "bench/plot/view.h"

/* Writes a report of a campaign to `path`, as one self-contained page. The
   catalog says what collectors and workloads are; what it does not have is
   left out. `changes` compares the campaign with an earlier one, or is NULL.
   `said` is its summary in three sentences. Of a view without a row, only the
   pool and the folder are used. Exit code. */
int report_write(const struct view *, const struct catalog *,
                 const struct versus *changes, const char *path,
                 const char **said);

#endif
