/* SPDX-License-Identifier: MIT */
/* The count word of an object, and the operations on it.

     31 ......... 6   5 ... 0
     count            flags

   The count is what slots, roots and buffers hold. Its upper half is a band
   that makes it stick, in two steps (as CPython 3.14 does):

     word below RC_STICKS     counts both ways; exact
     RC_STICKS … RC_FROZEN    counts up only: decrements are lost
     RC_FROZEN and above      neither

   Note [Sticking counts]
   A lost decrement leaves an object that is never freed; a lost increment
   would leave one that is freed too early. Increments are lost only from
   RC_FROZEN up. To come down from there below RC_STICKS, where a count is
   believed, decrements that had read an old word would have to be in flight,
   as many as lie between the two: 2^24 threads at once. With the narrow
   counts that tests use it is 8. So a count once frozen is never believed
   again, and the object lives for ever.

   Every mutator writes the word, with atomic read-modify-writes. Plain writes
   are allowed only where Note [Sole holder] allows them, and when the object is
   dead.
 */
#ifndef RC_WORD_H
#define RC_WORD_H

#include "heap/object.h"

/* Tests build with 5, so that counts from 16 up stick. */
#ifndef RC_COUNT_BITS
#define RC_COUNT_BITS 26
#endif

enum rc_flags {
  RC_HAS_WEAK = 1, /* the weak table knows it; set by a holder */
  RC_BUFFERED = 2, /* a candidate buffer has it (rc-cycle) */
  /* Two bits of colour (rc-cycle); changed while the world is stopped. */
  RC_COLOUR_SHIFT = 2,
  RC_COLOUR_MASK = 3 << RC_COLOUR_SHIFT,
  RC_BLACK = 0,
  RC_GREY = 1 << RC_COLOUR_SHIFT,
  /* Died by count while a buffer had it: the buffer's owner frees the cell.
     Set by the one that freed what was in it, as its last act. */
  RC_HUSK = 2 << RC_COLOUR_SHIFT,
  /* How often trial deletion found it alive, up to 2. */
  RC_AGE_SHIFT = 4,
  RC_AGE_MASK = 3 << RC_AGE_SHIFT,
  RC_MUTABLE_FLAGS = 63,
};

enum { RC_SHIFT = 32 - RC_COUNT_BITS };
#define RC_ONE    (UINT32_C(1) << RC_SHIFT)
#define RC_STICKS (UINT32_C(1) << 31)
#define RC_FROZEN (UINT32_C(3) << 30)
_Static_assert(RC_SHIFT >= 6 && RC_COUNT_BITS >= 5, "room for flags, counts");
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

/* Only somebody whose reference is good may raise a count, so it cannot be
   zero, and no order is needed. */
GC_INLINE void rc_increment(gc_ref object) {
  uint32_t word = rc_word(object);
  gc_assert(rc_count_of(word) != 0);
  if (GC_UNLIKELY(word >= RC_FROZEN))
    return;
  __atomic_fetch_add(&object->word, RC_ONE, __ATOMIC_RELAXED);
}

/* The word as it was; `word` is a recent look at it. The caller frees if it
   was the last: only the decrement's own result can tell. Release: what this
   thread did to the object comes before another thread's death of it; acquire:
   the one that takes the last count sees what all others did. */
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
   with the release of those that let go before. */
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
   A count of one, seen by the thread that owns the one reference (a private
   root, a slot of an object that it is freeing, an entry in a buffer whose
   grace period has passed), needs no atomic operation to be dropped: nobody
   else can raise it. Who raises a count has (a) a root of its own: then the
   count were two; (b) a raw reference loaded from another place: that place's
   count is still there, or its decrement waits in a buffer for a grace period
   that this raw reference holds up, so the count were two; (c) one loaded from
   our own place: from a private root nobody loads; a slot's object is dead, so
   it was in no root of theirs and its own grace periods are over; an entry is
   no place; (d) a weak reference: excluded by RC_HAS_WEAK, which only a holder
   sets, and there is none but us. The look acquires what the former holders
   released with their decrements. */
GC_INLINE uint32_t rc_word_acquire(gc_ref object) {
  return __atomic_load_n(&object->word, __ATOMIC_ACQUIRE);
}

GC_INLINE bool rc_is_sole(uint32_t word) {
  return (word & ~(uint32_t)(RC_MUTABLE_FLAGS & ~RC_HAS_WEAK)) == RC_ONE;
}

#endif
