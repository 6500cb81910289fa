/* SPDX-License-Identifier: MIT */
/* Cells of tables. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include "bench/report/page.h"

void cell_text(const struct page *, const char *class, const char *text);
/* The table sorts by `value` and shows `text`; `hint` is shown when the mouse
   or the keyboard points at it. */
void cell_value(const struct page *, double value, const char *text,
                const char *hint);
/* "95 % interval 1.2 to 1.4 ms, n = 5" */
const char *cell_interval(const struct page *, const struct effect *,
                          double alpha, const char *unit);
/* Two cells: a ratio and its verdict. */
void cell_line(const struct page *, const struct versus *,
               const struct versus_line *);
/* The headings, which sort the table. */
void cells_head(const struct page *, const char *const *heads, size_t count);

#endif
