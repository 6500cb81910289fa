/* SPDX-License-Identifier: MIT */
/* The inline half of `gen-concurrent`: one test of the holder's header before
   each store, for two purposes: Note [One bit, two barriers] in snapshot.c. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "collectors/shared/generational/inline.h"

GC_PUBLIC_BEGIN

/* For the shared code: Note [Kinds] in generational.h. */
enum { MARK_WHILE_RUNNING = 1, GEN_HAS_MIDDLE = 0 };

enum { GEN_SNAPSHOT = 256 };
struct gen_concurrent_mutator {
  struct gen_mutator base;
  double owed; /* owner: objects that it must mark: pacing.c */
  /* Owner; the stopper: old values that the marker must reach. */
  size_t logged;
  gc_ref snapshot[GEN_SNAPSHOT];
};

void gc_gen_store_begin(gc_mutator *, gc_ref holder, size_t slot, gc_ref value);

/* GEN_BROKEN_BARRIER is for the test that shows that the verifier notices a
   broken barrier. */
#ifndef GEN_BROKEN_BARRIER
#define GEN_BROKEN_BARRIER 0
#endif
GC_INLINE void gc_gen_barrier(gc_mutator *m, gc_ref holder, size_t slot,
                              gc_ref value) {
  uint32_t word = __atomic_load_n(&holder->word, __ATOMIC_RELAXED);
  if (!GEN_BROKEN_BARRIER && GC_UNLIKELY(word & BLK_ARMED))
    gc_gen_store_begin(m, holder, slot, value);
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_check_store(m, object, slot, value);
  gc_count(m, ref_stores, 1);
  gc_gen_barrier(m, object, slot, value);
  gc_slot_store(object, slot, value);
}

/* An exchange that fails has logged and remembered for nothing. */
GC_INLINE bool gc_cas(gc_mutator *m, gc_ref object, size_t slot,
                      gc_ref expected, gc_ref desired) {
  gc_check_store(m, object, slot, desired);
  gc_count(m, ref_stores, 1);
  gc_gen_barrier(m, object, slot, desired);
  bool done = gc_slot_cas(object, slot, expected, desired);
  if (!done)
    gc_count(m, failed_cas, 1);
  return done;
}

/* Programs see two generations. */
GC_INLINE int gc_generation_of(gc_ref object) {
  return gc_blk_generation_of(object) != 0;
}

GC_PUBLIC_END

#endif
