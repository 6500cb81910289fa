/* SPDX-License-Identifier: MIT */
/* The primitives. prelude.scm defines others in Scheme. */
#include "workloads/programs/scheme/scheme.h"
#include "workloads/random.h"

/* --- kinds of arguments --------------------------------------------------- */

static const char *const kind_names[] = {
    ['c'] = "a character", ['i'] = "a whole number", ['n'] = "a number",
    ['p'] = "a pair",      ['s'] = "a string",       ['v'] = "a vector",
    ['y'] = "a symbol"};

static inline bool has_kind(gc_ref x, char kind) {
  switch (kind) {
  case 'c':
    return scheme_is_immediate(x, SCHEME_CHARACTER);
  case 'f': /* a procedure */
    return scheme_is(x, SCHEME_CLOSURE) || scheme_is(x, SCHEME_CONTINUATION) ||
           scheme_is_immediate(x, SCHEME_PRIMITIVE);
  case 'i':
    return scheme_is_fixnum(x);
  case 'n':
    return scheme_is_fixnum(x) || scheme_is(x, SCHEME_FLONUM);
  case 'p':
    return scheme_is_pair(x);
  case 's':
    return scheme_is(x, SCHEME_STRING);
  case 'v':
    return scheme_is(x, SCHEME_VECTOR);
  case 'y':
    return scheme_is(x, SCHEME_SYMBOL);
  default:
    return true;
  }
}

/* Fails if the argument is not right for the running primitive. */
static void need(struct scheme *s, const gc_root *arg, bool is_right,
                 const char *what) {
  char message[100];
  if (is_right)
    return;
  snprintf(message, sizeof message, "%s needs %s instead of ",
           s->primitive->name, what);
  scheme_fail(s, message, gc_root_get(arg));
}

void scheme_check_arguments(struct scheme *s, const gc_root *arg) {
  const struct scheme_primitive *p = s->primitive;
  const char *kind = p->takes;
  if (s->count < p->least || s->count > p->most)
    scheme_fail(s, "a wrong number of arguments for ",
                SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, p - scheme_primitives));
  for (unsigned i = 0; i < s->count; i++) {
    if (*kind != 'a' && !has_kind(gc_root_get(&arg[i]), *kind))
      need(s, &arg[i], false, kind_names[(size_t)*kind]);
    kind += kind[1] != '\0';
  }
}

/* A whole number below `end`. */
static size_t need_index(struct scheme *s, gc_root *arg, size_t end) {
  uintptr_t index = (uintptr_t)scheme_number(gc_root_get(arg));
  need(s, arg, index < end, "another number");
  return index;
}

/* The mode is the kind. */
static gc_ref is_kind(struct scheme *s, gc_root *arg) {
  return scheme_truth(has_kind(gc_root_get(arg), (char)s->primitive->mode));
}

/* --- comparisons ---------------------------------------------------------- */

static double real(gc_ref x) {
  return scheme_is_fixnum(x) ? (double)scheme_number(x) : *scheme_double(x);
}

enum { LESS = 1, SAME = 2, MORE = 4 };

/* Of two strings, numbers or characters. */
static unsigned order(gc_ref x, gc_ref y) {
  if (scheme_is(x, SCHEME_STRING)) {
    size_t a = gc_length(x), b = gc_length(y);
    int sign = memcmp(gc_bytes(x), gc_bytes(y), a < b ? a : b);
    return sign < 0 || (sign == 0 && a < b) ? LESS
           : sign || a > b                  ? MORE
                                            : SAME;
  }
  if (gc_is_immediate(x) && gc_is_immediate(y)) /* a double would round */
    return (intptr_t)x < (intptr_t)y ? LESS : x == y ? SAME : MORE;
  return real(x) < real(y) ? LESS : real(x) == real(y) ? SAME : MORE;
}

/* The mode has all orders that are right. */
static gc_ref compare(struct scheme *s, gc_root *arg) {
  unsigned found = 0;
  for (unsigned i = 1; i < s->count; i++)
    found |= order(gc_root_get(&arg[i - 1]), gc_root_get(&arg[i]));
  return scheme_truth((found & ~s->primitive->mode) == 0);
}

