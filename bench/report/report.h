/* SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "bench/plan/options.h"

/* Writes a campaign as one page that needs nothing beside it. Exit code. */
int report_command(struct options *);

#endif
