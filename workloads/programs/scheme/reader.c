/* SPDX-License-Identifier: MIT */
/* The reader and the printer. The first pair of each list that is read has its
   line, so that errors can name it. */
#include <ctype.h>
#include <stdlib.h>

#include "workloads/programs/scheme/scheme.h"

static const char *const character_names[UINT8_MAX + 1] = {
    [' '] = "space", ['\n'] = "newline", ['\t'] = "tab"};

static const struct {
  const char *mark, *name;
} quotes[] = {{"'", "quote"},
              {"`", "quasiquote"},
              {",@", "unquote-splicing"},
              {",", "unquote"}};
enum { QUOTES = sizeof quotes / sizeof quotes[0] };

/* --- reading -------------------------------------------------------------- */

/* Of a name: the end of the text is one, too. */
static bool is_delimiter(char c) {
  return isspace((unsigned char)c) || strchr("()\";'`,", c);
}

static bool line_read(struct scheme *s) {
  if (feof(s->in))
    return false;
  if (s->has_prompt)
    fputs(s->depth > 0 ? "  " : "> ", s->out), fflush(s->out);
  s->lines += s->has_lines;
  ssize_t length = getline(&s->text, &s->room, s->in);
  s->at = length >= 0 ? s->text : "";
  if (length < 0 && !feof(s->in) && !ferror(s->in))
    scheme_fail_memory(s);
  if (length >= 0 && strlen(s->text) != (size_t)length)
    scheme_fail(s, NULL, "line %u has a byte that is 0", s->lines);
  return length >= 0;
}

/* False: the text has ended. */
static bool skip_blanks(struct scheme *s) {
  do {
    s->at += strspn(s->at, " \t\r\n\f\v");
    if (*s->at != '\0' && *s->at != ';')
      return true;
  } while (line_read(s));
  return false;
}

static bool skip_mark(struct scheme *s, const char *mark) {
  bool is_here = strncmp(s->at, mark, strlen(mark)) == 0;
  s->at += is_here ? strlen(mark) : 0;
  return is_here;
}

/* Reads a form onto the stack. */
static void read_item(struct scheme *s) {
  scheme_push(s, NULL);
  gc_root *item = gc_root_stack_top(s->stack);
  scheme_read(s, item);
  if (gc_root_get(item) == SCHEME_END)
    scheme_fail(s, NULL, "the text ends too early: is a ) missing?");
}

/* Reads items up to a ) onto the stack; returns how many. *tail becomes the
   value after a dot, or (). */
static size_t read_items(struct scheme *s, gc_root *tail) {
  size_t count = 0;
  gc_root_set(s->m, tail, SCHEME_NIL);
  for (skip_blanks(s); !skip_mark(s, ")"); skip_blanks(s)) {
    bool is_dot = count > 0 && *s->at == '.' && is_delimiter(s->at[1]);
    if (gc_root_get(tail) != SCHEME_NIL)
      scheme_fail(s, NULL, "only one value may follow the dot");
    s->at += is_dot;
    read_item(s);
    if (is_dot)
      gc_root_stack_pop(s->m, s->stack, tail);
    else
      count++;
  }
  return count;
}

/* A list of the last values on the stack and *out, on this line. */
static void list_make(struct scheme *s, gc_root *out, size_t count,
                      uint32_t line) {
  if (count == 0)
    return;
  scheme_pop_list(s, out, count - 1);
  gc_ref pair = scheme_cons(s, out, SCHEME_SOURCE, s->stack->top - 1, out);
  *(uint32_t *)gc_bytes(pair) = line;
  gc_root_stack_drop(s->m, s->stack, 1);
}

/* Removes the escapes from the line, in place. */
static void read_string(struct scheme *s, gc_root *out) {
  char *begin = s->at, *end = begin;
  for (; *s->at != '"'; s->at++) {
    bool is_escaped = *s->at == '\\';
    s->at += is_escaped;
    if (*s->at == '\0' || *s->at == '\n')
      scheme_fail(s, NULL, "a string is not closed: \" is missing");
    *end++ = is_escaped && *s->at == 'n' ? '\n' : *s->at;
  }
  s->at++;
  scheme_make_text(s, out, SCHEME_STRING, begin, (size_t)(end - begin));
}

static gc_ref character(struct scheme *s, const char *name) {
  size_t c = (uint8_t)*name;
  if (name[1] != '\0')
    for (c = 0; !character_names[c] || strcmp(name, character_names[c]); c++)
      if (c == UINT8_MAX)
        scheme_fail(s, NULL, "there is no character with this name");
  return SCHEME_IMMEDIATE(SCHEME_CHARACTER, c);
}

/* False: it is no number. */
static bool read_number(struct scheme *s, gc_root *out, const char *token) {
  char *end, *real_end;
  long long whole = strtoll(token, &end, 10);
  double real = strtod(token, &real_end);
  if (!isdigit((unsigned char)token[strspn(token, "+-.")]) || *real_end != '\0')
    return false;
  if (*end == '\0' && whole >> 61 == whole >> 63)
    gc_root_set(s->m, out, scheme_fixnum(whole));
  else
    *scheme_double(scheme_make(s, out, SCHEME_FLONUM)) = real;
  return true;
}

