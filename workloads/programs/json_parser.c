/* SPDX-License-Identifier: MIT */
#include "workloads/programs/json_parser.h"

#include <string.h>

#include "workloads/programs/json_text.h"

/* The lowest two bits of an immediate. The others of an integer are its value.
 */
enum tag { INTEGER, IS_NULL, IS_FALSE, IS_TRUE };

static gc_type decimal_type(void) {
  return workload_type(
      &(struct gc_type_desc){.name = "decimal", .bytes = sizeof(double)});
}

struct json_parser json_parser_make(struct workload_thread *t,
                                    const gc_root *text) {
  return (struct json_parser){.c = containers_make(t),
                              .bytes = workload_bytes_type(),
                              .decimal = decimal_type(),
                              .text = text,
                              .length = gc_length(gc_root_get(text))};
}

size_t json_string_bytes(size_t length) {
  return gc_size_for(workload_bytes_type(), length);
}

size_t json_decimal_bytes(void) {
  return gc_size_for(decimal_type(), 0);
}

/* --- characters ----------------------------------------------------------- */

/* Valid up to the next safepoint. */
static const char *chars_of(const struct json_parser *p) {
  return gc_bytes(gc_root_get(p->text));
}

/* The next character, or 0 at the end. */
static char peek(const struct json_parser *p) {
  return p->at < p->length ? chars_of(p)[p->at] : 0;
}

static char peek_token(struct json_parser *p) {
  while (peek(p) == ' ' || peek(p) == '\n' || peek(p) == '\t' ||
         peek(p) == '\r')
    p->at++;
  return peek(p);
}

static bool accept(struct json_parser *p, char c) {
  bool found = peek_token(p) == c;
  p->at += found;
  return found;
}

static void expect(struct json_parser *p, char c) {
  p->is_wrong |= !accept(p, c);
}

static bool is_digit(char c) {
  return '0' <= c && c <= '9';
}

/* --- scalars -------------------------------------------------------------- */

static gc_ref tagged(int64_t number, enum tag tag) {
  return gc_immediate((intptr_t)number * 4 + tag);
}

static void parse_word(struct json_parser *p, const char *word, enum tag tag,
                       gc_root *out) {
  size_t length = strlen(word);
  p->is_wrong |= p->at + length > p->length ||
                 memcmp(chars_of(p) + p->at, word, length) != 0;
  p->at += length;
  gc_root_set(p->c.t->m, out, tagged(0, tag));
}

static int64_t digits(struct json_parser *p, int64_t number) {
  p->is_wrong |= !is_digit(peek(p));
  for (; is_digit(peek(p)); p->at++)
    number = number * 10 + (peek(p) - '0');
  return number;
}

/* Numbers without exponents. */
static bool parse_number(struct json_parser *p, gc_root *out) {
  int64_t sign = accept(p, '-') ? -1 : 1, number = digits(p, 0);
  if (!accept(p, '.')) {
    gc_root_set(p->c.t->m, out, tagged(sign * number, INTEGER));
    return true;
  }
  size_t point = p->at;
  double value = (double)(sign * digits(p, number));
  for (; point < p->at; point++)
    value /= 10;
  gc_ref box = counted_new(&p->c, out, p->decimal);
  if (box != NULL)
    *(double *)gc_bytes(box) = value;
  return box != NULL;
}

/* Copies a string up to its end, unless `to` is NULL. Returns its length. */
static size_t string_copy(const char *from, const char *end, char *to) {
  size_t length = 0;
  for (; from < end; from++, length++) {
    char c = *from;
    if (c == '\\') {
      c = *++from;
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
    if (to != NULL)
      to[length] = c;
  }
  return length;
}

/* The offset of the quotation mark that ends a string. */
static size_t string_end(const struct json_parser *p) {
  const char *chars = chars_of(p);
  size_t at = p->at;
  while (at < p->length && chars[at] != '"')
    at += chars[at] == '\\' ? 2 : 1;
  return at < p->length ? at : p->length;
}

static bool parse_string(struct json_parser *p, gc_root *out) {
  expect(p, '"');
  size_t begin = p->at, end = string_end(p);
  size_t length = string_copy(chars_of(p) + begin, chars_of(p) + end, NULL);
  gc_ref string = counted_new_array(&p->c, out, p->bytes, length);
  if (string == NULL)
    return false;
  string_copy(chars_of(p) + begin, chars_of(p) + end, gc_bytes(string));
  p->at = end;
  expect(p, '"');
  return true;
}

/* --- arrays and maps ------------------------------------------------------ */

static bool parse_array(struct json_parser *p, gc_root *out) {
  GC_FRAME(p->c.t->m, f, element);
  expect(p, '[');
  if (!vector_new(&p->c, out))
    return false;
  if (accept(p, ']'))
    return true;
  do {
    if (!json_parse(p, &f.element) || !vector_append(&p->c, out, &f.element))
      return false;
  } while (!p->is_wrong && accept(p, ','));
  expect(p, ']');
  return true;
}

/* FNV-1a (Fowler, Noll, Vo). */
static uint64_t string_hash(gc_ref string) {
  const unsigned char *chars = gc_bytes(string);
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < gc_length(string); i++)
    hash = (hash ^ chars[i]) * UINT64_C(0x100000001b3);
  return hash;
}

