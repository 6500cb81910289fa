/* SPDX-License-Identifier: MIT */
/* The primitives. prelude.scm defines others in Scheme. */
#include <string.h>

#include "workloads/programs/scheme/scheme.h"
#include "workloads/random.h"

/* Returns the value, or fails: the running primitive needs something else. */
static gc_ref need(struct scheme *s, gc_ref value, bool is_right,
                   const char *what) {
  char message[100];
  if (is_right)
    return value;
  snprintf(message, sizeof message, "%s needs %s instead of ",
           s->primitive->name, what);
  scheme_fail_with(s, message, value);
}

static gc_ref need_kind(struct scheme *s, gc_root *arg, enum scheme_kind kind,
                        const char *what) {
  gc_ref value = gc_root_get(arg);
  return need(s, value, scheme_is(value, kind), what);
}

/* A whole number below `end`. */
static size_t need_index(struct scheme *s, gc_root *arg, size_t end) {
  gc_ref value = gc_root_get(arg);
  need(s, value, scheme_is_fixnum(value), "a whole number");
  need(s, value, (uintptr_t)scheme_number(value) < end, "another number");
  return (size_t)scheme_number(value);
}

/* --- all values ----------------------------------------------------------- */

enum { NIL, PAIR, SYMBOL, STRING, VECTOR, CHARACTER, NUMBER, PROCEDURE };

static gc_ref is_kind(struct scheme *s, gc_root *arg) {
  gc_ref x = gc_root_get(arg);
  const bool is[] = {[NIL] = x == SCHEME_NIL,
                     [PAIR] = scheme_is_pair(x),
                     [SYMBOL] = scheme_is(x, SCHEME_SYMBOL),
                     [STRING] = scheme_is(x, SCHEME_STRING),
                     [VECTOR] = scheme_is(x, SCHEME_VECTOR),
                     [CHARACTER] = scheme_is_immediate(x, SCHEME_CHARACTER),
                     [NUMBER] =
                         scheme_is_fixnum(x) || scheme_is(x, SCHEME_FLONUM),
                     [PROCEDURE] = scheme_is(x, SCHEME_CLOSURE) ||
                                   scheme_is(x, SCHEME_CONTINUATION) ||
                                   scheme_is_immediate(x, SCHEME_PRIMITIVE)};
  return scheme_truth(is[s->primitive->mode]);
}

static gc_ref not(struct scheme * s, gc_root *arg) {
  (void)s;
  return scheme_truth(gc_root_get(arg) == SCHEME_FALSE);
}

enum { IDENTITY, VALUE, CONTENTS }; /* what is compared */

static bool is_equal(struct scheme *s, gc_ref x, gc_ref y, unsigned what);

static bool has_equal_elements(struct scheme *s, gc_ref x, gc_ref y) {
  size_t i = 0, length = gc_length(x);
  if (gc_length(y) != length)
    return false;
  if (scheme_is(x, SCHEME_STRING))
    return memcmp(gc_bytes(x), gc_bytes(y), length) == 0;
  while (i < length && is_equal(s, gc_get(x, i), gc_get(y, i), CONTENTS))
    i++;
  return i == length;
}

static bool is_equal(struct scheme *s, gc_ref x, gc_ref y, unsigned what) {
  scheme_deeper(s);
  if (what == CONTENTS)
    while (x != y && scheme_is_pair(x) && scheme_is_pair(y) &&
           is_equal(s, scheme_car(x), scheme_car(y), CONTENTS))
      x = scheme_cdr(x), y = scheme_cdr(y);
  bool result = x == y;
  if (!result && gc_is_object(x) && gc_is_object(y) &&
      gc_type_of(x) == gc_type_of(y)) {
    if (scheme_is(x, SCHEME_FLONUM))
      result = what != IDENTITY && *scheme_double(x) == *scheme_double(y);
    else if (scheme_is(x, SCHEME_STRING) || scheme_is(x, SCHEME_VECTOR))
      result = what == CONTENTS && has_equal_elements(s, x, y);
  }
  s->depth--;
  return result;
}