/* equal?, or eqv?, which compares the contents of flonums alone. */
static bool is_equal(struct scheme *s, gc_ref x, gc_ref y, bool is_deep) {
  if (x == y || (!is_deep && !scheme_is(x, SCHEME_FLONUM)))
    return x == y;
  scheme_deeper(s);
  while (is_deep && x != y && scheme_is_pair(x) && scheme_is_pair(y) &&
         is_equal(s, scheme_car(x), scheme_car(y), true))
    x = scheme_cdr(x), y = scheme_cdr(y);
  bool result = x == y;
  if (!result && gc_is_object(x) && gc_is_object(y) &&
      gc_type_of(x) == gc_type_of(y)) {
    if (scheme_is(x, SCHEME_FLONUM) || (is_deep && scheme_is(x, SCHEME_STRING)))
      result = order(x, y) == SAME;
    else if (is_deep && scheme_is(x, SCHEME_VECTOR)) {
      size_t i = 0, length = gc_length(x);
      result = length == gc_length(y);
      for (; result && i < length; i++)
        result = is_equal(s, gc_get(x, i), gc_get(y, i), true);
    }
  }
  s->depth--;
  return result;
}

/* The mode: is it deep? */
static gc_ref equal(struct scheme *s, gc_root *arg) {
  return scheme_truth(is_equal(s, gc_root_get(&arg[0]), gc_root_get(&arg[1]),
                               s->primitive->mode));
}

enum { DEEP = 1, IN_PAIRS = 2 };

/* What is left of a list from a value on; IN_PAIRS, the pair of an association
   list that the value begins. */
static gc_ref member(struct scheme *s, gc_root *arg) {
  gc_ref key = gc_root_get(&arg[0]), rest = gc_root_get(&arg[1]);
  bool is_deep = s->primitive->mode & DEEP,
       in_pairs = s->primitive->mode & IN_PAIRS;
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest)) {
    gc_ref item = scheme_car(rest);
    if (!in_pairs && is_equal(s, key, item, is_deep))
      return rest;
    if (in_pairs && scheme_is_pair(item) &&
        is_equal(s, key, scheme_car(item), is_deep))
      return item;
  }
  return SCHEME_FALSE;
}

enum { ADD, SUBTRACT, MULTIPLY, DIVIDE, QUOTIENT, REMAINDER, MODULO };

/* False: the result is not whole, or too large. */
static bool whole(intptr_t x, intptr_t y, unsigned mode, intptr_t *result) {
  if (mode == ADD || mode == SUBTRACT)
    *result = mode == ADD ? x + y : x - y;
  else if (mode == MULTIPLY && __builtin_mul_overflow(x, y, result))
    return false;
  else if (mode == DIVIDE && x % y != 0)
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
  double a = real(x), b = real(y);
  intptr_t result;
  if (mode >= DIVIDE && b == 0)
    scheme_fail(s, "a number is divided by zero", NULL);
  if (scheme_is_fixnum(x) && scheme_is_fixnum(y) &&
      whole(scheme_number(x), scheme_number(y), mode, &result))
    return scheme_fixnum(result);
  double real = mode == ADD        ? a + b
                : mode == SUBTRACT ? a - b
                : mode == MULTIPLY ? a * b
                                   : a / b;
  *scheme_double(scheme_make(s, s->result, SCHEME_FLONUM)) = real;
  return gc_root_get(s->result);
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

/* Cuts the fraction. */
static gc_ref exact(struct scheme *s, gc_root *arg) {
  double x = real(gc_root_get(arg));
  need(s, arg, x < 0x1p53 && x > -0x1p53, "a number that is not too large");
  return scheme_fixnum((intptr_t)x);
}

static gc_ref random_below(struct scheme *s, gc_root *arg) {
  uint64_t end = need_index(s, arg, INTPTR_MAX);
  need(s, arg, end > 0, "a positive number");
  return scheme_fixnum((intptr_t)(workload_splitmix(&s->random) % end));
}

/* --- lists ---------------------------------------------------------------- */

/* The mode is the path: from the lowest bits on, 1 is car, 2 cdr. */
static gc_ref part(struct scheme *s, gc_root *arg) {
  gc_ref value = gc_root_get(arg);
  for (unsigned path = s->primitive->mode; path != 0; path >>= 2) {
    need(s, arg, scheme_is_pair(value), "a longer list");
    value = gc_get(value, (path & 3) == 1 ? SCHEME_CAR : SCHEME_CDR);
  }
  return value;
}

static gc_ref set_part(struct scheme *s, gc_root *arg) {
  scheme_move(s, gc_root_get(arg), s->primitive->mode, &arg[1]);
  return SCHEME_NONE;
}

static gc_ref length(struct scheme *s, gc_root *arg) {
  intptr_t length = 0;
  gc_ref rest = gc_root_get(arg);
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest))
    length++;
  need(s, arg, rest == SCHEME_NIL, "a list that ends with ()");
  return scheme_fixnum(length);
}

