/* SPDX-License-Identifier: MIT */
/* A parser of JSON (RFC 8259), into objects of the heap: strings are arrays of
   bytes, arrays are vectors, and maps have strings as keys. Integers, true,
   false and null are immediates; other numbers are boxed. */
#ifndef WORKLOADS_PROGRAMS_JSON_PARSER_H
#define WORKLOADS_PROGRAMS_JSON_PARSER_H

#include "workloads/programs/containers.h"

struct json_parser {
  struct containers c;
  gc_type bytes, decimal;
  const gc_root *text; /* an array of bytes */
  size_t at, length;
  bool is_wrong; /* the text was not well-formed */
};

struct json_parser json_parser_make(struct workload_thread *,
                                    const gc_root *text);
/* Parses a value into *out. Returns false without memory. */
bool json_parse(struct json_parser *, gc_root *out);

/* The sum of a document: json_text.h. */
uint64_t json_sum(const struct json_parser *, gc_ref value);

size_t json_string_bytes(size_t length);
size_t json_decimal_bytes(void);

#endif
