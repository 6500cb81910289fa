/* SPDX-License-Identifier: MIT */
#ifndef FRONT_MAXRATE_H
#define FRONT_MAXRATE_H

#include "bench/plan/options.h"

/* Finds the highest rate of requests whose 99.9th percentile of the response
   time stays within a bound, by bisection, and keeps it for later. Exit code.
 */
int maxrate_command(struct options *);

#endif
