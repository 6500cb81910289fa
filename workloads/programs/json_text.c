/* SPDX-License-Identifier: MIT */
#include "workloads/programs/json_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "workloads/programs/json_parser.h"

enum { MEMBERS_LEAST = 2, MEMBERS_SPAN = 16, STRING_MAX = 48 };

struct writer {
  const struct containers *c;
  struct workload_random random;
  struct json_text *text;
};

static uint64_t draw(struct writer *w, uint64_t n) {
  return workload_random_below(&w->random, n);
}

static void put(struct writer *w, const char *format, ...) {
  enum { MOST = 64 };
  struct json_text *t = w->text;
  if (t->length + MOST > t->capacity && !t->has_failed) {
    size_t capacity = 2 * t->capacity + MOST;
    char *chars = realloc(t->chars, capacity);
    t->has_failed = chars == NULL;
    t->chars = chars != NULL ? chars : t->chars;
    t->capacity = chars != NULL ? capacity : t->capacity;
  }
  if (t->has_failed)
    return;
  va_list arguments;
  va_start(arguments, format);
  t->length += (size_t)vsnprintf(t->chars + t->length, MOST, format, arguments);
  va_end(arguments);
}

/* --- values --------------------------------------------------------------- */

static void put_char(struct writer *w, char c) {
  w->text->sum += (unsigned char)c;
  if (c == '\n')
    put(w, "\\n");
  else
    put(w, c == '"' || c == '\\' ? "\\%c" : "%c", c);
}

/* Some characters need a backslash. */
static void put_string(struct writer *w) {
  static const char rare[] = "\"\\\n ";
  size_t length = draw(w, STRING_MAX + 1);
  put(w, "\"");
  for (size_t i = 0; i < length; i++)
    put_char(w,
             draw(w, 16) == 0 ? rare[draw(w, 4)] : (char)('a' + draw(w, 26)));
  put(w, "\"");
  w->text->heap_bytes += json_string_bytes(length);
}

/* No map has the same key twice, as they end in different numbers. */
static void put_key(struct writer *w, size_t number) {
  static const char *const words[] = {"id", "name", "value", "owner",
                                      "created"};
  char key[32];
  size_t length =
      (size_t)snprintf(key, sizeof key, "%s%zu", words[draw(w, 5)], number);
  put(w, "\"");
  for (size_t i = 0; i < length; i++)
    put_char(w, key[i]);
  put(w, "\":");
  w->text->heap_bytes += json_string_bytes(length);
}

static void put_integer(struct writer *w) {
  int64_t number = (int64_t)draw(w, 2000000001) - 1000000000;
  put(w, "%lld", (long long)number);
  w->text->sum += (uint64_t)number;
}

static void put_decimal(struct writer *w) {
  uint64_t quarters = draw(w, 1000000);
  put(w, "%llu.%02llu", (unsigned long long)(quarters / 4),
      (unsigned long long)(quarters % 4 * 25));
  w->text->sum += quarters;
  w->text->heap_bytes += json_decimal_bytes();
}

static void put_literal(struct writer *w) {
  static const char *const words[] = {"null", "false", "true"};
  static const uint64_t sums[] = {SUM_NULL, SUM_FALSE, SUM_TRUE};
  uint64_t which = draw(w, 3);
  put(w, "%s", words[which]);
  w->text->sum += sums[which];
}

static void put_scalar(struct writer *w) {
  uint64_t kind = draw(w, 100);
  if (kind < 50)
    put_string(w);
  else if (kind < 75)
    put_integer(w);
  else if (kind < 90)
    put_decimal(w);
  else
    put_literal(w);
}

static void put_value(struct writer *w, size_t values);

/* Divides the values evenly among the members, so that a text is not deep. */
static void put_container(struct writer *w, size_t values) {
  bool is_map = draw(w, 2) == 0;
  size_t count = MEMBERS_LEAST + draw(w, MEMBERS_SPAN);
  if (count > values)
    count = values;
  put(w, is_map ? "{" : "[");
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      put(w, ", ");
    if (is_map)
      put_key(w, i);
    put_value(w, values / count + (i < values % count));
  }
  put(w, is_map ? "}" : "]");
  w->text->sum += (is_map ? SUM_MAP : SUM_ARRAY) + count;
  w->text->heap_bytes +=
      is_map ? map_bytes(w->c, count) : vector_bytes(w->c, count);
}

/* A value that has so many in it, with itself. */
static void put_value(struct writer *w, size_t values) {
  if (values > 1)
    put_container(w, values - 1);
  else
    put_scalar(w);
}

struct json_text json_text_make(const struct containers *c, uint64_t seed,
                                uint64_t number, size_t least,
                                size_t greatest) {
  struct json_text text = {0};
  struct writer w = {c, workload_random_make(~seed, number), &text};
  put_container(&w, workload_random_size(&w.random, least, greatest));
  return text;
}

void json_text_free(struct json_text *text) {
  free(text->chars);
  text->chars = NULL;
}