static gc_ref append(struct scheme *s, gc_root *arg) {
  gc_root_set(s->m, s->result, SCHEME_NIL);
  if (s->count > 0)
    gc_root_move(s->m, s->result, &arg[s->count - 1]);
  for (unsigned i = s->count; i > 1; i--)
    scheme_pop_list(s, s->result,
                    scheme_push_list(s, gc_root_get(&arg[i - 2])));
  return gc_root_get(s->result);
}

static gc_ref list_to_vector(struct scheme *s, gc_root *arg) {
  return scheme_pop_vector(s, s->result, scheme_push_list(s, gc_root_get(arg)));
}

/* --- vectors, strings, characters ----------------------------------------- */

enum { LENGTH_MOST = 1 << 28 };

static gc_ref character(size_t c) {
  return SCHEME_IMMEDIATE(SCHEME_CHARACTER, c);
}

static gc_ref char_to_integer(struct scheme *s, gc_root *arg) {
  (void)s;
  return scheme_fixnum((intptr_t)scheme_immediate(gc_root_get(arg)));
}

static gc_ref integer_to_char(struct scheme *s, gc_root *arg) {
  return character(need_index(s, arg, UINT8_MAX + 1));
}

/* An array is a vector or a string: here, the mode is the kind. */
static gc_ref make_array(struct scheme *s, gc_root *arg) {
  size_t length = need_index(s, arg, LENGTH_MOST);
  gc_ref array = scheme_make_array(s, s->result, s->primitive->mode, length);
  gc_ref fill = s->count > 1 ? gc_root_get(&arg[1]) : character(' ');
  if (scheme_is(array, SCHEME_STRING))
    memset(gc_bytes(array), (int)scheme_immediate(fill), length);
  else
    for (size_t i = 0; i < length; i++)
      scheme_set(s, array, i, fill);
  return array;
}

static gc_ref array_length(struct scheme *s, gc_root *arg) {
  (void)s;
  return scheme_fixnum((intptr_t)gc_length(gc_root_get(arg)));
}

static gc_ref array_ref(struct scheme *s, gc_root *arg) {
  gc_ref array = gc_root_get(arg);
  size_t i = need_index(s, &arg[1], gc_length(array));
  return scheme_is(array, SCHEME_VECTOR)
             ? gc_get(array, i)
             : character(((uint8_t *)gc_bytes(array))[i]);
}

static gc_ref array_set(struct scheme *s, gc_root *arg) {
  gc_ref array = gc_root_get(arg);
  size_t i = need_index(s, &arg[1], gc_length(array));
  if (scheme_is(array, SCHEME_VECTOR))
    scheme_move(s, array, i, &arg[2]);
  else
    ((char *)gc_bytes(array))[i] = (char)scheme_immediate(gc_root_get(&arg[2]));
  return SCHEME_NONE;
}

/* A new string of the characters of a string or a symbol, from a place on and
   up to another one. */
