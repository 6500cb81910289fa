/* SPDX-License-Identifier: MIT */
/* Text in the making, lists in a text, and files that are read line by line.
   Nothing is lost without a word: what memory or the disk refuses ends the
   program, as a pool does, after a sentence. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "bench/base/pool.h"

/* What is printed to `out` is in `bytes` after the end. open_memstream would
   not do: it forgets text that it has no memory for. */
struct text {
  FILE *out;
  char *bytes;
  size_t size, room;
};

/* In place: `out` knows its address. */
void text_begin(struct text *);
void text_end(struct text *);
void text_free(struct text *);

/* NULL: there is no such file. */
FILE *text_open(const char *path);
/* As getline; less than zero at the end of the file alone. */
ssize_t text_line(char **line, size_t *capacity, FILE *in);

/* The pieces of a list, ends with NULL; an empty text has one empty piece. */
char **text_split(struct pool *, const char *text, char separator);

#endif
