/* SPDX-License-Identifier: MIT */
/* The primitives. prelude.scm defines others in Scheme. */
#include "workloads/programs/scheme/scheme.h"
#include "workloads/random.h"

/* What a letter of `takes` means: objects of two kinds, SCHEME_CODE for none,
   as code is no value; and the low bits of immediates, 1 of 0 bits for none. */
static const struct kind {
  const char *name;
  uint8_t object, other, mask, bits;
} kinds[] = {
    ['c'] = {"a character", SCHEME_CODE, SCHEME_CODE, 31, 7},
    ['f'] = {"a procedure", SCHEME_CLOSURE, SCHEME_CONTINUATION, 31, 11},
    ['i'] = {"a whole number", SCHEME_CODE, SCHEME_CODE, 3, 1},
    ['n'] = {"a number", SCHEME_FLONUM, SCHEME_FLONUM, 3, 1},
    ['p'] = {"a pair", SCHEME_PAIR, SCHEME_SOURCE, 0, 1},
    ['s'] = {"a string", SCHEME_STRING, SCHEME_STRING, 0, 1},
    ['v'] = {"a vector", SCHEME_VECTOR, SCHEME_VECTOR, 0, 1},
    ['y'] = {"a symbol", SCHEME_SYMBOL, SCHEME_SYMBOL, 0, 1},
};

static inline bool has_kind(gc_ref x, unsigned letter) {
  const struct kind *kind = &kinds[letter];
  return gc_is_object(x)
             ? scheme_is(x, kind->object) || scheme_is(x, kind->other)
             : ((uintptr_t)x & kind->mask) == kind->bits;
}

/* Fails if the argument is not right for the running primitive. */
static void need(struct scheme *s, const gc_root *arg, bool is_right,
                 const char *what) {
  if (!is_right)
    scheme_fail(s, gc_root_get(arg), "%s needs %s instead of ",
                s->primitive->name, what);
}

