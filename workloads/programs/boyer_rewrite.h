/* SPDX-License-Identifier: MIT */
/* The rewriting of the Boyer benchmark. */
#ifndef WORKLOAD_BOYER_REWRITE_H
#define WORKLOAD_BOYER_REWRITE_H

#include "workloads/programs/boyer_terms.h"

struct rewriter {
  struct terms terms;
  gc_root *bindings; /* of the last match: a list of variable and term */
  bool is_shared;    /* makes no cell that would equal the one it has */
  uint64_t rewrites; /* so far */
};

/* Stores the term in *out, with its variables replaced by their bindings.
   False, here and below: out of memory. */
bool rewriter_instantiate(struct rewriter *, gc_root *out, gc_ref term);

/* Rewrites the arguments of a term, then the term itself by the first lemma
   whose pattern matches, and again, until none matches. Stores the result in
   *out. */
bool rewriter_rewrite(struct rewriter *, gc_root *out, gc_ref term);

#endif