static gc_ref copy(struct scheme *s, gc_root *arg) {
  size_t begin = 0, end = gc_length(gc_root_get(arg));
  if (s->count > 1) {
    end = need_index(s, &arg[2], end + 1);
    begin = need_index(s, &arg[1], end + 1);
  }
  gc_ref out = scheme_make_array(s, s->result, SCHEME_STRING, end - begin);
  memcpy(gc_bytes(out), (char *)gc_bytes(gc_root_get(arg)) + begin,
         end - begin);
  return out;
}

static gc_ref string_append(struct scheme *s, gc_root *arg) {
  size_t length = 0;
  for (unsigned i = 0; i < s->count; i++)
    length += gc_length(gc_root_get(&arg[i]));
  gc_ref out = scheme_make_array(s, s->result, SCHEME_STRING, length);
  char *at = gc_bytes(out);
  for (unsigned i = 0; i < s->count; at += gc_length(gc_root_get(&arg[i++])))
    memcpy(at, gc_bytes(gc_root_get(&arg[i])), gc_length(gc_root_get(&arg[i])));
  return out;
}

static gc_ref string_to_symbol(struct scheme *s, gc_root *arg) {
  char name[256];
  gc_ref string = gc_root_get(arg);
  need(s, arg, gc_length(string) < sizeof name, "a shorter string");
  memcpy(name, gc_bytes(string), gc_length(string));
  return scheme_intern(s, s->result, name, gc_length(string));
}

static gc_ref number_to_string(struct scheme *s, gc_root *arg) {
  char text[40];
  scheme_print_into(s, text, sizeof text, gc_root_get(arg));
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
  gc_ref text = gc_root_get(arg);
  snprintf(message, sizeof message, "%.*s%s", (int)gc_length(text),
           (char *)gc_bytes(text), s->count > 1 ? ": " : "");
  scheme_fail(s, message, s->count > 1 ? gc_root_get(&arg[1]) : NULL);
}

static gc_ref collect(struct scheme *s, gc_root *arg) {
  (void)arg;
  gc_collect(s->m, GC_FULL);
  return SCHEME_NONE;
}

enum { A = 1, D = 2, MANY = UINT8_MAX };

