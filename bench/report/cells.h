/* SPDX-License-Identifier: MIT */
/* Cells of tables. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include "bench/report/page.h"

void cell_text(const struct page *, const char *class, const char *text);
/* A heading. The interval of a number below it has this unit ("" or " ms") and
   the confidence 1 - alpha. */
struct cell_head {
  const char *name, *unit;
  double alpha;
};

/* The table sorts by the effect's ratio and shows `text`; its interval is shown
   when the mouse or the keyboard points at it. */
void cell_effect(const struct page *, const struct effect *, const char *text);
/* A number without an interval, or none if it is NAN. */
void cell_value(const struct page *, double value, const char *text);
/* Two cells: a ratio and its verdict. */
void cell_line(const struct page *, const struct versus *,
               const struct versus_line *);
/* The headings, which sort the table. */
void cells_head(const struct page *, const struct cell_head *heads,
                size_t count);

#endif
