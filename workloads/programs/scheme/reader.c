/* SPDX-License-Identifier: MIT */
/* The reader and the printer. Each pair that is read has its line, so that
   errors can name it. */
#include <ctype.h>
#include <stdlib.h>

#include "workloads/programs/scheme/scheme.h"

enum { TOKEN_MOST = 255 };

static const char *const character_names[UINT8_MAX + 1] = {
    [' '] = "space", ['\n'] = "newline", ['\t'] = "tab"};

static const struct {
  const char *mark, *name;
} quotes[] = {{"'", "quote"},
              {"`", "quasiquote"},
              {",@", "unquote-splicing"},
              {",", "unquote"}};

/* --- reading -------------------------------------------------------------- */

static bool is_delimiter(char c) {
  return c == '\0' || isspace((unsigned char)c) || strchr("()\";'`,", c);
}

static void skip_blanks(struct scheme *s) {
  for (; isspace((unsigned char)*s->at) || *s->at == ';'; s->at++) {
    if (*s->at == ';')
      s->at += strcspn(s->at, "\n");
    if (*s->at == '\0')
      return;
    s->line += *s->at == '\n';
  }
}

/* (item), with the line of the item. Empties *item. */
static gc_ref source_pair(struct scheme *s, gc_root *out, gc_root *item,
                          uint32_t line) {
  gc_ref pair = scheme_make(s, out, SCHEME_SOURCE);
  *(uint32_t *)gc_bytes(pair) = line;
  scheme_move(s, pair, SCHEME_CAR, item);
  scheme_set(s, pair, SCHEME_CDR, SCHEME_NIL);
  return pair;
}

static void read_required(struct scheme *s, gc_root *out) {
  scheme_read(s, out);
  if (gc_root_get(out) == SCHEME_END)
    scheme_fail(s, "the text ends too early: is a ) missing?", NULL);
}

static void read_list(struct scheme *s, gc_root *out) {
  GC_FRAME(s->m, f, last, item, pair);
  gc_root_set(s->m, out, SCHEME_NIL);
  for (skip_blanks(s); *s->at != ')'; skip_blanks(s)) {
    uint32_t line = s->line;
    bool is_dot = *s->at == '.' && is_delimiter(s->at[1]);
    if (is_dot && gc_root_get(&f.last) != NULL) {
      s->at++;
      read_required(s, &f.item);
      scheme_move(s, gc_root_get(&f.last), SCHEME_CDR, &f.item);
      skip_blanks(s);
      if (*s->at != ')')
        scheme_fail(s, "only one value may follow the dot", NULL);
      break;
    }
    read_required(s, &f.item);
    gc_ref pair = source_pair(s, &f.pair, &f.item, line);
    if (gc_root_get(&f.last) == NULL)
      gc_root_set(s->m, out, pair);
    else
      scheme_set(s, gc_root_get(&f.last), SCHEME_CDR, pair);
    gc_root_move(s->m, &f.last, &f.pair);
  }
  s->at++;
}

static void read_string(struct scheme *s, gc_root *out) {
  size_t length = 0;
  for (const char *at = s->at; *at != '"'; at++, length++) {
    at += *at == '\\';
    if (*at == '\0')
      scheme_fail(s, "a string is not closed: \" is missing", NULL);
  }
  char *to = gc_bytes(scheme_make_array(s, out, SCHEME_STRING, length));
  for (; *s->at != '"'; s->at++) {
    bool is_escaped = *s->at == '\\';
    s->at += is_escaped;
    s->line += *s->at == '\n';
    *to++ = is_escaped && *s->at == 'n' ? '\n' : *s->at;
  }
  s->at++;
}

/* (name form) */
static void read_quoted(struct scheme *s, gc_root *out, const char *name) {
  GC_FRAME(s->m, f, form, symbol, list);
  uint32_t line = s->line;
  read_required(s, &f.form);
  source_pair(s, &f.list, &f.form, line);
  scheme_intern(s, &f.symbol, name, strlen(name));
  gc_ref pair = source_pair(s, out, &f.symbol, line);
  scheme_move(s, pair, SCHEME_CDR, &f.list);
}

static gc_ref character(struct scheme *s, const char *name) {
  size_t c = (uint8_t)*name;
  if (name[1] != '\0')
    for (c = 0; !character_names[c] || strcmp(name, character_names[c]); c++)
      if (c == UINT8_MAX)
        scheme_fail(s, "there is no character with this name", NULL);
  return SCHEME_IMMEDIATE(SCHEME_CHARACTER, c);
}

/* False: it is no number. */
static bool read_number(struct scheme *s, gc_root *out, const char *token) {
  char *end, *real_end;
  long long whole = strtoll(token, &end, 10);
  double real = strtod(token, &real_end);
  size_t sign = *token == '-' || *token == '+';
  if (*real_end != '\0' || !strchr(".0123456789", token[sign]) ||
      token[sign] == '\0' || token[strspn(token, "+-.")] == '\0')
    return false;
  if (*end == '\0' && whole >> 60 == (whole < 0 ? -1 : 0))
    gc_root_set(s->m, out, scheme_fixnum(whole));
  else
    scheme_flonum(s, out, real);
  return true;
}