static gc_ref equal(struct scheme *s, gc_root *arg) {
  return scheme_truth(is_equal(s, gc_root_get(&arg[0]), gc_root_get(&arg[1]),
                               s->primitive->mode));
}

/* --- numbers -------------------------------------------------------------- */

enum { ADD, SUBTRACT, MULTIPLY, DIVIDE, QUOTIENT, REMAINDER, MODULO };
enum { SAME, LESS, GREATER, AT_MOST, AT_LEAST };

static double real(struct scheme *s, gc_ref x) {
  if (scheme_is_fixnum(x))
    return (double)scheme_number(x);
  return *scheme_double(need(s, x, scheme_is(x, SCHEME_FLONUM), "a number"));
}

/* False: the result is not whole, or too large. */
static bool whole(intptr_t x, intptr_t y, unsigned mode, intptr_t *result) {
  if (mode == ADD || mode == SUBTRACT)
    *result = mode == ADD ? x + y : x - y;
  else if (mode == MULTIPLY && __builtin_mul_overflow(x, y, result))
    return false;
  else if (mode == DIVIDE && (y == 0 || x % y != 0))
    return false;
  else if (mode == DIVIDE || mode == QUOTIENT)
    *result = x / y;
  else if (mode != MULTIPLY)
    *result = x % y;
  if (mode == MODULO && *result != 0 && (*result < 0) != (y < 0))
    *result += y;
  return *result >> 61 == 0 || *result >> 61 == -1;
}

static gc_ref combine(struct scheme *s, gc_ref x, gc_ref y, unsigned mode) {
  double a = real(s, x), b = real(s, y);
  bool are_whole = scheme_is_fixnum(x) && scheme_is_fixnum(y);
  intptr_t result;
  if (mode >= DIVIDE && b == 0)
    scheme_fail(s, "a number is divided by zero");
  if (mode >= QUOTIENT && !are_whole)
    scheme_fail(s, "%s needs whole numbers", s->primitive->name);
  if (are_whole && whole(scheme_number(x), scheme_number(y), mode, &result))
    return scheme_fixnum(result);
  return scheme_flonum(s, s->result,
                       mode == ADD        ? a + b
                       : mode == SUBTRACT ? a - b
                       : mode == MULTIPLY ? a * b
                                          : a / b);
}

/* With one argument, it is subtracted from 0 or 1 is divided by it. */
static gc_ref arithmetic(struct scheme *s, gc_root *arg) {
  unsigned mode = s->primitive->mode, i = 0;
  gc_root_set(s->m, s->result, scheme_fixnum(mode >= MULTIPLY));
  if (s->count > 1)
    gc_root_set(s->m, s->result, gc_root_get(&arg[i++]));
  for (; i < s->count; i++)
    gc_root_set(s->m, s->result,
                combine(s, gc_root_get(s->result), gc_root_get(&arg[i]), mode));
  return gc_root_get(s->result);
}

static bool is_in_order(struct scheme *s, gc_ref x, gc_ref y, unsigned mode) {
  double a = real(s, x), b = real(s, y);
  if (scheme_is_fixnum(x) && scheme_is_fixnum(y) && a == b) {
    a = (double)(scheme_number(x) - scheme_number(y)); /* a double rounds */
    b = 0;
  }
  return mode == SAME      ? a == b
         : mode == LESS    ? a < b
         : mode == GREATER ? a > b
         : mode == AT_MOST ? a <= b
                           : a >= b;
}

static gc_ref compare(struct scheme *s, gc_root *arg) {
  bool is_true = true;
  for (unsigned i = 1; i < s->count; i++)
    is_true &= is_in_order(s, gc_root_get(&arg[i - 1]), gc_root_get(&arg[i]),
                           s->primitive->mode);
  return scheme_truth(is_true);
}

/* Cuts the fraction. */
static gc_ref exact(struct scheme *s, gc_root *arg) {
  double x = real(s, gc_root_get(arg));
  need(s, gc_root_get(arg), x < 0x1p53 && x > -0x1p53,
       "a number that is not too large");
  return scheme_fixnum((intptr_t)x);
}

