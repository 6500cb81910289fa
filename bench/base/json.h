/* SPDX-License-Identifier: MIT */
/* Writes JSON, indented. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/base/pool.h"

struct json {
  FILE *out;
  struct pool *pool;
  int depth;
  bool has_items; /* in the object or list that is open */
};

/* `name` is NULL in a list, and for the outermost. */
void json_open(struct json *, const char *name, char bracket);
void json_close(struct json *, char bracket);
/* NULL, a negative count and NAN are written as null. */
void json_text(struct json *, const char *name, const char *value);
void json_count(struct json *, const char *name, long long value);
void json_number(struct json *, const char *name, double value);
void json_flag(struct json *, const char *name, bool value);
/* A number as it is written in `value`. */
void json_literal(struct json *, const char *name, const char *value);

#endif