static void read_token(struct scheme *s, gc_root *out) {
  char token[TOKEN_MOST + 1];
  bool is_character = s->at[0] == '#' && s->at[1] == '\\' && s->at[2] != '\0';
  size_t length = is_character ? 3 : 0;
  while (!is_delimiter(s->at[length]))
    length++;
  if (length > TOKEN_MOST)
    scheme_fail(s, "a name is too long", NULL);
  memcpy(token, s->at, length);
  token[length] = '\0';
  s->at += length;
  if (is_character)
    gc_root_set(s->m, out, character(s, token + 2));
  else if (strcmp(token, "#t") == 0 || strcmp(token, "#f") == 0)
    gc_root_set(s->m, out, scheme_truth(token[1] == 't'));
  else if (*token == '#')
    scheme_fail(s, "a name may not begin with #", NULL);
  else if (!read_number(s, out, token))
    scheme_intern(s, out, token, length);
}

static bool skip_mark(struct scheme *s, const char *mark) {
  bool is_here = strncmp(s->at, mark, strlen(mark)) == 0;
  s->at += is_here ? strlen(mark) : 0;
  return is_here;
}

static void read_form(struct scheme *s, gc_root *out) {
  for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++)
    if (skip_mark(s, quotes[i].mark)) {
      read_quoted(s, out, quotes[i].name);
      return;
    }
  if (skip_mark(s, "(")) {
    read_list(s, out);
  } else if (skip_mark(s, "#(")) {
    GC_FRAME(s->m, f, list);
    read_list(s, &f.list);
    scheme_list_to_vector(s, out, &f.list);
  } else if (skip_mark(s, "\"")) {
    read_string(s, out);
  } else if (skip_mark(s, ")")) {
    scheme_fail(s, "there is a ) too many", NULL);
  } else {
    read_token(s, out);
  }
}

void scheme_read(struct scheme *s, gc_root *out) {
  skip_blanks(s);
  scheme_deeper(s);
  if (*s->at == '\0')
    gc_root_set(s->m, out, SCHEME_END);
  else
    read_form(s, out);
  s->depth--;
}

/* --- printing ------------------------------------------------------------- */

static void print_character(FILE *out, uint8_t c, bool text) {
  if (text)
    fputc(c, out);
  else if (character_names[c] != NULL)
    fprintf(out, "#\\%s", character_names[c]);
  else
    fprintf(out, "#\\%c", c);
}

static void print_immediate(FILE *out, gc_ref value, bool text) {
  static const char *const constants[] = {"#f", "#t", "()", "", ""};
  uintptr_t data = scheme_immediate(value);
  if (scheme_is_fixnum(value))
    fprintf(out, "%lld", (long long)scheme_number(value));
  else if (scheme_is_immediate(value, SCHEME_CHARACTER))
    print_character(out, (uint8_t)data, text);
  else if (scheme_is_immediate(value, SCHEME_PRIMITIVE))
    fprintf(out, "#<procedure %s>", scheme_primitives[data].name);
  else
    fputs(constants[data], out);
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

static void print_list(struct scheme *s, FILE *out, gc_ref list, bool text) {
  const char *before = "("; /* an error message cuts a long list, or a ring */
  for (; scheme_is_pair(list) && !ferror(out); list = scheme_cdr(list)) {
    fputs(before, out);
    before = " ";
    scheme_print(s, out, scheme_car(list), text);
  }
  if (list != SCHEME_NIL) {
    fputs(" . ", out);
    scheme_print(s, out, list, text);
  }
  fputc(')', out);
}

static void print_vector(struct scheme *s, FILE *out, gc_ref vector,
                         bool text) {
  fputs("#(", out);
  for (size_t i = 0; i < gc_length(vector); i++) {
    fputs(i > 0 ? " " : "", out);
    scheme_print(s, out, gc_get(vector, i), text);
  }
  fputc(')', out);
}

void scheme_print(struct scheme *s, FILE *out, gc_ref value, bool text) {
  if (++s->depth > SCHEME_DEPTH_MOST)
    fputs("...", out);
  else if (gc_is_immediate(value))
    print_immediate(out, value, text);
  else if (scheme_is_pair(value))
    print_list(s, out, value, text);
  else if (scheme_is(value, SCHEME_SYMBOL))
    fwrite(gc_bytes(value), 1, gc_length(value), out);
  else if (scheme_is(value, SCHEME_STRING))
    print_string(out, value, text);
  else if (scheme_is(value, SCHEME_FLONUM))
    fprintf(out, "%.15g", *scheme_double(value));
  else if (scheme_is(value, SCHEME_VECTOR))
    print_vector(s, out, value, text);
  else
    fputs("#<procedure>", out);
  s->depth--;
}