static gc_ref random_below(struct scheme *s, gc_root *arg) {
  uint64_t end = need_index(s, arg, SIZE_MAX);
  need(s, gc_root_get(arg), end > 0, "a positive number");
  return scheme_fixnum((intptr_t)(workload_splitmix(&s->random) % end));
}

/* --- pairs ---------------------------------------------------------------- */

static gc_ref cons(struct scheme *s, gc_root *arg) {
  return scheme_cons(s, s->result, &arg[0], &arg[1]);
}

/* The mode is the path: from the lowest bits on, 1 is car, 2 cdr. */
static gc_ref part(struct scheme *s, gc_root *arg) {
  gc_ref value = gc_root_get(arg);
  for (unsigned path = s->primitive->mode; path != 0; path >>= 2)
    value = gc_get(need(s, value, scheme_is_pair(value), "a pair"),
                   (path & 3) == 1 ? SCHEME_CAR : SCHEME_CDR);
  return value;
}

static gc_ref set_part(struct scheme *s, gc_root *arg) {
  gc_ref pair = gc_root_get(arg);
  need(s, pair, scheme_is_pair(pair), "a pair");
  scheme_move(s, pair, s->primitive->mode, &arg[1]);
  return SCHEME_NONE;
}

static gc_ref length(struct scheme *s, gc_root *arg) {
  return scheme_fixnum((intptr_t)scheme_length(s, gc_root_get(arg)));
}

static gc_ref append(struct scheme *s, gc_root *arg) {
  gc_root_set(s->m, s->result, SCHEME_NIL);
  if (s->count > 0)
    gc_root_move(s->m, s->result, &arg[s->count - 1]);
  for (unsigned i = s->count; i > 1; i--) {
    gc_ref from = gc_root_get(&arg[i - 2]);
    size_t count = scheme_length(s, from);
    for (; from != SCHEME_NIL; from = scheme_cdr(from))
      scheme_push(s, scheme_car(from));
    for (; count > 0; count--) {
      scheme_cons(s, s->result, s->stack->top - 1, s->result);
      gc_root_stack_drop(s->m, s->stack, 1);
    }
  }
  return gc_root_get(s->result);
}

enum { IN_PAIRS = 4 }; /* mode: the keys of an association list */

static gc_ref member(struct scheme *s, gc_root *arg) {
  unsigned mode = s->primitive->mode;
  gc_ref key = gc_root_get(&arg[0]), rest = gc_root_get(&arg[1]);
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest)) {
    gc_ref item = scheme_car(rest);
    if (mode < IN_PAIRS
            ? is_equal(s, key, item, mode)
            : scheme_is_pair(item) &&
                  is_equal(s, key, scheme_car(item), mode - IN_PAIRS))
      return mode < IN_PAIRS ? rest : item;
  }
  return SCHEME_FALSE;
}

/* --- vectors and strings ---------------------------------------------------
 */

static gc_ref need_vector(struct scheme *s, gc_root *arg) {
  return need_kind(s, arg, SCHEME_VECTOR, "a vector");
}

static gc_ref need_string(struct scheme *s, gc_root *arg) {
  return need_kind(s, arg, SCHEME_STRING, "a string");
}

enum { LENGTH_MOST = 1 << 28 };

static gc_ref make_vector(struct scheme *s, gc_root *arg) {
  size_t length = need_index(s, arg, LENGTH_MOST);
  gc_ref vector = scheme_make_array(s, s->result, SCHEME_VECTOR, length);
  gc_ref fill = s->count > 1 ? gc_root_get(&arg[1]) : SCHEME_FALSE;
  for (size_t i = 0; i < length; i++)
    scheme_set(s, vector, i, fill);
  return vector;
}

static gc_ref list_to_vector(struct scheme *s, gc_root *arg) {
  return scheme_list_to_vector(s, s->result, arg);
}

