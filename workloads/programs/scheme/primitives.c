/* SPDX-License-Identifier: MIT */
/* The primitives. prelude.scm defines others in Scheme. */
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
  scheme_fail(s, message, value);
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

/* The mode is the kind. That of flonums is for all numbers, that of closures
   for all procedures. */
static gc_ref is_kind(struct scheme *s, gc_root *arg) {
  gc_ref x = gc_root_get(arg);
  enum scheme_kind kind = s->primitive->mode;
  return scheme_truth(
      scheme_is(x, kind) || (kind == SCHEME_FLONUM && scheme_is_fixnum(x)) ||
      (kind == SCHEME_CLOSURE && (scheme_is(x, SCHEME_CONTINUATION) ||
                                  scheme_is_immediate(x, SCHEME_PRIMITIVE))));
}

static gc_ref is_character(struct scheme *s, gc_root *arg) {
  (void)s;
  return scheme_truth(scheme_is_immediate(gc_root_get(arg), SCHEME_CHARACTER));
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
    scheme_fail(s, "a number is divided by zero", NULL);
  if (mode >= QUOTIENT)
    need(s, scheme_is_fixnum(x) ? y : x, are_whole, "a whole number");
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

/* --- vectors and strings -------------------------------------------------- */

enum { LENGTH_MOST = 1 << 28 };

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
  return character((uint8_t)need_index(s, arg, UINT8_MAX + 1));
}

static gc_ref need_string(struct scheme *s, gc_root *arg) {
  return need_kind(s, arg, SCHEME_STRING, "a string");
}

/* An array is a vector or a string: the mode is the kind. */
static gc_ref need_array(struct scheme *s, gc_root *arg) {
  bool is_string = s->primitive->mode == SCHEME_STRING;
  return is_string ? need_string(s, arg)
                   : need_kind(s, arg, SCHEME_VECTOR, "a vector");
}

static gc_ref make_array(struct scheme *s, gc_root *arg) {
  size_t length = need_index(s, arg, LENGTH_MOST);
  enum scheme_kind kind = s->primitive->mode;
  gc_ref array = scheme_make_array(s, s->result, kind, length);
  if (kind == SCHEME_STRING)
    memset(gc_bytes(array), s->count > 1 ? need_character(s, &arg[1]) : ' ',
           length);
  for (size_t i = 0; kind == SCHEME_VECTOR && i < length; i++)
    scheme_set(s, array, i, s->count > 1 ? gc_root_get(&arg[1]) : SCHEME_FALSE);
  return array;
}

static gc_ref list_to_vector(struct scheme *s, gc_root *arg) {
  return scheme_list_to_vector(s, s->result, arg);
}

static gc_ref array_length(struct scheme *s, gc_root *arg) {
  return scheme_fixnum((intptr_t)gc_length(need_array(s, arg)));
}

static gc_ref array_ref(struct scheme *s, gc_root *arg) {
  gc_ref array = need_array(s, arg);
  size_t i = need_index(s, &arg[1], gc_length(array));
  return scheme_is(array, SCHEME_VECTOR)
             ? gc_get(array, i)
             : character(((uint8_t *)gc_bytes(array))[i]);
}

static gc_ref array_set(struct scheme *s, gc_root *arg) {
  gc_ref array = need_array(s, arg);
  size_t i = need_index(s, &arg[1], gc_length(array));
  if (scheme_is(array, SCHEME_VECTOR))
    scheme_move(s, array, i, &arg[2]);
  else
    ((uint8_t *)gc_bytes(array))[i] = need_character(s, &arg[2]);
  return SCHEME_NONE;
}

/* A new string of characters of a string or a symbol. */
static gc_ref copy(struct scheme *s, gc_root *from, size_t begin, size_t end) {
  gc_ref out = scheme_make_array(s, s->result, SCHEME_STRING, end - begin);
  memcpy(gc_bytes(out), (char *)gc_bytes(gc_root_get(from)) + begin,
         end - begin);
  return out;
}

static gc_ref substring(struct scheme *s, gc_root *arg) {
  size_t end = need_index(s, &arg[2], gc_length(need_string(s, arg)) + 1);
  return copy(s, arg, need_index(s, &arg[1], end + 1), end);
}

