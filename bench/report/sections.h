/* SPDX-License-Identifier: MIT */
/* What a report says in words and numbers. */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "bench/plot/view.h"

/* What was run, and how far to trust it. */
void section_about(const struct view *, FILE *);
/* A line for each entrant of each cell. */
void section_results(const struct view *, FILE *);
/* environment.json, folded away. */
/* Exit code: can the page be whole? */
int section_machine(const struct view *, FILE *);

#endif
