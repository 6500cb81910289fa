/* SPDX-License-Identifier: MIT */
#ifndef REPORT_TRUST_H
#define REPORT_TRUST_H

#include "bench/plot/view.h"

/* How far the results can be trusted: in one line, and as a list. */
void trust_line(const struct view *, FILE *);
void trust_details(const struct view *, FILE *);

/* "210 ok, 6 oom" */
const char *trust_outcomes(const struct view *);

#endif
