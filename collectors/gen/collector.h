/* SPDX-License-Identifier: MIT */
/* The inline half of `gen`: a write barrier that tests the header of the
   holder, whose cache line the store needs anyway. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "collectors/shared/generational/inline.h"

GC_PUBLIC_BEGIN

/* For the shared code: Note [Kinds] in generational.h. */
enum { MARK_WHILE_RUNNING = 0, GEN_HAS_MIDDLE = 1 };

void gc_gen_remember(gc_mutator *, gc_ref holder, size_t slot, gc_ref value);

/* Called after a store: collections of younger generations must find the new
   references of old objects. GEN_BROKEN_BARRIER is for the test that shows that
   the verifier notices a broken barrier. */
#ifndef GEN_BROKEN_BARRIER
#define GEN_BROKEN_BARRIER 0
#endif
GC_INLINE void gc_gen_barrier(gc_mutator *m, gc_ref holder, size_t slot,
                              gc_ref value) {
  uint32_t word = __atomic_load_n(&holder->word, __ATOMIC_RELAXED);
  if (!GEN_BROKEN_BARRIER && GC_UNLIKELY(word & BLK_ARMED))
    gc_gen_remember(m, holder, slot, value);
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_check_store(m, object, slot, value);
  gc_count(m, ref_stores, 1);
  gc_slot_store(object, slot, value);
  gc_gen_barrier(m, object, slot, value);
}

GC_INLINE bool gc_cas(gc_mutator *m, gc_ref object, size_t slot,
                      gc_ref expected, gc_ref desired) {
  gc_check_store(m, object, slot, desired);
  gc_count(m, ref_stores, 1);
  bool done = gc_slot_cas(object, slot, expected, desired);
  if (done)
    gc_gen_barrier(m, object, slot, desired);
  else
    gc_count(m, failed_cas, 1);
  return done;
}

GC_INLINE int gc_generation_of(gc_ref object) {
  return gc_blk_generation_of(object);
}

GC_PUBLIC_END

#endif