static void read_token(struct scheme *s, gc_root *out) {
  char *token = s->at;
  bool is_character = strncmp(token, "#\\", 2) == 0 && token[2] != '\0';
  size_t length = is_character ? 3 : 0;
  while (!is_delimiter(token[length]))
    length++;
  char after = token[length];
  token[length] = '\0';
  if (is_character)
    gc_root_set(s->m, out, character(s, token + 2));
  else if (strcmp(token, "#t") == 0 || strcmp(token, "#f") == 0)
    gc_root_set(s->m, out, scheme_truth(token[1] == 't'));
  else if (*token == '#')
    scheme_fail(s, NULL, "a name may not begin with #");
  else if (!read_number(s, out, token))
    scheme_intern(s, out, token, length);
  token[length] = after;
  s->at += length;
}

/* Such as 'form, which is (quote form). False: no mark is here. */
static bool read_quoted(struct scheme *s, gc_root *out) {
  size_t i = 0, line = s->line;
  while (i < QUOTES && !skip_mark(s, quotes[i].mark))
    i++;
  if (i == QUOTES)
    return false;
  const char *name = quotes[i].name;
  scheme_push(s, scheme_intern(s, out, name, strlen(name)));
  read_item(s);
  gc_root_set(s->m, out, SCHEME_NIL);
  list_make(s, out, 2, line);
  return true;
}

static void read_form(struct scheme *s, gc_root *out) {
  uint32_t line = s->line;
  bool is_list = skip_mark(s, "(");
  if (is_list || skip_mark(s, "#(")) {
    size_t count = read_items(s, out);
    if (is_list)
      list_make(s, out, count, line);
    else if (gc_root_get(out) == SCHEME_NIL)
      scheme_pop_vector(s, out, count);
    else
      scheme_fail(s, NULL, "a vector has no dot");
  } else if (skip_mark(s, "\"")) {
    read_string(s, out);
  } else if (skip_mark(s, ")")) {
    scheme_fail(s, NULL, "there is a ) too many");
  } else if (!read_quoted(s, out)) {
    read_token(s, out);
  }
}

void scheme_read(struct scheme *s, gc_root *out) {
  bool has_more = skip_blanks(s);
  scheme_deeper(s);
  s->line = s->lines;
  if (has_more)
    read_form(s, out);
  else
    gc_root_set(s->m, out, SCHEME_END);
  s->depth--;
}

/* --- printing ------------------------------------------------------------- */

static void print_immediate(FILE *out, gc_ref value, bool text) {
  static const char *const constants[] = {"#f", "#t", "()", "", ""};
  uintptr_t data = scheme_immediate(value);
  if (scheme_is_fixnum(value))
    fprintf(out, "%lld", (long long)scheme_number(value));
  else if (scheme_is_immediate(value, SCHEME_PRIMITIVE))
    fprintf(out, "#<procedure %s>", scheme_primitives[data].name);
  else if (scheme_is_immediate(value, SCHEME_CONSTANT))
    fputs(constants[data], out);
  else if (text || character_names[data] == NULL)
    fprintf(out, text ? "%c" : "#\\%c", (char)data);
  else
    fprintf(out, "#\\%s", character_names[data]);
}

static void print_string(FILE *out, gc_ref string, bool text) {
  const char *at = gc_bytes(string), *end = at + gc_length(string);
  const char *quote = text ? "" : "\"";
  fputs(quote, out);
  for (; at < end; at++) {
    if (!text && (*at == '"' || *at == '\\'))
      fputc('\\', out);
    fputc(*at, out);
  }
  fputs(quote, out);
}

/* A list or a vector. An error message cuts a long list, or a ring. */
static void print_items(struct scheme *s, FILE *out, gc_ref value, bool text) {
  bool is_vector = scheme_is(value, SCHEME_VECTOR);
  fputs(is_vector ? "#(" : "(", out);
  for (size_t i = 0; !ferror(out) &&
                     (is_vector ? i < gc_length(value) : scheme_is_pair(value));
       i++) {
    fputs(i > 0 ? " " : "", out);
    scheme_print(s, out, is_vector ? gc_get(value, i) : scheme_car(value),
                 text);
    value = is_vector ? value : scheme_cdr(value);
  }
  if (!is_vector && value != SCHEME_NIL) {
    fputs(" . ", out);
    scheme_print(s, out, value, text);
  }
  fputc(')', out);
}

void scheme_print(struct scheme *s, FILE *out, gc_ref value, bool text) {
  if (++s->depth > SCHEME_DEPTH_MOST)
    fputs("...", out);
  else if (gc_is_immediate(value))
    print_immediate(out, value, text);
  else if (scheme_is_pair(value) || scheme_is(value, SCHEME_VECTOR))
    print_items(s, out, value, text);
  else if (scheme_is(value, SCHEME_SYMBOL))
    fwrite(gc_bytes(value), 1, gc_length(value), out);
  else if (scheme_is(value, SCHEME_STRING))
    print_string(out, value, text);
  else if (scheme_is(value, SCHEME_FLONUM))
    fprintf(out, "%.15g", *scheme_double(value));
  else
    fputs("#<procedure>", out);
  s->depth--;
}

void scheme_print_into(struct scheme *s, char *buffer, size_t size,
                       gc_ref value) {
  FILE *out = fmemopen(buffer, size, "w");
  if (out == NULL)
    scheme_fail_memory(s);
  s->depth = 0;
  scheme_print(s, out, value, false);
  fclose(out);
  buffer[size - 1] = '\0';
}
