/* SPDX-License-Identifier: MIT */
/* Memory for the arrays of one computation. */
#ifndef BENCH_ROOM_H
#define BENCH_ROOM_H

#include <stddef.h>

/* Zeroed memory; never NULL, because the program exits with a message when
   memory runs out. The caller frees it. */
void *room_make(size_t count, size_t size);

#endif
