/* SPDX-License-Identifier: MIT */
/* A campaign as a table. */
#ifndef FRONT_TABLE_H
#define FRONT_TABLE_H

#include "bench/base/sheet.h"
#include "bench/rows/source.h"

/* With the summary before it, if that is asked for and people read it. Exit
   code. */
int table_print(const struct source *, enum sheet_format, bool has_summary);

#endif
