/* SPDX-License-Identifier: MIT */
#include "heap/tuning.h"

#include <stdio.h>
#include <string.h>

#include "heap/heap.h"

const struct gc_tuning_key gc_tuning_common[] = {
    {"stress", 0, 0, UINT32_MAX,
     "collect, drain or hand-shake at every Nth safepoint; 0: never"},
    {"shrink", 0, 0, 1,
     "1: tiny blocks and buffers, to reach edge cases early"},
    {"verify", 0, 0, UINT32_MAX,
     "check every invariant after each Nth collection; 0: never"},
    {"shake", 0, 0, UINT32_MAX,
     "seed for random yields, sleeps and spins in slow paths; 0: none"},
    {"overdue", 1000, 0, UINT32_MAX,
     "ms until a stop reports the threads that delay it; 0: never"},
    {0},
};

static const struct gc_tuning_key *find_in(const struct gc_tuning_key *keys,
                                           const char *name, size_t length) {
  for (; keys && keys->name; keys++)
    if (strlen(keys->name) == length && memcmp(keys->name, name, length) == 0)
      return keys;
  return NULL;
}

static const struct gc_tuning_key *find_key(const char *name, size_t length) {
  const struct gc_tuning_key *key = find_in(gc_collector.tuning, name, length);
  return key ? key : find_in(gc_tuning_common, name, length);
}

/* The shift of a unit letter; -1 for other letters. */
static int unit_shift(char letter) {
  switch (letter) {
  case 'k':
  case 'K':
    return 10;
  case 'm':
  case 'M':
    return 20;
  case 'g':
  case 'G':
    return 30;
  default:
    return -1;
  }
}

bool gc_parse_size(const char *text, size_t length, uint64_t *out) {
  uint64_t value = 0;
  size_t i = 0;
  for (; i < length && text[i] >= '0' && text[i] <= '9'; i++)
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
      return false;
  if (i == 0)
    return false;
  if (i < length) {
    int shift = unit_shift(text[i++]);
    if (shift < 0 || value > UINT64_MAX >> shift)
      return false;
    value <<= shift;
  }
  *out = value;
  return i == length;
}

/* One "key=value" of a tuning string. */
struct setting {
  const char *name, *value;
  size_t name_length, value_length;
};

/* Reads the first setting of *rest and moves *rest behind it. False at the end
   of the string. */
static bool setting_next(const char **rest, struct setting *out) {
  const char *at = *rest;
  if (at == NULL || *at == '\0')
    return false;
  size_t length = strcspn(at, ",");
  size_t name_length = strcspn(at, "=,");
  bool has_value = name_length < length;
  *out =
      (struct setting){at, has_value ? at + name_length + 1 : "", name_length,
                       has_value ? length - name_length - 1 : 0};
  *rest = at + length + (at[length] == ',');
  return true;
}

static bool setting_check(const struct setting *s, char *why, size_t size) {
  const struct gc_tuning_key *key = find_key(s->name, s->name_length);
  uint64_t value;
  if (key == NULL) {
    snprintf(why, size, "collector %s has no tuning key \"%.*s\"",
             gc_collector.name, (int)s->name_length, s->name);
    return false;
  }
  if (!gc_parse_size(s->value, s->value_length, &value)) {
    snprintf(why, size, "tuning key %s: \"%.*s\" is not a number", key->name,
             (int)s->value_length, s->value);
    return false;
  }
  if (value < key->least || value > key->greatest) {
    snprintf(why, size, "tuning key %s: %.*s is not in %llu … %llu", key->name,
             (int)s->value_length, s->value, (unsigned long long)key->least,
             (unsigned long long)key->greatest);
    return false;
  }
  return true;
}

bool gc_tuning_check(const char *tuning, char *why, size_t why_size) {
  struct setting s;
  while (setting_next(&tuning, &s))
    if (!setting_check(&s, why, why_size))
      return false;
  return true;
}

uint64_t gc_tuning_get(const char *tuning, const char *name) {
  const struct gc_tuning_key *key = find_key(name, strlen(name));
  gc_assert_always(key != NULL);
  uint64_t value = key->initial;
  struct setting s;
  while (setting_next(&tuning, &s))
    if (find_key(s.name, s.name_length) == key)
      gc_parse_size(s.value, s.value_length, &value);
  return value;
}
