/* SPDX-License-Identifier: MIT */
/* Tuning strings: "key=value,key=value". Numbers take k, m and g for powers
   of 1024. The keys that every collector takes (stress, shrink, verify,
   shake, overdue) are known here. */
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
   ones. On error false, and one sentence in `why`. */
bool gc_tuning_check(const char *tuning, char *why, size_t why_size);
/* The value of `name` in a string that has been checked; the key's initial
   value where the string does not say. */
uint64_t gc_tuning_get(const char *tuning, const char *name);
/* "12k" → 12288. False where it is no number or does not fit. */
bool gc_parse_size(const char *text, size_t length, uint64_t *out);

extern const struct gc_tuning_key gc_tuning_common[];

#endif
