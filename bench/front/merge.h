/* SPDX-License-Identifier: MIT */
#ifndef FRONT_MERGE_H
#define FRONT_MERGE_H

#include "bench/plan/options.h"

/* Joins the parts of a campaign that ran one by one. Exit code. */
int merge_command(struct options *);

#endif