static gc_ref vector_ref(struct scheme *s, gc_root *arg) {
  gc_ref vector = need_vector(s, arg);
  return gc_get(vector, need_index(s, &arg[1], gc_length(vector)));
}

static gc_ref vector_set(struct scheme *s, gc_root *arg) {
  gc_ref vector = need_vector(s, arg);
  scheme_move(s, vector, need_index(s, &arg[1], gc_length(vector)), &arg[2]);
  return SCHEME_NONE;
}

/* Of a vector or a string: the mode is the kind. */
static gc_ref array_length(struct scheme *s, gc_root *arg) {
  gc_ref array = s->primitive->mode == SCHEME_VECTOR ? need_vector(s, arg)
                                                     : need_string(s, arg);
  return scheme_fixnum((intptr_t)gc_length(array));
}

static gc_ref character(uint8_t c) {
  return SCHEME_IMMEDIATE(SCHEME_CHARACTER, c);
}

static uint8_t need_character(struct scheme *s, gc_root *arg) {
  gc_ref value = gc_root_get(arg);
  need(s, value, scheme_is_immediate(value, SCHEME_CHARACTER), "a character");
  return (uint8_t)scheme_immediate(value);
}

static gc_ref char_to_integer(struct scheme *s, gc_root *arg) {
  return scheme_fixnum(need_character(s, arg));
}

static gc_ref integer_to_char(struct scheme *s, gc_root *arg) {
  return character((uint8_t)need_index(s, arg, 256));
}

static gc_ref make_string(struct scheme *s, gc_root *arg) {
  size_t length = need_index(s, arg, LENGTH_MOST);
  gc_ref string = scheme_make_array(s, s->result, SCHEME_STRING, length);
  memset(gc_bytes(string), s->count > 1 ? need_character(s, &arg[1]) : ' ',
         length);
  return string;
}

/* Where a character of the string is. */
static uint8_t *place(struct scheme *s, gc_root *arg) {
  gc_ref string = need_string(s, arg);
  return (uint8_t *)gc_bytes(string) +
         need_index(s, &arg[1], gc_length(string));
}

static gc_ref string_ref(struct scheme *s, gc_root *arg) {
  return character(*place(s, arg));
}

static gc_ref string_set(struct scheme *s, gc_root *arg) {
  *place(s, arg) = need_character(s, &arg[2]);
  return SCHEME_NONE;
}

static gc_ref substring(struct scheme *s, gc_root *arg) {
  size_t end = need_index(s, &arg[2], gc_length(need_string(s, arg)) + 1);
  size_t begin = need_index(s, &arg[1], end + 1);
  gc_ref out = scheme_make_array(s, s->result, SCHEME_STRING, end - begin);
  memcpy(gc_bytes(out), (char *)gc_bytes(gc_root_get(arg)) + begin,
         end - begin);
  return out;
}

static gc_ref string_append(struct scheme *s, gc_root *arg) {
  size_t length = 0;
  for (unsigned i = 0; i < s->count; i++)
    length += gc_length(need_string(s, &arg[i]));
  gc_ref out = scheme_make_array(s, s->result, SCHEME_STRING, length);
  char *at = gc_bytes(out);
  for (unsigned i = 0; i < s->count; at += gc_length(gc_root_get(&arg[i++])))
    memcpy(at, gc_bytes(gc_root_get(&arg[i])), gc_length(gc_root_get(&arg[i])));
  return out;
}

enum { TEXT_MOST = 256 };

static gc_ref string_make(struct scheme *s, const char *text, size_t length) {
  gc_ref string = scheme_make_array(s, s->result, SCHEME_STRING, length);
  memcpy(gc_bytes(string), text, length);
  return string;
}

static gc_ref symbol_to_string(struct scheme *s, gc_root *arg) {
  char name[TEXT_MOST];
  gc_ref symbol = need_kind(s, arg, SCHEME_SYMBOL, "a symbol");
  memcpy(name, scheme_name(symbol), gc_length(symbol));
  return string_make(s, name, gc_length(symbol));
}

