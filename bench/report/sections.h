/* SPDX-License-Identifier: MIT */
/* The parts of a report that are text and tables. */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "bench/plot/view.h"

/* What was run, and how far its results can be trusted. */
void section_about(const struct view *, FILE *);
/* The table of results: one row for each entrant of each cell. */
void section_results(const struct view *, FILE *);
/* environment.json, collapsed. */
/* Returns an exit code: EXIT_FINE if the file is readable or absent. */
int section_machine(const struct view *, FILE *);

#endif
