/* SPDX-License-Identifier: MIT */
#include "workloads/programs/boyer_terms.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static gc_type operator_type(void) {
  return workload_type(&(struct gc_type_desc){.name = "operator", .refs = 1});
}

bool terms_init(struct terms *terms, gc_mutator *m, gc_root *operators) {
  *terms = (struct terms){.lisp = lisp_make(m), .operators = operators};
  return gc_new_array(m, operators, workload_table_type(), TERMS_SYMBOLS_MAX) !=
         NULL;
}

void terms_finish(struct terms *terms) {
  for (size_t i = 0; i < terms->count; i++) {
    gc_ref op = gc_get(gc_root_get(terms->operators), i);
    if (op != NULL)
      gc_set(terms->lisp.m, op, 0, NULL);
  }
}

size_t terms_table_bytes(void) {
  return gc_size_for(workload_table_type(), TERMS_SYMBOLS_MAX);
}

size_t terms_operator_bytes(void) {
  return gc_size_for(operator_type(), 0);
}

bool terms_are_equal(gc_ref a, gc_ref b) {
  if (terms_is_atom(a) || terms_is_atom(b))
    return a == b;
  if (lisp_first(a) != lisp_first(b))
    return false;
  do {
    a = lisp_rest(a);
    b = lisp_rest(b);
    if (a == NULL || b == NULL)
      return a == b;
  } while (terms_are_equal(lisp_first(a), lisp_first(b)));
  return false;
}

/* --- reading -------------------------------------------------------------- */

static void skip_space(const char **text) {
  *text += strspn(*text, " ");
}

/* Reads a name; the same name has the same number. */
static size_t read_symbol(struct terms *terms, const char **text) {
  const char *start = *text;
  size_t length = strcspn(start, " ()"), i = 0;
  *text += length;
  while (i < terms->count && (terms->symbols[i].length != length ||
                              memcmp(terms->symbols[i].text, start, length)))
    i++;
  if (i == terms->count) {
    gc_assert_always(i < TERMS_SYMBOLS_MAX);
    terms->symbols[i].text = start;
    terms->symbols[i].length = length;
    terms->count++;
  }
  return i;
}

static bool read_operator(struct terms *terms, const char **text,
                          gc_root *out) {
  size_t symbol = read_symbol(terms, text);
  gc_mutator *m = terms->lisp.m;
  gc_root_set(m, out, gc_get(gc_root_get(terms->operators), symbol));
  if (gc_root_get(out) != NULL)
    return true;
  if (gc_new(m, out, operator_type()) == NULL) {
    terms->lisp.is_out_of_memory = true;
    return false;
  }
  gc_set(m, gc_root_get(terms->operators), symbol, gc_root_get(out));
  terms->op_count++;
  return true;
}

static bool read_arguments(struct terms *terms, const char **text,
                           gc_root *out) {
  GC_FRAME(terms->lisp.m, f, first, rest);
  skip_space(text);
  if (**text == ')') {
    ++*text;
    return true;
  }
  return terms_read(terms, text, &f.first) &&
         read_arguments(terms, text, &f.rest) &&
         lisp_cell(&terms->lisp, out, &f.first, &f.rest);
}

static intptr_t read_number(const char **text) {
  char *end;
  long number = strtol(*text, &end, 10);
  *text = end;
  return TERMS_SYMBOLS_MAX + number;
}

static bool read_compound(struct terms *terms, const char **text,
                          gc_root *out) {
  GC_FRAME(terms->lisp.m, f, op, arguments);
  return read_operator(terms, text, &f.op) &&
         read_arguments(terms, text, &f.arguments) &&
         lisp_cell(&terms->lisp, out, &f.op, &f.arguments);
}

bool terms_read(struct terms *terms, const char **text, gc_root *out) {
  skip_space(text);
  if (**text == '(') {
    ++*text;
    return read_compound(terms, text, out);
  }
  intptr_t number =
      isdigit(**text) ? read_number(text) : (intptr_t)read_symbol(terms, text);
  gc_root_set(terms->lisp.m, out, gc_immediate(number));
  return true;
}

/* Reads two terms, as a cell. */
static bool read_pair(struct terms *terms, const char **text, gc_root *out) {
  GC_FRAME(terms->lisp.m, f, first, second);
  return terms_read(terms, text, &f.first) &&
         terms_read(terms, text, &f.second) &&
         lisp_cell(&terms->lisp, out, &f.first, &f.second);
}

bool terms_read_pairs(struct terms *terms, const char *text, gc_root *list) {
  GC_FRAME(terms->lisp.m, f, pair);
  for (skip_space(&text); *text != '\0'; skip_space(&text))
    if (!read_pair(terms, &text, &f.pair) ||
        !lisp_push(&terms->lisp, list, &f.pair))
      return false;
  return true;
}

static bool add_lemma(struct terms *terms, gc_root *lemma) {
  GC_FRAME(terms->lisp.m, f, op, lemmas);
  gc_ref pattern = lisp_first(gc_root_get(lemma));
  gc_root_set(terms->lisp.m, &f.op, lisp_first(pattern));
  gc_root_set(terms->lisp.m, &f.lemmas, gc_get(gc_root_get(&f.op), 0));
  if (!lisp_push(&terms->lisp, &f.lemmas, lemma))
    return false;
  gc_set_move(terms->lisp.m, gc_root_get(&f.op), 0, &f.lemmas);
  return true;
}

bool terms_read_lemmas(struct terms *terms, const char *text) {
  GC_FRAME(terms->lisp.m, f, lemma);
  for (skip_space(&text); *text != '\0'; skip_space(&text)) {
    if (!read_pair(terms, &text, &f.lemma) || !add_lemma(terms, &f.lemma))
      return false;
    terms->lemma_count++;
  }
  return true;
}
