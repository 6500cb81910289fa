/* SPDX-License-Identifier: MIT */
/* A table that is written as text, CSV or Markdown. */
#ifndef BASE_SHEET_H
#define BASE_SHEET_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/base/pool.h"

enum sheet_format { SHEET_TEXT, SHEET_CSV, SHEET_MARKDOWN };

struct sheet_column {
  const char *name;
  bool is_number; /* stands right */
};

struct sheet {
  struct pool *pool;
  const struct sheet_column *columns;
  size_t column_count;
  const char ***rows; /* column_count texts each */
  size_t row_count;
};

/* "text", "csv" or "markdown"; NULL is text. Exit code. */
int sheet_format_read(const char *name, enum sheet_format *out);
/* A new row, empty; the caller fills it. */
const char **sheet_add(struct sheet *);
void sheet_write(const struct sheet *, enum sheet_format, FILE *);

#endif