static gc_ref string_to_symbol(struct scheme *s, gc_root *arg) {
  char name[TEXT_MOST];
  gc_ref string = need_string(s, arg);
  need(s, string, gc_length(string) < sizeof name, "a shorter string");
  memcpy(name, gc_bytes(string), gc_length(string));
  return scheme_intern(s, s->result, name, gc_length(string));
}

static gc_ref number_to_string(struct scheme *s, gc_root *arg) {
  char text[40];
  gc_ref x = gc_root_get(arg);
  double number = real(s, x);
  if (scheme_is_fixnum(x))
    snprintf(text, sizeof text, "%lld", (long long)scheme_number(x));
  else
    snprintf(text, sizeof text, "%.15g", number);
  return string_make(s, text, strlen(text));
}

/* --- the world ------------------------------------------------------------ */

static gc_ref print(struct scheme *s, gc_root *arg) {
  if (s->out != NULL && s->count == 0)
    fputc('\n', s->out);
  else if (s->out != NULL)
    scheme_print(s, s->out, gc_root_get(arg), s->primitive->mode);
  return SCHEME_NONE;
}

static gc_ref error(struct scheme *s, gc_root *arg) {
  char message[160];
  gc_ref text = need_string(s, arg);
  int shown = gc_length(text) < 150 ? (int)gc_length(text) : 150;
  snprintf(message, sizeof message, "%.*s%s", shown, (char *)gc_bytes(text),
           s->count > 1 ? ": " : "");
  if (s->count > 1)
    scheme_fail_with(s, message, gc_root_get(&arg[1]));
  scheme_fail(s, "%s", message);
}

static gc_ref collect(struct scheme *s, gc_root *arg) {
  (void)arg;
  gc_collect(s->m, GC_FULL);
  return SCHEME_NONE;
}

static gc_ref symbol_count(struct scheme *s, gc_root *arg) {
  (void)arg;
  return scheme_fixnum((intptr_t)scheme_symbols_alive(s));
}

/* --- the table ------------------------------------------------------------ */

enum { A = 1, D = 2, MANY = SCHEME_MANY };

