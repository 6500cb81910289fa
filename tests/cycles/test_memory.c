/* SPDX-License-Identifier: MIT */
/* A pass needs no memory: without any it forgets no candidate. This program is
   linked so that malloc comes here first. */
#include <stdlib.h>

#include "tests/support/support.h"

static bool is_exhausted;

void *__real_malloc(size_t);
void *__wrap_malloc(size_t);
void *__wrap_malloc(size_t bytes) {
  return is_exhausted ? NULL : __real_malloc(bytes);
}

enum { RINGS = 3000 };

/* Two objects that refer to each other, in slot `i` of what is kept. */
static void make_ring(gc_mutator *m, const gc_root *kept, size_t i) {
  GC_FRAME(m, f, a, b);
  CHECK(test_make(m, &f.a, test_node, i) != NULL);
  CHECK(test_make(m, &f.b, test_node, i) != NULL);
  gc_set(m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
  gc_set(m, gc_root_get(&f.b), 0, gc_root_get(&f.a));
  gc_set(m, gc_root_get(kept), i, gc_root_get(&f.a));
}

static void visit_rings(gc_mutator *m, const gc_root *kept) {
  GC_FRAME(m, f, ring);
  for (size_t i = 0; i < RINGS; i++)
    gc_root_set(m, &f.ring, gc_get(gc_root_get(kept), i));
}

static void drop_rings(gc_mutator *m, const gc_root *kept) {
  for (size_t i = 0; i < RINGS; i++)
    gc_set(m, gc_root_get(kept), i, NULL);
  gc_safepoint(m);
}

/* A young pass sorts the older candidates by age, which takes chunks; those
   that get none are looked at sooner. */
static void no_candidate_is_lost(gc_mutator *m) {
  GC_FRAME(m, f, kept);
  CHECK(gc_new_array(m, &f.kept, test_refs, RINGS) != NULL);
  for (size_t i = 0; i < RINGS; i++)
    make_ring(m, &f.kept, i);
  CHECK(gc_collect(m, GC_FULL) == 0);
  visit_rings(m, &f.kept);
  drop_rings(m, &f.kept);
  is_exhausted = true;
  size_t dead = gc_collect(m, 0);
  dead += gc_collect(m, GC_FULL);
  is_exhausted = false;
  CHECK(dead == 2 * RINGS);
}

int main(void) {
  gc_mutator *m = test_open(0);
  gc_threshold_set(m->heap, 0, 0);
  no_candidate_is_lost(m);
  test_close(m);
  return 0;
}
