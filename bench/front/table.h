/* SPDX-License-Identifier: MIT */
/* A campaign as a table on the terminal. */
#ifndef FRONT_TABLE_H
#define FRONT_TABLE_H

#include "bench/rows/source.h"

/* Exit code. */
int table_print(const struct source *);

#endif