static bool string_same(gc_ref a, gc_ref b) {
  return gc_length(a) == gc_length(b) &&
         memcmp(gc_bytes(a), gc_bytes(b), gc_length(a)) == 0;
}

/* The last value of a key counts. */
static bool parse_member(struct json_parser *p, const gc_root *map) {
  GC_FRAME(p->c.t->m, f, key, value);
  peek_token(p);
  if (!parse_string(p, &f.key))
    return false;
  expect(p, ':');
  if (!json_parse(p, &f.value))
    return false;
  gc_ref key = gc_root_get(&f.key);
  uint64_t hash = string_hash(key);
  gc_ref entry = map_find(gc_root_get(map), hash, string_same, key);
  if (entry == NULL)
    return map_add(&p->c, map, hash, &f.key, &f.value);
  counted_set(&p->c, entry, ENTRY_VALUE, gc_root_get(&f.value));
  return true;
}

static bool parse_map(struct json_parser *p, gc_root *out) {
  expect(p, '{');
  if (!map_new(&p->c, out))
    return false;
  if (accept(p, '}'))
    return true;
  do {
    if (!parse_member(p, out))
      return false;
  } while (!p->is_wrong && accept(p, ','));
  expect(p, '}');
  return true;
}

/* As deep in C as the text is nested. */
bool json_parse(struct json_parser *p, gc_root *out) {
  switch (peek_token(p)) {
  case '{':
    return parse_map(p, out);
  case '[':
    return parse_array(p, out);
  case '"':
    return parse_string(p, out);
  case 'n':
    parse_word(p, "null", IS_NULL, out);
    return true;
  case 'f':
    parse_word(p, "false", IS_FALSE, out);
    return true;
  case 't':
    parse_word(p, "true", IS_TRUE, out);
    return true;
  default:
    return parse_number(p, out);
  }
}

/* --- reading a document --------------------------------------------------- */

struct reader {
  const struct json_parser *p;
  uint64_t sum;
};

static uint64_t string_sum(gc_ref string) {
  const unsigned char *chars = gc_bytes(string);
  uint64_t sum = 0;
  for (size_t i = 0; i < gc_length(string); i++)
    sum += chars[i];
  return sum;
}

static uint64_t immediate_sum(gc_ref value) {
  static const uint64_t words[] = {0, SUM_NULL, SUM_FALSE, SUM_TRUE};
  intptr_t number = gc_immediate_number(value);
  return (number & 3) == INTEGER ? (uint64_t)(number >> 2) : words[number & 3];
}

static void entry_read(gc_ref entry, void *data) {
  struct reader *r = data;
  r->sum += string_sum(gc_get(entry, ENTRY_KEY)) +
            json_sum(r->p, gc_get(entry, ENTRY_VALUE));
}

uint64_t json_sum(const struct json_parser *p, gc_ref value) {
  if (gc_is_immediate(value))
    return immediate_sum(value);
  if (gc_type_of(value) == p->bytes)
    return string_sum(value);
  if (gc_type_of(value) == p->decimal)
    return (uint64_t)(*(double *)gc_bytes(value) * SUM_DECIMAL);
  struct reader r = {p, 0};
  if (gc_type_of(value) == p->c.map) {
    map_visit(value, entry_read, &r);
    return r.sum + SUM_MAP + map_size(value);
  }
  for (size_t i = 0; i < vector_size(value); i++)
    r.sum += json_sum(p, vector_at(value, i));
  return r.sum + SUM_ARRAY + vector_size(value);
}
