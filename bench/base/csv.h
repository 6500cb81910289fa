/* SPDX-License-Identifier: MIT */
/* RFC 4180: one header, commas, CR LF, quotes where a field needs them. The
   reader also takes a bare LF. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/base/pool.h"

/* --- reading ------------------------------------------------------------- */

/* A whole file in memory. */
struct csv_file {
  const char *path;
  const char *text;
  size_t size;
};

/* Exit code, after a message. A missing file counts as empty. */
int csv_load(struct csv_file *, const char *path);
void csv_unload(struct csv_file *);

struct csv_row {
  const char **fields; /* in the pool of the reader */
  size_t count;
  size_t line;       /* where it starts; the header is line 1 */
  size_t begin, end; /* its place in the file */
};

struct csv_reader {
  const struct csv_file *file;
  struct pool *pool;
  bool is_silent; /* says nothing of a bad row */
  size_t at, line;
};

enum csv_found {
  CSV_ROW,
  CSV_END,
  CSV_CUT, /* the file stops inside the row: its writer was killed */
  CSV_BAD  /* a misplaced quote; a message was printed */
};

enum csv_found csv_next(struct csv_reader *, struct csv_row *);

/* Checks that the row has exactly these names. Otherwise false, after a message
   that names the wrong column. */
bool csv_header_is(const struct csv_file *, const struct csv_row *,
                   const char *const *names, size_t count);
/* The same for the number of fields of any other row. */
bool csv_row_is_full(const struct csv_file *, const struct csv_row *,
                     size_t count);

/* --- writing ------------------------------------------------------------- */

/* NULL is an empty field. */
void csv_write_row(FILE *, const char *const *fields, size_t count);

/* A file that only grows. Rows reach the disk before an append returns. */
struct csv_log {
  const char *path;
  int fd;
};

/* Opens the file, and creates it if it does not exist. Exit code. */
int csv_log_open(struct csv_log *, const char *path);
/* Appends all of `text`, or nothing. Exit code. */
int csv_log_append(const struct csv_log *, const char *text, size_t size);
/* Truncates the file to `size` bytes. Exit code. */
int csv_log_cut(const struct csv_log *, size_t size);

#endif
