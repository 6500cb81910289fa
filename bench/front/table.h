/* SPDX-License-Identifier: MIT */
/* A campaign as a table on the terminal. */
#ifndef FRONT_TABLE_H
#define FRONT_TABLE_H

#include "bench/rows/results.h"

/* `cores` of the machine that the rows come from; 0: not known. Exit code. */
int table_print(struct pool *, const struct results *, long cores);

#endif