const struct scheme_primitive scheme_primitives[] = {
    [SCHEME_APPEND] = {"append", append, 0, MANY, "a", 0, 0},
    [SCHEME_MEMV] = {"memv", member, 2, 2, "a", 0, 0},
    {"memq", member, 2, 2, "a", 0, 0},
    {"member", member, 2, 2, "a", DEEP, 0},
    {"assq", member, 2, 2, "a", IN_PAIRS, 0},
    {"assv", member, 2, 2, "a", IN_PAIRS, 0},
    {"assoc", member, 2, 2, "a", IN_PAIRS | DEEP, 0},
    {"eq?", NULL, 2, 2, "a", 0, SCHEME_OP_EQ},
    {"eqv?", equal, 2, 2, "a", 0, 0},
    {"equal?", equal, 2, 2, "a", DEEP, 0},
    {"not", NULL, 1, 1, "a", 0, SCHEME_OP_NOT},
    {"null?", NULL, 1, 1, "a", 0, SCHEME_OP_NULL},
    {"pair?", NULL, 1, 1, "a", 0, SCHEME_OP_PAIR},
    {"symbol?", is_kind, 1, 1, "a", 'y', 0},
    {"string?", is_kind, 1, 1, "a", 's', 0},
    {"vector?", is_kind, 1, 1, "a", 'v', 0},
    {"char?", is_kind, 1, 1, "a", 'c', 0},
    {"procedure?", is_kind, 1, 1, "a", 'f', 0},
    {"number?", is_kind, 1, 1, "a", 'n', 0},
    {"=", compare, 1, MANY, "n", SAME, SCHEME_OP_SAME},
    {"<", compare, 1, MANY, "n", LESS, SCHEME_OP_LESS},
    {">", compare, 1, MANY, "n", MORE, SCHEME_OP_MORE},
    {"<=", compare, 1, MANY, "n", LESS | SAME, 0},
    {">=", compare, 1, MANY, "n", MORE | SAME, 0},
    {"char=?", compare, 2, 2, "c", SAME, 0},
    {"char<?", compare, 2, 2, "c", LESS, 0},
    {"string=?", compare, 2, 2, "s", SAME, 0},
    {"string<?", compare, 2, 2, "s", LESS, 0},
    {"+", arithmetic, 0, MANY, "n", ADD, SCHEME_OP_ADD},
    {"-", arithmetic, 1, MANY, "n", SUBTRACT, SCHEME_OP_SUBTRACT},
    {"*", arithmetic, 0, MANY, "n", MULTIPLY, 0},
    {"/", arithmetic, 1, MANY, "n", DIVIDE, 0},
    {"quotient", arithmetic, 2, 2, "i", QUOTIENT, 0},
    {"remainder", arithmetic, 2, 2, "i", REMAINDER, 0},
    {"modulo", arithmetic, 2, 2, "i", MODULO, 0},
    {"inexact->exact", exact, 1, 1, "n", 0, 0},
    {"random", random_below, 1, 1, "i", 0, 0},
    {"cons", NULL, 2, 2, "a", 0, SCHEME_OP_CONS},
    {"car", NULL, 1, 1, "p", 0, SCHEME_OP_CAR},
    {"cdr", NULL, 1, 1, "p", 0, SCHEME_OP_CDR},
    {"cadr", part, 1, 1, "p", A << 2 | D, 0},
    {"cddr", part, 1, 1, "p", D << 2 | D, 0},
    {"caddr", part, 1, 1, "p", A << 4 | D << 2 | D, 0},
    {"set-car!", set_part, 2, 2, "pa", SCHEME_CAR, 0},
    {"set-cdr!", set_part, 2, 2, "pa", SCHEME_CDR, 0},
    {"length", length, 1, 1, "a", 0, 0},
    {"make-vector", make_array, 1, 2, "ia", SCHEME_VECTOR, 0},
    {"vector-ref", array_ref, 2, 2, "vi", 0, SCHEME_OP_VECTOR_REF},
    {"vector-set!", array_set, 3, 3, "via", 0, 0},
    {"vector-length", array_length, 1, 1, "v", 0, 0},
    {"list->vector", list_to_vector, 1, 1, "a", 0, 0},
    {"char->integer", char_to_integer, 1, 1, "c", 0, 0},
    {"integer->char", integer_to_char, 1, 1, "i", 0, 0},
    {"make-string", make_array, 1, 2, "ic", SCHEME_STRING, 0},
    {"string-ref", array_ref, 2, 2, "si", 0, 0},
    {"string-set!", array_set, 3, 3, "sic", 0, 0},
    {"string-length", array_length, 1, 1, "s", 0, 0},
    {"substring", copy, 3, 3, "si", 0, 0},
    {"string-append", string_append, 0, MANY, "s", 0, 0},
    {"symbol->string", copy, 1, 1, "y", 0, 0},
    {"string->symbol", string_to_symbol, 1, 1, "s", 0, 0},
    {"number->string", number_to_string, 1, 1, "n", 0, 0},
    {"display", print, 1, 1, "a", true, 0},
    {"write", print, 1, 1, "a", false, 0},
    {"error", error, 1, 2, "sa", 0, 0},
    {"collect", collect, 0, 0, "a", 0, 0},
    {"symbol-count", scheme_symbol_count, 0, 0, "a", 0, 0}};
enum { PRIMITIVES = sizeof scheme_primitives / sizeof scheme_primitives[0] };

void scheme_primitives_define(struct scheme *s) {
  GC_FRAME(s->m, f, name);
  for (size_t i = 0; i < PRIMITIVES; i++) {
    const char *name = scheme_primitives[i].name;
    gc_ref symbol = scheme_intern(s, &f.name, name, strlen(name));
    scheme_define(s, symbol, SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, i));
  }
}