const struct scheme_primitive scheme_primitives[] = {
    {"car", part, 1, 1, A, SCHEME_OP_CAR},
    {"cdr", part, 1, 1, D, SCHEME_OP_CDR},
    {"cadr", part, 1, 1, A << 2 | D, 0},
    {"cddr", part, 1, 1, D << 2 | D, 0},
    {"caddr", part, 1, 1, A << 4 | D << 2 | D, 0},
    {"cons", cons, 2, 2, 0, SCHEME_OP_CONS},
    {"set-car!", set_part, 2, 2, SCHEME_CAR, 0},
    {"set-cdr!", set_part, 2, 2, SCHEME_CDR, 0},
    {"length", length, 1, 1, 0, 0},
    {"append", append, 0, MANY, 0, 0},
    {"null?", is_kind, 1, 1, NIL, SCHEME_OP_NULL},
    {"not", not, 1, 1, 0, SCHEME_OP_NOT},
    {"pair?", is_kind, 1, 1, PAIR, SCHEME_OP_PAIR},
    {"symbol?", is_kind, 1, 1, SYMBOL, 0},
    {"string?", is_kind, 1, 1, STRING, 0},
    {"vector?", is_kind, 1, 1, VECTOR, 0},
    {"char?", is_kind, 1, 1, CHARACTER, 0},
    {"procedure?", is_kind, 1, 1, PROCEDURE, 0},
    {"number?", is_kind, 1, 1, NUMBER, 0},
    {"eq?", equal, 2, 2, IDENTITY, SCHEME_OP_EQ},
    {"eqv?", equal, 2, 2, VALUE, 0},
    {"equal?", equal, 2, 2, CONTENTS, 0},
    {"memq", member, 2, 2, IDENTITY, 0},
    {"memv", member, 2, 2, VALUE, 0},
    {"member", member, 2, 2, CONTENTS, 0},
    {"assq", member, 2, 2, IN_PAIRS + IDENTITY, 0},
    {"assv", member, 2, 2, IN_PAIRS + VALUE, 0},
    {"assoc", member, 2, 2, IN_PAIRS + CONTENTS, 0},
    {"+", arithmetic, 0, MANY, ADD, SCHEME_OP_ADD},
    {"-", arithmetic, 1, MANY, SUBTRACT, SCHEME_OP_SUBTRACT},
    {"*", arithmetic, 0, MANY, MULTIPLY, 0},
    {"/", arithmetic, 1, MANY, DIVIDE, 0},
    {"quotient", arithmetic, 2, 2, QUOTIENT, 0},
    {"remainder", arithmetic, 2, 2, REMAINDER, 0},
    {"modulo", arithmetic, 2, 2, MODULO, 0},
    {"=", compare, 1, MANY, SAME, SCHEME_OP_SAME},
    {"<", compare, 1, MANY, LESS, SCHEME_OP_LESS},
    {">", compare, 1, MANY, GREATER, 0},
    {"<=", compare, 1, MANY, AT_MOST, 0},
    {">=", compare, 1, MANY, AT_LEAST, 0},
    {"inexact->exact", exact, 1, 1, 0, 0},
    {"random", random_below, 1, 1, 0, 0},
    {"make-vector", make_vector, 1, 2, 0, 0},
    {"vector-ref", vector_ref, 2, 2, 0, SCHEME_OP_VECTOR_REF},
    {"vector-set!", vector_set, 3, 3, 0, 0},
    {"vector-length", array_length, 1, 1, SCHEME_VECTOR, 0},
    {"list->vector", list_to_vector, 1, 1, 0, 0},
    {"char->integer", char_to_integer, 1, 1, 0, 0},
    {"integer->char", integer_to_char, 1, 1, 0, 0},
    {"make-string", make_string, 1, 2, 0, 0},
    {"string-ref", string_ref, 2, 2, 0, 0},
    {"string-set!", string_set, 3, 3, 0, 0},
    {"string-length", array_length, 1, 1, SCHEME_STRING, 0},
    {"substring", substring, 3, 3, 0, 0},
    {"string-append", string_append, 0, MANY, 0, 0},
    {"symbol->string", symbol_to_string, 1, 1, 0, 0},
    {"string->symbol", string_to_symbol, 1, 1, 0, 0},
    {"number->string", number_to_string, 1, 1, 0, 0},
    {"apply", NULL, 2, MANY, SCHEME_IS_APPLY, 0},
    {"call/cc", NULL, 1, 1, SCHEME_IS_CALL_CC, 0},
    {"display", print, 1, 1, true, 0},
    {"write", print, 1, 1, false, 0},
    {"newline", print, 0, 0, 0, 0},
    {"error", error, 1, 2, 0, 0},
    {"collect", collect, 0, 0, 0, 0},
    {"symbol-count", symbol_count, 0, 0, 0, 0}};
enum { PRIMITIVES = sizeof scheme_primitives / sizeof scheme_primitives[0] };

void scheme_primitives_define(struct scheme *s) {
  GC_FRAME(s->m, f, name);
  for (size_t i = 0; i < PRIMITIVES; i++) {
    const char *name = scheme_primitives[i].name;
    gc_ref symbol = scheme_intern(s, &f.name, name, strlen(name));
    scheme_define(s, symbol, SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, i));
  }
}

const struct scheme_primitive *scheme_primitive_named(const char *name) {
  size_t i = 0;
  while (i < PRIMITIVES && strcmp(scheme_primitives[i].name, name) != 0)
    i++;
  gc_assert_always(i < PRIMITIVES);
  return &scheme_primitives[i];
}

void scheme_arity_check(struct scheme *s, const struct scheme_primitive *p,
                        unsigned count) {
  if (count < p->least || (count > p->most && p->most != SCHEME_MANY))
    scheme_fail(s, "%s does not take %u argument%s", p->name, count,
                count == 1 ? "" : "s");
}
