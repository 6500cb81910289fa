/* SPDX-License-Identifier: MIT */
/* A count that all threads change with atomic operations: rc and rc-cycle.

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
#ifndef RC_ATOMIC_H
#define RC_ATOMIC_H

#include "collectors/shared/counting/word.h"

GC_PUBLIC_BEGIN

/* Tests build with 5, so that counts from 16 up stick. */
#ifndef RC_COUNT_BITS
#define RC_COUNT_BITS 25
#endif

enum { RC_SHIFT = 32 - RC_COUNT_BITS };
#define RC_ONE    (UINT32_C(1) << RC_SHIFT)
#define RC_STICKS (UINT32_C(1) << 31)
#define RC_FROZEN (UINT32_C(3) << 30)
GC_STATIC_ASSERT(RC_SHIFT >= 7 && RC_COUNT_BITS >= 5, "room for flags, counts");
/* Between the two: an object that was made immortal. */
#define RC_IMMORTAL (RC_FROZEN | UINT32_C(1) << 29)
/* A new object; and a dead one that is held once more, less its flags. */
#define RC_BORN RC_ONE
#define RC_ONCE RC_ONE
/* The greatest count that is exact. */
#define RC_COUNTS_TO ((RC_STICKS >> RC_SHIFT) - 1)

GC_INLINE uint32_t rc_count_of(uint32_t word) {
  return word >> RC_SHIFT;
}

GC_INLINE bool rc_is_sticky(uint32_t word) {
  return word >= RC_STICKS;
}

/* A recent value of the flags, and maybe of other bits. */
GC_INLINE uint32_t rc_flags_now(gc_ref object) {
  return rc_word(object);
}

/* The word of a new object in a cell of so many bytes. */
GC_INLINE uint32_t rc_born(gc_mutator *m, void *cell, size_t bytes) {
  (void)m;
  (void)cell;
  (void)bytes;
  return RC_BORN;
}

/* Cells belong to no mutator. */
GC_INLINE bool rc_is_own(gc_mutator *m, void *cell) {
  (void)m;
  (void)cell;
  return true;
}

/* The caller has a valid reference, so the count is not zero, and no order is
   needed. */
GC_INLINE void rc_increment(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word(object);
  (void)m;
  gc_assert(rc_count_of(word) != 0);
  if (GC_UNLIKELY(word >= RC_FROZEN))
    return;
  __atomic_fetch_add(&object->word, RC_ONE, __ATOMIC_RELAXED);
}

/* The same, unless it takes more than a few instructions. */
GC_INLINE bool rc_increment_quickly(gc_mutator *m, gc_ref object) {
  rc_increment(m, object);
  return true;
}

/* `word` is a recent value. Returns true if the count was the last: only the
   result of the subtraction shows that; then the caller frees the object.
   Release: this thread's accesses to the object come before its death on
   another thread. Acquire: the thread that takes the last count sees the
   accesses of all others. */
GC_INLINE bool rc_decrement_seen(gc_ref object, uint32_t word) {
  gc_assert(rc_count_of(word) != 0);
  if (GC_UNLIKELY(rc_is_sticky(word)))
    return false;
  uint32_t before = __atomic_fetch_sub(&object->word, RC_ONE, __ATOMIC_ACQ_REL);
  gc_assert(rc_count_of(before) != 0);
  return rc_count_of(before) == 1;
}

GC_INLINE bool rc_decrement(gc_mutator *m, gc_ref object) {
  (void)m;
  return rc_decrement_seen(object, rc_word(object));
}

/* Raises a count unless it is zero: for weak references alone. Acquire pairs
   with the release of earlier decrements. */
GC_INLINE bool rc_try_increment(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word(object);
  (void)m;
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
GC_INLINE bool rc_is_sole(uint32_t word) {
  return (word & ~(uint32_t)(RC_MUTABLE_FLAGS & ~RC_HAS_WEAK)) == RC_ONE;
}

/* A count that falls to no less than one may leave a dead cycle behind (Bacon
   and Rajan, ECOOP 2001). Decided before the decrement: after it the object
   may be gone. */
GC_INLINE bool rc_may_be_candidate(uint32_t word) {
  return rc_count_of(word) > 1 && !rc_is_sticky(word) &&
         rc_flags_may_buffer(word);
}

/* Lets go of a count. True: it was the last, and the caller must release the
   object, whose word may still have a count of one. */
GC_INLINE bool rc_let_go(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word_acquire(object);
  gc_assert(rc_count_of(word) != 0);
  if (rc_is_sole(word))
    return true;
  /* Without an optimizer too, only RC_CYCLES leaves the call in. */
  if (RC_CYCLES && rc_may_be_candidate(word))
    return gc_rc_let_go_shared(m, object, word);
  return rc_decrement_seen(object, word);
}

/* Lets go of a count if that is simple, which it is if nothing is to be done.
 */
GC_INLINE bool rc_let_go_quickly(gc_mutator *m, gc_ref object) {
  (void)m;
  return rc_is_sticky(rc_word(object));
}

/* Marks the object as buffered, unless it cannot be a candidate any more; then
   returns false. The same operation lets go of a count. A mutator that takes
   the last count afterwards sees the flag and leaves a husk. */
enum { RC_BUFFERING_LETS_GO = 1 };
GC_INLINE bool rc_buffer(gc_ref object, uint32_t word) {
  while (rc_may_be_candidate(word))
    if (__atomic_compare_exchange_n(&object->word, &word,
                                    (word | RC_BUFFERED) - RC_ONE, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      return true;
  return false;
}

/* From now on the count does not change. Returns the word before. */
GC_INLINE uint32_t rc_immortalize(gc_mutator *m, gc_ref object) {
  (void)m;
  return __atomic_fetch_or(&object->word, RC_IMMORTAL, __ATOMIC_RELAXED);
}

/* World stopped: a trial has lowered the count for good. */
GC_INLINE void rc_settle_lowered(gc_ref object) {
  (void)object;
}

GC_PUBLIC_END

#endif
