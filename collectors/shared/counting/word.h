/* SPDX-License-Identifier: MIT */
/* The count word of an object, and the operations on it.

     31 ......... 7   6 ... 0
     count            flags

   The count is the number of references from slots, roots and buffers. In the
   upper half of its range it sticks, in two steps (as CPython 3.14 does):

     word below RC_STICKS     counts both ways; exact
     RC_STICKS … RC_FROZEN    counts up only: decrements are lost
     RC_FROZEN and above      neither

   Note [Sticking counts]
   A lost decrement leaves an object that is never freed; a lost increment
   would leave one that is freed too early. Increments are lost only from
   RC_FROZEN up. Counts below RC_STICKS are trusted. A frozen count could get
   there only by decrements in flight whose threads read an old word, and it
   would need as many of them as there are counts between the two bounds: 2^23
   threads at once, or 8 with the narrow counts that tests use. So a frozen
   count is never trusted again, and the object lives for ever.

   Every mutator writes the word, with atomic read-modify-writes. Plain writes
   are allowed only where Note [Sole holder] allows them, and when the object is
   dead.
 */
#ifndef RC_WORD_H
#define RC_WORD_H

#include "heap/object.h"

GC_PUBLIC_BEGIN

/* Tests build with 5, so that counts from 16 up stick. */
#ifndef RC_COUNT_BITS
#define RC_COUNT_BITS 25
#endif

enum rc_flags {
  /* A table may have entries for it: it may have weak references or external
     memory, or be an ephemeron. Set by a holder. */
  RC_HAS_WEAK = 1,
  RC_BUFFERED = 2, /* is in a candidate buffer (rc-cycle) */
  /* Two bits of colour (rc-cycle); changed while the world is stopped. */
  RC_COLOUR_SHIFT = 2,
  RC_COLOUR_MASK = 3 << RC_COLOUR_SHIFT,
  RC_BLACK = 0,
  RC_GREY = 1 << RC_COLOUR_SHIFT,
  /* Died while it was in a candidate buffer. The cell is freed when the entry
     is removed. Set last, by the thread that freed the rest of the object. */
  RC_HUSK = 2 << RC_COLOUR_SHIFT,
  /* How often trial deletion found it alive, up to 2. */
  RC_AGE_SHIFT = 4,
  RC_AGE_MASK = 3 << RC_AGE_SHIFT,
  /* May be the key of an ephemeron, and so lead to its value. Set by a holder,
     together with RC_HAS_WEAK. */
  RC_IS_KEY = 64,
  RC_MUTABLE_FLAGS = 127,
};

enum { RC_SHIFT = 32 - RC_COUNT_BITS };
#define RC_ONE    (UINT32_C(1) << RC_SHIFT)
#define RC_STICKS (UINT32_C(1) << 31)
#define RC_FROZEN (UINT32_C(3) << 30)
GC_STATIC_ASSERT(RC_SHIFT >= 7 && RC_COUNT_BITS >= 5, "room for flags, counts");
/* Between the two: an object that was made immortal. */
#define RC_IMMORTAL (RC_FROZEN | UINT32_C(1) << 29)

GC_INLINE uint32_t rc_word(gc_ref object) {
  return __atomic_load_n(&object->word, __ATOMIC_RELAXED);
}

GC_INLINE uint32_t rc_count_of(uint32_t word) {
  return word >> RC_SHIFT;
}

GC_INLINE bool rc_is_sticky(uint32_t word) {
  return word >= RC_STICKS;
}

/* The caller has a valid reference, so the count is not zero, and no order is
   needed. */
GC_INLINE void rc_increment(gc_ref object) {
  uint32_t word = rc_word(object);
  gc_assert(rc_count_of(word) != 0);
  if (GC_UNLIKELY(word >= RC_FROZEN))
    return;
  __atomic_fetch_add(&object->word, RC_ONE, __ATOMIC_RELAXED);
}

/* Returns the word before the decrement; `word` is a recent value of it. Only
   this result shows whether the count was the last; then the caller frees the
   object. Release: this thread's accesses to the object come before its death
   on another thread. Acquire: the thread that takes the last count sees the
   accesses of all others. */
GC_INLINE uint32_t rc_decrement_seen(gc_ref object, uint32_t word) {
  gc_assert(rc_count_of(word) != 0);
  if (GC_UNLIKELY(rc_is_sticky(word)))
    return word;
  uint32_t before = __atomic_fetch_sub(&object->word, RC_ONE, __ATOMIC_ACQ_REL);
  gc_assert(rc_count_of(before) != 0);
  return before;
}

GC_INLINE uint32_t rc_decrement(gc_ref object) {
  return rc_decrement_seen(object, rc_word(object));
}

GC_INLINE bool rc_was_last(uint32_t word_before) {
  return rc_count_of(word_before) == 1;
}

/* Raises a count unless it is zero: for weak references alone. Acquire pairs
   with the release of earlier decrements. */
GC_INLINE bool rc_try_increment(gc_ref object) {
  uint32_t word = rc_word(object);
  do {
    if (rc_count_of(word) == 0)
      return false;
    if (word >= RC_FROZEN)
      return true;
  } while (!__atomic_compare_exchange_n(&object->word, &word, word + RC_ONE,
                                        true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED));
  return true;
}

/* Note [Sole holder]
   Suppose that a thread owns a reference to an object: a private root, a slot
   of an object that it is freeing, or an entry in a buffer whose grace period
   has passed. If it sees a count of one, it may drop the count without an
   atomic operation, because no other thread can raise it. A thread that raises
   a count needs one of these: (a) a root: then the count would be two; (b) a
   raw reference loaded from another place: the count of that place is still
   there, or its decrement waits in a buffer for a grace period that this raw
   reference delays, so the count would be two; (c) a raw reference loaded from
   our place: no other thread loads from a private root; the object of a slot is
   dead, so it was in no root of theirs and its own grace periods are over; an
   entry is not loaded from; (d) a weak reference, or the death
   of an ephemeron's key: excluded by RC_HAS_WEAK, which only a holder sets, and
   we are the only holder. The acquire load pairs
   with the decrements by which former holders released. */
GC_INLINE uint32_t rc_word_acquire(gc_ref object) {
  return __atomic_load_n(&object->word, __ATOMIC_ACQUIRE);
}

GC_INLINE bool rc_is_sole(uint32_t word) {
  return (word & ~(uint32_t)(RC_MUTABLE_FLAGS & ~RC_HAS_WEAK)) == RC_ONE;
}

GC_PUBLIC_END

#endif
