/* SPDX-License-Identifier: MIT */
#include "workloads/programs/boyer_rewrite.h"

/* --- matching ------------------------------------------------------------- */

/* The cell of variable and term in a list of bindings, or NULL. */
static gc_ref binding_of(gc_ref list, gc_ref variable) {
  while (list != NULL && lisp_first(lisp_first(list)) != variable)
    list = lisp_rest(list);
  return list == NULL ? NULL : lisp_first(list);
}

static bool bind(struct rewriter *r, gc_ref variable, gc_ref term) {
  struct lisp *lisp = &r->terms.lisp;
  GC_FRAME(lisp->m, f, variable, term, pair);
  gc_root_set(lisp->m, &f.variable, variable);
  gc_root_set(lisp->m, &f.term, term);
  return lisp_cell(lisp, &f.pair, &f.variable, &f.term) &&
         lisp_push(lisp, r->bindings, &f.pair);
}

static bool match_arguments(struct rewriter *r, gc_ref terms, gc_ref patterns);

/* Is the term an instance of the pattern? Binds the pattern's variables. Also
   false if out of memory. */
static bool match(struct rewriter *r, gc_ref term, gc_ref pattern) {
  if (terms_is_atom(pattern)) {
    gc_ref known = binding_of(gc_root_get(r->bindings), pattern);
    if (known != NULL)
      return terms_are_equal(term, lisp_rest(known));
    return terms_is_number(pattern) ? term == pattern : bind(r, pattern, term);
  }
  return !terms_is_atom(term) && lisp_first(term) == lisp_first(pattern) &&
         match_arguments(r, lisp_rest(term), lisp_rest(pattern));
}

static bool match_arguments(struct rewriter *r, gc_ref terms, gc_ref patterns) {
  gc_mutator *m = r->terms.lisp.m;
  GC_FRAME(m, f, terms, patterns);
  while (terms != NULL && patterns != NULL) {
    gc_root_set(m, &f.terms, terms);
    gc_root_set(m, &f.patterns, patterns);
    if (!match(r, lisp_first(terms), lisp_first(patterns)))
      return false;
    terms = lisp_rest(gc_root_get(&f.terms));
    patterns = lisp_rest(gc_root_get(&f.patterns));
  }
  return terms == patterns;
}

/* --- substitution --------------------------------------------------------- */

static bool instantiate_arguments(struct rewriter *r, gc_root *out,
                                  gc_ref list) {
  struct lisp *lisp = &r->terms.lisp;
  if (list == NULL)
    return true;
  GC_FRAME(lisp->m, f, list, first, rest);
  gc_root_set(lisp->m, &f.list, list);
  return rewriter_instantiate(r, &f.first, lisp_first(list)) &&
         instantiate_arguments(r, &f.rest, lisp_rest(gc_root_get(&f.list))) &&
         lisp_cell(lisp, out, &f.first, &f.rest);
}

bool rewriter_instantiate(struct rewriter *r, gc_root *out, gc_ref term) {
  struct lisp *lisp = &r->terms.lisp;
  if (terms_is_atom(term)) {
    gc_ref known = binding_of(gc_root_get(r->bindings), term);
    gc_root_set(lisp->m, out, known == NULL ? term : lisp_rest(known));
    return true;
  }
  GC_FRAME(lisp->m, f, op, arguments);
  gc_root_set(lisp->m, &f.op, lisp_first(term));
  return instantiate_arguments(r, &f.arguments, lisp_rest(term)) &&
         lisp_cell(lisp, out, &f.op, &f.arguments);
}

/* --- rewriting ------------------------------------------------------------ */

/* With `shared`, takes the original if it has these values, instead of a new
   cell of them. */
static bool is_unchanged(const struct rewriter *r, gc_ref original,
                         gc_ref first, gc_ref rest) {
  return r->is_shared && first == lisp_first(original) &&
         rest == lisp_rest(original);
}

/* Rewrites the values of a list, which may not be empty. */
static bool rewrite_arguments(struct rewriter *r, gc_root *out, gc_ref list) {
  gc_mutator *m = r->terms.lisp.m;
  GC_FRAME(m, f, list, first, rest);
  gc_root_set(m, &f.list, list);
  if (!rewriter_rewrite(r, &f.first, lisp_first(list)))
    return false;
  gc_ref next = lisp_rest(gc_root_get(&f.list));
  if (next != NULL && !rewrite_arguments(r, &f.rest, next))
    return false;
  if (is_unchanged(r, gc_root_get(&f.list), gc_root_get(&f.first),
                   gc_root_get(&f.rest))) {
    gc_root_move(m, out, &f.list);
    return true;
  }
  return lisp_cell(&r->terms.lisp, out, &f.first, &f.rest);
}

/* Rewrites the arguments of *term. */
static bool rewrite_below(struct rewriter *r, gc_root *term) {
  gc_mutator *m = r->terms.lisp.m;
  GC_FRAME(m, f, op, arguments);
  gc_ref arguments = lisp_rest(gc_root_get(term));
  if (arguments != NULL && !rewrite_arguments(r, &f.arguments, arguments))
    return false;
  gc_ref op = lisp_first(gc_root_get(term));
  if (is_unchanged(r, gc_root_get(term), op, gc_root_get(&f.arguments)))
    return true;
  gc_root_set(m, &f.op, op);
  return lisp_cell(&r->terms.lisp, term, &f.op, &f.arguments);
}

/* Replaces *term by what the first lemma that matches makes of it. False: no
   lemma matches, or out of memory. */
static bool rewrite_once(struct rewriter *r, gc_root *term) {
  gc_mutator *m = r->terms.lisp.m;
  GC_FRAME(m, f, lemmas);
  gc_ref lemmas = gc_get(lisp_first(gc_root_get(term)), 0);
  for (; lemmas != NULL; lemmas = lisp_rest(gc_root_get(&f.lemmas))) {
    gc_root_set(m, &f.lemmas, lemmas);
    gc_root_clear(m, r->bindings);
    if (match(r, gc_root_get(term), lisp_first(lisp_first(lemmas)))) {
      gc_ref lemma = lisp_first(gc_root_get(&f.lemmas));
      return rewriter_instantiate(r, term, lisp_rest(lemma));
    }
    if (r->terms.lisp.is_out_of_memory)
      return false;
  }
  return false;
}

bool rewriter_rewrite(struct rewriter *r, gc_root *out, gc_ref term) {
  gc_mutator *m = r->terms.lisp.m;
  gc_root_set(m, out, term);
  do {
    r->rewrites++;
    if (terms_is_atom(gc_root_get(out)))
      return true;
    if (!rewrite_below(r, out))
      return false;
  } while (rewrite_once(r, out));
  return !r->terms.lisp.is_out_of_memory;
}
