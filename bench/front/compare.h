/* SPDX-License-Identifier: MIT */
#ifndef FRONT_COMPARE_H
#define FRONT_COMPARE_H

#include "bench/plan/options.h"

/* Prints how collectors of one campaign, or several campaigns, differ from
   the first of them. Exit code. */
int compare_command(struct options *);

#endif
