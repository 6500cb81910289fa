/* SPDX-License-Identifier: MIT */
/* The flags in the word of an object, the same for all counting collectors. The
   bits above them hold the count: one for all threads in atomic.h, two halves
   in collectors/rc-biased/biased.h. A collector.h includes one of these before
   counting.h. */
#ifndef RC_WORD_H
#define RC_WORD_H

#include "heap/object.h"

GC_PUBLIC_BEGIN

#ifndef RC_CYCLES
#define RC_CYCLES 0
#endif

enum rc_flags {
  /* A table may have entries for it: it may have weak references or external
     memory, or be an ephemeron. Set by a holder. */
  RC_HAS_WEAK = 1,
  RC_BUFFERED = 2, /* is in a candidate buffer (rc-cycle) */
  /* Two bits of colour (rc-cycle); changed while the world is stopped. Black:
     no pass has examined the object since it was made. */
  RC_COLOUR_SHIFT = 2,
  RC_COLOUR_MASK = 3 << RC_COLOUR_SHIFT,
  RC_BLACK = 0,
  RC_GREY = 1 << RC_COLOUR_SHIFT,
  /* Died while it was in a candidate buffer. The cell is freed when the entry
     is removed. Set last, by the thread that freed the rest of the object. */
  RC_HUSK = 2 << RC_COLOUR_SHIFT,
  /* A pass has examined the object, and found it alive. */
  RC_SEEN = 3 << RC_COLOUR_SHIFT,
  /* How often trial deletion found it alive, up to 2. */
  RC_AGE_SHIFT = 4,
  RC_AGE_MASK = 3 << RC_AGE_SHIFT,
  /* May be the key of an ephemeron, and so lead to its value. Set by a holder,
     together with RC_HAS_WEAK. */
  RC_IS_KEY = 64,
  RC_MUTABLE_FLAGS = 127,
};

GC_INLINE uint32_t rc_word(gc_ref object) {
  return __atomic_load_n(&object->word, __ATOMIC_RELAXED);
}

/* For Note [Sole holder]. */
GC_INLINE uint32_t rc_word_acquire(gc_ref object) {
  return __atomic_load_n(&object->word, __ATOMIC_ACQUIRE);
}

/* Sets flags of an object that the caller holds. Returns the word before. */
GC_INLINE uint32_t rc_flags_set(gc_ref object, uint32_t flags) {
  gc_assert((flags & ~(uint32_t)RC_MUTABLE_FLAGS) == 0);
  return __atomic_fetch_or(&object->word, flags, __ATOMIC_ACQ_REL);
}

/* Has a pass examined the object, and is it in no buffer? Then it becomes a
   candidate when a count is given up: Note [Closing stores]. */
GC_INLINE bool rc_flags_may_buffer(uint32_t flags) {
  return RC_CYCLES && (flags & (RC_BUFFERED | RC_COLOUR_MASK)) == RC_SEEN;
}

/* Lets go of a count, and makes the object a candidate, unless it cannot be in
   a cycle now. True: the count was the last after all. `word` is a recent
   value. Only if RC_CYCLES is 1. */
bool gc_rc_let_go_shared(gc_mutator *, gc_ref object, uint32_t word);

GC_PUBLIC_END

#endif
