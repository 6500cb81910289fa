/* SPDX-License-Identifier: MIT */
/* A growing text, lists in a text, and files that are read line by line. If
   memory or the disk fails, the program prints a message and exits, as with a
   pool. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "bench/base/pool.h"

/* After text_end, `bytes` has everything that was printed to `out`.
   open_memstream is not used because it loses text, without an error, when it
   has no memory. */
struct text {
  FILE *out;
  char *bytes;
  size_t size, room;
};

/* The struct must not move: `out` keeps its address. */
void text_begin(struct text *);
void text_end(struct text *);
void text_free(struct text *);

/* NULL: there is no such file. */
FILE *text_open(const char *path);
/* As getline, but less than zero only at the end of the file. */
ssize_t text_line(char **line, size_t *capacity, FILE *in);

/* The pieces of a list, ends with NULL; an empty text has one empty piece. */
char **text_split(struct pool *, const char *text, char separator);

#endif
