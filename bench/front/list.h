/* SPDX-License-Identifier: MIT */
#ifndef FRONT_LIST_H
#define FRONT_LIST_H

#include "bench/plan/options.h"

/* All collectors with what they can do, all workloads with their parameters.
   Exit code. */
int list_print(const struct options *);

#endif
