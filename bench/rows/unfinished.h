/* SPDX-License-Identifier: MIT */
#ifndef ROWS_UNFINISHED_H
#define ROWS_UNFINISHED_H

#include "bench/base/pool.h"

/* The name of the campaign in `results` that still has runs to do, and that was
   written last. A campaign that says nowhere how many runs it has is none.
   Exit code. */
int unfinished_newest(struct pool *, const char *results, const char **name);

#endif
