/* SPDX-License-Identifier: MIT */
/* Texts in JSON, drawn from a seed, in memory outside the heap; and what a
   parser must find in them, counted while they are written. */
#ifndef WORKLOADS_PROGRAMS_JSON_TEXT_H
#define WORKLOADS_PROGRAMS_JSON_TEXT_H

#include <stdbool.h>

#include "workloads/programs/containers.h"

/* What each value adds to the sum of a document. The members of arrays and maps
   and the characters of strings count, too. */
enum {
  SUM_NULL = 3,
  SUM_FALSE = 5,
  SUM_TRUE = 7,
  SUM_ARRAY = 11,
  SUM_MAP = 13
};
/* Decimal numbers count in quarters, which are exact. */
enum { SUM_DECIMAL = 4 };

struct json_text {
  char *chars;
  size_t length, capacity;
  uint64_t sum;      /* of all values */
  size_t heap_bytes; /* of the document on the heap: json_parser.h */
  bool has_failed;   /* no memory */
};

/* Writes the text with this number: an array or a map with a number of values
   from `least` to `greatest`, each power of two equally likely. */
struct json_text json_text_make(const struct containers *, uint64_t seed,
                                uint64_t number, size_t least, size_t greatest);
void json_text_free(struct json_text *);

#endif
