/* SPDX-License-Identifier: MIT */
/* Tuning strings: "key=value,key=value". Values are numbers, with an optional
   suffix k, m or g for powers of 1024. The keys that every collector accepts
   (stress, shrink, verify, shake, overdue) are in gc_tuning_common. */
#ifndef GC_TUNING_H
#define GC_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_tuning_key {
  const char *name; /* NULL ends a list */
  uint64_t initial, least, greatest;
  const char *help;
};

/* Checks a whole string against the keys of this collector and the common
   ones. On an error returns false and writes one sentence to `why`. */
bool gc_tuning_check(const char *tuning, char *why, size_t why_size);
/* The value of `name` in a string that has been checked; the key's initial
   value if the string does not have it. */
uint64_t gc_tuning_get(const char *tuning, const char *name);
/* "12k" → 12288. False: not a number, or over 64 bits. */
bool gc_parse_size(const char *text, size_t length, uint64_t *out);

extern const struct gc_tuning_key gc_tuning_common[];

#endif