static gc_ref symbol_to_string(struct scheme *s, gc_root *arg) {
  gc_ref symbol = need_kind(s, arg, SCHEME_SYMBOL, "a symbol");
  return copy(s, arg, 0, gc_length(symbol));
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

static gc_ref string_to_symbol(struct scheme *s, gc_root *arg) {
  char name[256];
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
  gc_ref string = scheme_make_array(s, s->result, SCHEME_STRING, strlen(text));
  memcpy(gc_bytes(string), text, strlen(text));
  return string;
}

/* --- the world ------------------------------------------------------------ */

static gc_ref print(struct scheme *s, gc_root *arg) {
  if (s->out != NULL)
    scheme_print(s, s->out, gc_root_get(arg), s->primitive->mode);
  return SCHEME_NONE;
}

static gc_ref error(struct scheme *s, gc_root *arg) {
  char message[160];
  gc_ref text = need_string(s, arg);
  snprintf(message, sizeof message, "%.*s%s", (int)gc_length(text),
           (char *)gc_bytes(text), s->count > 1 ? ": " : "");
  scheme_fail(s, message, s->count > 1 ? gc_root_get(&arg[1]) : NULL);
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
    [SCHEME_APPEND] = {"append", append, 0, MANY, 0, 0},
    [SCHEME_MEMV] = {"memv", member, 2, 2, VALUE, 0},
    {"car", part, 1, 1, A, SCHEME_OP_CAR},
    {"cdr", part, 1, 1, D, SCHEME_OP_CDR},
    {"cadr", part, 1, 1, A << 2 | D, 0},
    {"cddr", part, 1, 1, D << 2 | D, 0},
    {"caddr", part, 1, 1, A << 4 | D << 2 | D, 0},
    {"cons", NULL, 2, 2, 0, SCHEME_OP_CONS},
    {"set-car!", set_part, 2, 2, SCHEME_CAR, 0},
    {"set-cdr!", set_part, 2, 2, SCHEME_CDR, 0},
    {"length", length, 1, 1, 0, 0},
    {"null?", NULL, 1, 1, 0, SCHEME_OP_NULL},
    {"not", NULL, 1, 1, 0, SCHEME_OP_NOT},
    {"pair?", NULL, 1, 1, 0, SCHEME_OP_PAIR},
    {"symbol?", is_kind, 1, 1, SCHEME_SYMBOL, 0},
    {"string?", is_kind, 1, 1, SCHEME_STRING, 0},
    {"vector?", is_kind, 1, 1, SCHEME_VECTOR, 0},
    {"char?", is_character, 1, 1, 0, 0},
    {"procedure?", is_kind, 1, 1, SCHEME_CLOSURE, 0},
    {"number?", is_kind, 1, 1, SCHEME_FLONUM, 0},
    {"eq?", NULL, 2, 2, 0, SCHEME_OP_EQ},
    {"eqv?", equal, 2, 2, VALUE, 0},
    {"equal?", equal, 2, 2, CONTENTS, 0},
    {"memq", member, 2, 2, IDENTITY, 0},
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
    {"make-vector", make_array, 1, 2, SCHEME_VECTOR, 0},
    {"vector-ref", array_ref, 2, 2, SCHEME_VECTOR, SCHEME_OP_VECTOR_REF},
    {"vector-set!", array_set, 3, 3, SCHEME_VECTOR, 0},
    {"vector-length", array_length, 1, 1, SCHEME_VECTOR, 0},
    {"list->vector", list_to_vector, 1, 1, 0, 0},
    {"char->integer", char_to_integer, 1, 1, 0, 0},
    {"integer->char", integer_to_char, 1, 1, 0, 0},
    {"make-string", make_array, 1, 2, SCHEME_STRING, 0},
    {"string-ref", array_ref, 2, 2, SCHEME_STRING, 0},
    {"string-set!", array_set, 3, 3, SCHEME_STRING, 0},
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

void scheme_arity_check(struct scheme *s, const struct scheme_primitive *p,
                        unsigned count) {
  if (count < p->least || (count > p->most && p->most != SCHEME_MANY))
    scheme_fail(s, "a wrong number of arguments for ",
                SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, p - scheme_primitives));
}
