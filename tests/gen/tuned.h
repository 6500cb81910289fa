/* SPDX-License-Identifier: MIT */
/* A heap with a tuning, and what it does. */
#ifndef TESTS_GEN_TUNED_H
#define TESTS_GEN_TUNED_H

#include "tests/support/support.h"

struct pauses {
  size_t count[3];  /* of each generation */
  size_t held_most; /* bytes, after one of them */
};

/* With two markers; the calling thread is attached. */
gc_mutator *gen_open(struct pauses *, size_t heap_bytes, const char *tuning);
void gen_close(gc_mutator *);
gc_ref gen_node_new(gc_mutator *, gc_root *out);
void gen_make_garbage(gc_mutator *, size_t bytes);

#endif
