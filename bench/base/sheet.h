/* SPDX-License-Identifier: MIT */
/* A table for people, as text or Markdown, or for programs, as CSV or JSON. */
#ifndef BASE_SHEET_H
#define BASE_SHEET_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/base/colour.h"
#include "bench/base/pool.h"

enum sheet_format { SHEET_TEXT, SHEET_CSV, SHEET_MARKDOWN, SHEET_JSON };

/* What a column has, and who sees it. */
enum {
  SHEET_WORD = 0,
  SHEET_NUMBER = 1, /* stands right; a number in JSON */
  SHEET_NAME = 2,   /* may be shortened in text where the table is too wide */
  SHEET_NOTES = 4,  /* the last column; on a line of its own where too wide */
  SHEET_COLOURED = 8,
  SHEET_DATA = 16,    /* only in CSV and JSON */
  SHEET_PEOPLE = 32,  /* only in text and Markdown */
  SHEET_OPTIONAL = 64 /* and there only if any of its cells has text but "-" */
};

struct sheet_column {
  const char *name;
  unsigned kind; /* SHEET_… */
};

struct sheet {
  struct pool *pool;
  const struct sheet_column *columns;
  size_t column_count;
  const char ***rows; /* column_count texts each */
  enum colour *colours;
  size_t row_count;
};

/* "text", "csv", "markdown" or "json"; NULL is text. Exit code. */
int sheet_format_read(const char *name, enum sheet_format *out);
/* CSV or JSON: nothing but the table is printed then. */
bool sheet_is_data(enum sheet_format);
/* A new row, empty; the caller fills it. */
const char **sheet_add(struct sheet *);
/* Gives the last row its colour, for the cells of SHEET_COLOURED columns. */
void sheet_colour(struct sheet *, enum colour);

/* Text is no wider than 100 characters where shorter names, which still differ,
   can achieve that. In JSON, a cell without text and "-" in a column of numbers
   are null. */
void sheet_write(const struct sheet *, enum sheet_format, FILE *);

#endif
