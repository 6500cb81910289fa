/* SPDX-License-Identifier: MIT */
#ifndef ROWS_NEWEST_H
#define ROWS_NEWEST_H

#include "bench/base/pool.h"

/* The folder of the campaign in `results` that got its last row last. Exit
   code. */
int newest_campaign(struct pool *, const char *results, const char **out);

#endif
