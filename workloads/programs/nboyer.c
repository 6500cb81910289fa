/* SPDX-License-Identifier: MIT */
/* nboyer: a theorem prover that rewrites a term with lemmas until none matches,
   and then checks that the result is a tautology. Robert S. Boyer, 1985; in the
   form of William D. Clinger, "nboyer", 1997, with a parameter `n` that scales
   the term and a known number of rewrites. With `shared` it is "sboyer": where
   a rewritten term would equal the one before, that is used and no cell is made
   (Henry G. Baker, "The Boyer Benchmark Meets Linear Logic", ACM Lisp Pointers
   6(4), 1993). Each thread proves for itself. */
#include <string.h>

#include "workloads/programs/boyer_lemmas.h"
#include "workloads/programs/boyer_rewrite.h"

enum { N, SHARED };

enum { GREATEST_N = 5 };

/* The rewrites are published. The cells that are made, and the most that live,
   were counted; they are the same in each collector. By `shared`. */
static const struct {
  uint64_t rewrites;
  size_t made[2], live[2];
} known[GREATEST_N + 1] = {
    {95024, {256215, 84337}, {62249, 9150}},
    {591777, {1609214, 549059}, {213843, 51609}},
    {1813975, {4641541, 1284954}, {536585, 175920}},
    {5375678, {13038192, 2825821}, {1504805, 524039}},
    {16445406, {38506835, 6781604}, {4409429, 1568350}},
    {51507739, {118128514, 17982135}, {13123265, 4701237}},
};

/* Of the lemmas and the theorem. */
enum { OPERATORS = 88 };

/* Of the operators and their table. */
static size_t table_bytes(void) {
  return terms_table_bytes() + OPERATORS * terms_operator_bytes();
}

struct prover {
  struct rewriter rewriter;
  gc_root *truth, *falsity, *conditional; /* (t), (f), (if) */
  char theorem[256];
};

/* --- tautologies ---------------------------------------------------------- */

static bool is_among(gc_ref term, const gc_root *constant,
                     const gc_root *list) {
  bool found = terms_are_equal(term, gc_root_get(constant));
  for (gc_ref l = gc_root_get(list); !found && l != NULL; l = lisp_rest(l))
    found = terms_are_equal(term, lisp_first(l));
  return found;
}

static bool is_if(const struct prover *p, gc_ref term) {
  return !terms_is_atom(term) &&
         lisp_first(term) == lisp_first(gc_root_get(p->conditional));
}

static bool is_tautology(struct prover *p, gc_ref term, gc_ref true_terms,
                         gc_ref false_terms);

/* Is the term one if this condition is true, and if it is false? */
static bool holds_in_both(struct prover *p, const gc_root *term,
                          const gc_root *true_terms,
                          const gc_root *false_terms) {
  struct lisp *lisp = &p->rewriter.terms.lisp;
  GC_FRAME(lisp->m, f, condition, terms);
  gc_root_set(lisp->m, &f.condition, terms_argument(gc_root_get(term), 0));
  gc_root_set(lisp->m, &f.terms, gc_root_get(true_terms));
  if (!lisp_push(lisp, &f.terms, &f.condition) ||
      !is_tautology(p, terms_argument(gc_root_get(term), 1),
                    gc_root_get(&f.terms), gc_root_get(false_terms)))
    return false;
  gc_root_set(lisp->m, &f.condition, terms_argument(gc_root_get(term), 0));
  gc_root_set(lisp->m, &f.terms, gc_root_get(false_terms));
  return lisp_push(lisp, &f.terms, &f.condition) &&
         is_tautology(p, terms_argument(gc_root_get(term), 2),
                      gc_root_get(true_terms), gc_root_get(&f.terms));
}

/* Is the term true, where some terms are known to be true, and some false? Also
   false if out of memory. */
static bool is_tautology(struct prover *p, gc_ref start, gc_ref true_terms,
                         gc_ref false_terms) {
  gc_mutator *m = p->rewriter.terms.lisp.m;
  GC_FRAME(m, f, term, true_terms, false_terms);
  gc_root_set(m, &f.true_terms, true_terms);
  gc_root_set(m, &f.false_terms, false_terms);
  for (gc_ref term = start;;) {
    gc_root_set(m, &f.term, term);
    if (is_among(term, p->truth, &f.true_terms))
      return true;
    if (is_among(term, p->falsity, &f.false_terms) || !is_if(p, term))
      return false;
    gc_ref condition = terms_argument(term, 0);
    if (is_among(condition, p->truth, &f.true_terms))
      term = terms_argument(term, 1);
    else if (is_among(condition, p->falsity, &f.false_terms))
      term = terms_argument(term, 2);
    else
      return holds_in_both(p, &f.term, &f.true_terms, &f.false_terms);
  }
}

