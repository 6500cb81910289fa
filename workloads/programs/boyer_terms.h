/* SPDX-License-Identifier: MIT */
/* Terms of the Boyer benchmark. A variable or a number is an immediate. Another
   term is a list: an operator, then its arguments. An operator is an object
   with a list of lemmas, each a cell of a pattern and what replaces it. */
#ifndef WORKLOAD_BOYER_TERMS_H
#define WORKLOAD_BOYER_TERMS_H

#include "workloads/programs/lisp.h"

enum { TERMS_SYMBOLS_MAX = 128 };

struct terms {
  struct lisp lisp;
  gc_root *operators; /* a table: by number of the symbol, or NULL */
  struct {
    const char *text;
    size_t length;
  } symbols[TERMS_SYMBOLS_MAX];
  size_t count; /* symbols */
  size_t op_count, lemma_count;
};

/* Makes the table in *operators, a root that lives as long as the terms. False,
   here and below: out of memory. */
bool terms_init(struct terms *, gc_mutator *, gc_root *operators);
/* The lemmas of operators contain operators. Takes the lemmas away, so that no
   cycle is left. */
void terms_finish(struct terms *);
/* The bytes of `terms_init` and of all operators. */
size_t terms_table_bytes(void);
size_t terms_operator_bytes(void);

/* Reads a term from *text, up to behind it. */
bool terms_read(struct terms *, const char **text, gc_root *out);
/* Reads pairs of a pattern and its replacement, and adds each to the front of
   the lemmas of the pattern's operator. */
bool terms_read_lemmas(struct terms *, const char *text);
/* Reads pairs of a variable and a term, and adds each to the front of *list. */
bool terms_read_pairs(struct terms *, const char *text, gc_root *list);

static inline bool terms_is_atom(gc_ref term) {
  return gc_is_immediate(term);
}

/* Variables are numbered from 0; numbers follow. */
static inline bool terms_is_number(gc_ref atom) {
  return gc_immediate_number(atom) >= TERMS_SYMBOLS_MAX;
}

static inline gc_ref terms_argument(gc_ref term, unsigned number) {
  for (; number > 0; number--)
    term = lisp_rest(term);
  return lisp_first(lisp_rest(term));
}

/* Compares whole terms, as the published program does, even if they are the
   same object. No safepoint. */
bool terms_are_equal(gc_ref a, gc_ref b);

#endif