void scheme_check_arguments(struct scheme *s, size_t primitive,
                            unsigned count) {
  const struct scheme_primitive *p = &scheme_primitives[primitive];
  const char *kind = p->takes;
  s->primitive = p;
  s->count = count;
  if (count < p->least || count > p->most)
    scheme_fail(s, SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, primitive),
                "a wrong number of arguments for ");
  for (gc_root *arg = s->stack->top - count; count > 0; count--, arg++) {
    if (*kind != 'a' && !has_kind(gc_root_get(arg), (unsigned)*kind))
      need(s, arg, false, kinds[(size_t)*kind].name);
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
static gc_ref is_kind(gc_ref x, gc_ref y, unsigned mode) {
  (void)y;
  return scheme_truth(has_kind(x, mode));
}

/* --- comparisons ---------------------------------------------------------- */

static double real(gc_ref x) {
  return scheme_is_fixnum(x) ? (double)scheme_number(x) : *scheme_double(x);
}

enum { LESS = 1, SAME = 2, MORE = 4 };

static inline unsigned order_if(bool is_less, bool is_same) {
  return is_less ? LESS : is_same ? SAME : MORE;
}

/* Of two strings, numbers or characters. */
static unsigned order(gc_ref x, gc_ref y) {
  if (scheme_is(x, SCHEME_STRING)) {
    size_t a = gc_length(x), b = gc_length(y);
    int sign = memcmp(gc_bytes(x), gc_bytes(y), a < b ? a : b);
    return sign != 0 ? order_if(sign < 0, false) : order_if(a < b, a == b);
  }
  if (gc_is_immediate(x) && gc_is_immediate(y)) /* a double would round */
    return order_if((intptr_t)x < (intptr_t)y, x == y);
  return order_if(real(x) < real(y), real(x) == real(y));
}

static gc_ref compare_quick(gc_ref x, gc_ref y, unsigned mode) {
  if (!scheme_is_fixnum(x) || !scheme_is_fixnum(y))
    return NULL;
  return scheme_truth(order_if((intptr_t)x < (intptr_t)y, x == y) & mode);
}

/* The mode has all orders that are right. */
static gc_ref compare(struct scheme *s, gc_root *arg) {
  unsigned found = 0;
  for (unsigned i = 1; i < s->count; i++)
    found |= order(gc_root_get(&arg[i - 1]), gc_root_get(&arg[i]));
  return scheme_truth((found & ~s->primitive->mode) == 0);
}

static gc_ref eq(gc_ref x, gc_ref y, unsigned mode) {
  (void)mode;
  return scheme_truth(x == y);
}

enum { FALSE = 0, NIL = 2 };

/* The mode is the number of the constant. */
static gc_ref is_constant(gc_ref x, gc_ref y, unsigned mode) {
  (void)y;
  return scheme_truth(x == SCHEME_IMMEDIATE(SCHEME_CONSTANT, mode));
}

static gc_ref is_pair(gc_ref x, gc_ref y, unsigned mode) {
  (void)y, (void)mode;
  return scheme_truth(scheme_is_pair(x));
}

/* The only objects that are eqv? but not eq? are flonums. */
static gc_ref eqv(gc_ref x, gc_ref y, unsigned mode) {
  (void)mode;
  return scheme_truth(x == y || (scheme_is(x, SCHEME_FLONUM) &&
                                 scheme_is(y, SCHEME_FLONUM) &&
                                 *scheme_double(x) == *scheme_double(y)));
}

static bool is_equal(struct scheme *s, gc_ref x, gc_ref y);

/* Of two objects of one type that are no pairs. */
static bool has_equal_parts(struct scheme *s, gc_ref x, gc_ref y) {
  if (scheme_is(x, SCHEME_STRING) || scheme_is(x, SCHEME_FLONUM))
    return order(x, y) == SAME;
  size_t i = 0, length = scheme_is(x, SCHEME_VECTOR) ? gc_length(x) : 0;
  while (i < length && length == gc_length(y) &&
         is_equal(s, gc_get(x, i), gc_get(y, i)))
    i++;
  return i == length && scheme_is(x, SCHEME_VECTOR) && length == gc_length(y);
}

static bool is_equal(struct scheme *s, gc_ref x, gc_ref y) {
  scheme_deeper(s);
  while (x != y && scheme_is_pair(x) && scheme_is_pair(y) &&
         is_equal(s, scheme_car(x), scheme_car(y)))
    x = scheme_cdr(x), y = scheme_cdr(y);
  s->depth--;
  return x == y || (gc_is_object(x) && gc_is_object(y) && !scheme_is_pair(x) &&
                    gc_type_of(x) == gc_type_of(y) && has_equal_parts(s, x, y));
}

static gc_ref equal(struct scheme *s, gc_root *arg) {
  return scheme_truth(is_equal(s, gc_root_get(&arg[0]), gc_root_get(&arg[1])));
}

enum { DEEP = 1, IN_PAIRS = 2 };

/* What is left of a list from a value on; IN_PAIRS, the pair of an association
   list that the value begins. */
static gc_ref member(struct scheme *s, gc_root *arg) {
  gc_ref key = gc_root_get(&arg[0]), rest = gc_root_get(&arg[1]);
  unsigned mode = s->primitive->mode;
  for (; scheme_is_pair(rest); rest = scheme_cdr(rest)) {
    gc_ref item = scheme_car(rest), found = mode & IN_PAIRS ? item : rest;
    if (mode & IN_PAIRS)
      item = scheme_is_pair(item) ? scheme_car(item) : NULL;
    if (mode & DEEP ? is_equal(s, key, item) : eqv(key, item, 0) == SCHEME_TRUE)
      return found;
  }
  return SCHEME_FALSE;
}

/* --- arithmetic ----------------------------------------------------------- */

enum { ADD, SUBTRACT, MULTIPLY, DIVIDE, QUOTIENT, REMAINDER, MODULO };

/* Of whole numbers. NULL: there are others, or the result is one. */
static gc_ref combine_quick(gc_ref a, gc_ref b, unsigned mode) {
  intptr_t x = scheme_number(a), y = scheme_number(b), result = 0;
  if (!scheme_is_fixnum(a) || !scheme_is_fixnum(b) ||
      (mode >= DIVIDE && y == 0))
    return NULL;
  if (mode <= SUBTRACT)
    result = mode == ADD ? x + y : x - y;
  else if (mode == MULTIPLY ? __builtin_mul_overflow(x, y, &result)
                            : mode == DIVIDE && x % y != 0)
    return NULL;
  else if (mode >= DIVIDE)
    result = mode <= QUOTIENT ? x / y : x % y;
  if (mode == MODULO && result != 0 && (result < 0) != (y < 0))
    result += y;
  return result >> 61 == result >> 63 ? scheme_fixnum(result) : NULL;
}

static gc_ref combine(struct scheme *s, gc_ref x, gc_ref y, unsigned mode) {
  gc_ref whole = combine_quick(x, y, mode);
  if (whole != NULL)
    return whole;
  double a = real(x), b = real(y);
  if (mode >= DIVIDE && b == 0)
    scheme_fail(s, NULL, "a number is divided by zero");
  double real[] = {a + b, a - b, a * b, a / b};
  *scheme_double(scheme_make(s, s->result, SCHEME_FLONUM)) =
      real[mode < DIVIDE ? mode : DIVIDE];
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

static gc_ref cons(struct scheme *s, gc_root *arg) {
  scheme_cons(s, s->result, SCHEME_PAIR, &arg[0], &arg[1]);
  return gc_root_get(s->result);
}

/* The path has two bits for each step, the first one lowest. */
enum { A = SCHEME_CAR + 1, D = SCHEME_CDR + 1 };

static gc_ref part(gc_ref x, gc_ref y, unsigned path) {
  (void)y;
  for (; path != 0 && x != NULL; path >>= 2)
    x = scheme_is_pair(x) ? gc_get(x, (path & 3) - 1) : NULL;
  return x;
}

static gc_ref part_missing(struct scheme *s, gc_root *arg) {
  need(s, arg, false, "a longer list");
  return NULL;
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

static gc_ref character(size_t c) {
  return SCHEME_IMMEDIATE(SCHEME_CHARACTER, c);
}

static gc_ref char_to_integer(gc_ref x, gc_ref y, unsigned mode) {
  (void)y, (void)mode;
  return has_kind(x, 'c') ? scheme_fixnum((intptr_t)scheme_immediate(x)) : NULL;
}

static gc_ref integer_to_char(struct scheme *s, gc_root *arg) {
  return character(need_index(s, arg, UINT8_MAX + 1));
}

/* An array is a vector or a string: here, the mode is the kind. */
static gc_ref make_array(struct scheme *s, gc_root *arg) {
  size_t length = need_index(s, arg, 1 << 28);
  gc_ref array = scheme_make_array(s, s->result, s->primitive->mode, length);
  gc_ref fill = s->count > 1 ? gc_root_get(&arg[1]) : character(' ');
  if (scheme_is(array, SCHEME_STRING))
    memset(gc_bytes(array), (int)scheme_immediate(fill), length);
  else
    for (size_t i = 0; i < length; i++)
      scheme_set(s, array, i, fill);
  return array;
}

static gc_ref array_length(gc_ref x, gc_ref y, unsigned kind) {
  (void)y;
  return scheme_is(x, kind) ? scheme_fixnum((intptr_t)gc_length(x)) : NULL;
}

static gc_ref array_ref(gc_ref x, gc_ref y, unsigned kind) {
  size_t i = (size_t)scheme_number(y);
  if (!scheme_is(x, kind) || !scheme_is_fixnum(y) || i >= gc_length(x))
    return NULL;
  return kind == SCHEME_VECTOR ? gc_get(x, i)
                               : character(((uint8_t *)gc_bytes(x))[i]);
}

static gc_ref index_wrong(struct scheme *s, gc_root *arg) {
  need_index(s, &arg[1], 0);
  return NULL;
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
  gc_ref text = gc_root_get(arg);
  bool has_value = s->count > 1;
  scheme_fail(s, has_value ? gc_root_get(&arg[1]) : NULL, "%.*s%s",
              (int)gc_length(text), (char *)gc_bytes(text),
              has_value ? ": " : "");
}

static gc_ref collect(struct scheme *s, gc_root *arg) {
  (void)arg;
  gc_collect(s->m, GC_FULL);
  return SCHEME_NONE;
}

enum { MANY = UINT8_MAX };

const struct scheme_primitive scheme_primitives[] = {
    [SCHEME_APPLY] = {"apply", NULL, 2, MANY, "fa", 0, NULL},
    [SCHEME_CALL_CC] = {"call/cc", NULL, 1, 1, "f", 0, NULL},
    [SCHEME_APPEND] = {"append", append, 0, MANY, "a", 0, NULL},
    [SCHEME_MEMV] = {"memv", member, 2, 2, "a", 0, NULL},
    [SCHEME_CONS] = {"cons", cons, 2, 2, "a", 0, NULL},
    {"memq", member, 2, 2, "a", 0, NULL},
    {"member", member, 2, 2, "a", DEEP, NULL},
    {"assq", member, 2, 2, "a", IN_PAIRS, NULL},
    {"assv", member, 2, 2, "a", IN_PAIRS, NULL},
    {"assoc", member, 2, 2, "a", IN_PAIRS | DEEP, NULL},
    {"equal?", equal, 2, 2, "a", 0, NULL},
    {"eq?", NULL, 2, 2, "a", 0, eq},
    {"eqv?", NULL, 2, 2, "a", 0, eqv},
    {"not", NULL, 1, 1, "a", FALSE, is_constant},
    {"null?", NULL, 1, 1, "a", NIL, is_constant},
    {"pair?", NULL, 1, 1, "a", 0, is_pair},
    {"symbol?", NULL, 1, 1, "a", 'y', is_kind},
    {"string?", NULL, 1, 1, "a", 's', is_kind},
    {"vector?", NULL, 1, 1, "a", 'v', is_kind},
    {"char?", NULL, 1, 1, "a", 'c', is_kind},
    {"procedure?", NULL, 1, 1, "a", 'f', is_kind},
    {"number?", NULL, 1, 1, "a", 'n', is_kind},
    {"=", compare, 1, MANY, "n", SAME, compare_quick},
    {"<", compare, 1, MANY, "n", LESS, compare_quick},
    {">", compare, 1, MANY, "n", MORE, compare_quick},
    {"<=", compare, 1, MANY, "n", LESS | SAME, compare_quick},
    {">=", compare, 1, MANY, "n", MORE | SAME, compare_quick},
    {"char=?", compare, 2, 2, "c", SAME, NULL},
    {"char<?", compare, 2, 2, "c", LESS, NULL},
    {"string=?", compare, 2, 2, "s", SAME, NULL},
    {"string<?", compare, 2, 2, "s", LESS, NULL},
    {"+", arithmetic, 0, MANY, "n", ADD, combine_quick},
    {"-", arithmetic, 1, MANY, "n", SUBTRACT, combine_quick},
    {"*", arithmetic, 0, MANY, "n", MULTIPLY, combine_quick},
    {"/", arithmetic, 1, MANY, "n", DIVIDE, combine_quick},
    {"quotient", arithmetic, 2, 2, "i", QUOTIENT, combine_quick},
    {"remainder", arithmetic, 2, 2, "i", REMAINDER, combine_quick},
    {"modulo", arithmetic, 2, 2, "i", MODULO, combine_quick},
    {"inexact->exact", exact, 1, 1, "n", 0, NULL},
    {"random", random_below, 1, 1, "i", 0, NULL},
    {"car", part_missing, 1, 1, "p", A, part},
    {"cdr", part_missing, 1, 1, "p", D, part},
    {"cadr", part_missing, 1, 1, "p", A << 2 | D, part},
    {"cddr", part_missing, 1, 1, "p", D << 2 | D, part},
    {"caddr", part_missing, 1, 1, "p", A << 4 | D << 2 | D, part},
    {"set-car!", set_part, 2, 2, "pa", SCHEME_CAR, NULL},
    {"set-cdr!", set_part, 2, 2, "pa", SCHEME_CDR, NULL},
    {"length", length, 1, 1, "a", 0, NULL},
    {"make-vector", make_array, 1, 2, "ia", SCHEME_VECTOR, NULL},
    {"vector-ref", index_wrong, 2, 2, "vi", SCHEME_VECTOR, array_ref},
    {"vector-set!", array_set, 3, 3, "via", 0, NULL},
    {"vector-length", NULL, 1, 1, "v", SCHEME_VECTOR, array_length},
    {"list->vector", list_to_vector, 1, 1, "a", 0, NULL},
    {"char->integer", NULL, 1, 1, "c", 0, char_to_integer},
    {"integer->char", integer_to_char, 1, 1, "i", 0, NULL},
    {"make-string", make_array, 1, 2, "ic", SCHEME_STRING, NULL},
    {"string-ref", index_wrong, 2, 2, "si", SCHEME_STRING, array_ref},
    {"string-set!", array_set, 3, 3, "sic", 0, NULL},
    {"string-length", NULL, 1, 1, "s", SCHEME_STRING, array_length},
    {"substring", copy, 3, 3, "si", 0, NULL},
    {"string-append", string_append, 0, MANY, "s", 0, NULL},
    {"symbol->string", copy, 1, 1, "y", 0, NULL},
    {"string->symbol", string_to_symbol, 1, 1, "s", 0, NULL},
    {"number->string", number_to_string, 1, 1, "n", 0, NULL},
    {"display", print, 1, 1, "a", true, NULL},
    {"write", print, 1, 1, "a", false, NULL},
    {"error", error, 1, 2, "sa", 0, NULL},
    {"collect", collect, 0, 0, "a", 0, NULL},
    {"symbol-count", scheme_symbol_count, 0, 0, "a", 0, NULL},
};
enum { PRIMITIVES = sizeof scheme_primitives / sizeof scheme_primitives[0] };

void scheme_primitives_define(struct scheme *s) {
  GC_FRAME(s->m, f, name);
  for (size_t i = 0; i < PRIMITIVES; i++) {
    const char *name = scheme_primitives[i].name;
    gc_ref symbol = scheme_intern(s, &f.name, name, strlen(name));
    scheme_define(s, symbol, SCHEME_IMMEDIATE(SCHEME_PRIMITIVE, i));
  }
}