/* --- the proof ------------------------------------------------------------ */

static bool read_all(struct prover *p) {
  struct terms *terms = &p->rewriter.terms;
  const char *truth = "(t)", *falsity = "(f)", *conditional = "(if)";
  return terms_read_lemmas(terms, boyer_lemmas) &&
         terms_read(terms, &truth, p->truth) &&
         terms_read(terms, &falsity, p->falsity) &&
         terms_read(terms, &conditional, p->conditional) &&
         terms_read_pairs(terms, boyer_bindings, p->rewriter.bindings);
}

/* The theorem, `n` times with "or false" around it. */
static bool state(struct prover *p, int64_t n, gc_root *out) {
  GC_FRAME(p->rewriter.terms.lisp.m, f, theorem);
  for (int64_t i = 0; i < n; i++)
    strcat(p->theorem, "(or ");
  strcat(p->theorem, boyer_theorem);
  for (int64_t i = 0; i < n; i++)
    strcat(p->theorem, " (f))");
  const char *text = p->theorem;
  return terms_read(&p->rewriter.terms, &text, &f.theorem) &&
         rewriter_instantiate(&p->rewriter, out, gc_root_get(&f.theorem));
}

static bool prove(struct prover *p, int64_t n) {
  GC_FRAME(p->rewriter.terms.lisp.m, f, theorem, normal);
  return read_all(p) && state(p, n, &f.theorem) &&
         rewriter_rewrite(&p->rewriter, &f.normal, gc_root_get(&f.theorem)) &&
         is_tautology(p, gc_root_get(&f.normal), NULL, NULL);
}

static bool run(struct workload_thread *t) {
  GC_FRAME(t->m, f, operators, bindings, truth, falsity, conditional);
  struct prover p = {
      .truth = &f.truth, .falsity = &f.falsity, .conditional = &f.conditional};
  p.rewriter.bindings = &f.bindings;
  p.rewriter.is_shared = t->setup->param[SHARED] != 0;
  struct terms *terms = &p.rewriter.terms;
  if (!terms_init(terms, t->m, &f.operators))
    return false;
  bool is_proved = prove(&p, t->setup->param[N]);
  terms_finish(terms);
  t->figures.ops = p.rewriter.rewrites;
  t->figures.checksum = is_proved ? p.rewriter.rewrites : 0;
  lisp_figures(&terms->lisp, &t->figures, 1 + terms->op_count,
               terms_table_bytes() + terms->op_count * terms_operator_bytes(),
               2 * terms->op_count + terms->lemma_count);
  return !terms->lisp.is_out_of_memory;
}

/* --- the card ------------------------------------------------------------- */

static size_t live_bytes(const struct workload_setup *setup) {
  const int64_t *param = setup->param;
  size_t cells = known[param[N]].live[param[SHARED]];
  return setup->threads * (table_bytes() + cells * lisp_size());
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  const int64_t *param = setup->param;
  size_t cells = known[param[N]].made[param[SHARED]];
  return setup->threads * (table_bytes() + cells * lisp_size());
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  bool right =
      workload_checksums_are(threads, known[main->setup->param[N]].rewrites);
  return right ? NULL : "no proof, or not with the published rewrites";
}

static const struct workload_param params[] = {
    [N] = {"n", 0, GREATEST_N, {1, 4, 5}, "scales the term"},
    [SHARED] =
        {"shared", 0, 1, {0, 0, 0}, "1: sboyer, which makes fewer cells"},
    {0},
};

const struct workload workload_nboyer = {
    .name = "nboyer",
    .summary = "A theorem prover rewrites a term with lemmas",
    .stresses = "many small cells; terms that live long and are shared",
    .params = params,
    .live_bytes = live_bytes,
    .live_is_bound = true,
    .alloc_bytes = alloc_bytes,
    .run = run,
    .check = check,
};
