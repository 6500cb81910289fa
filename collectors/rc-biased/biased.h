/* SPDX-License-Identifier: MIT */
/* A count in two halves: biased reference counting (Choi, Shull, Torrellas,
   "Biased reference counting", PACT 2018; PEP 703).

   A biased word                          A merged word
     31   30 .. 24   23 .. 8   7   6..0     31   30 ..... 8   7   6..0
     0    own half   shared    Q   flags    1    count        Q   flags

   Q is RC_QUEUED. The shared half holds its value plus RC_SHARED_ZERO, so that
   it can fall below zero without a borrow from the own half.

   Note [Biased words]
   Each object in a small cell belongs to the mutator whose block has the cell,
   its owner, from birth to death. The address says which mutator that is, so
   the word need not. The count of a biased object is the sum of both halves.
   A cell may also serve another mutator than its owner: then the object in it
   is merged from birth (Note [Cells of others]), and what follows is of others.
   1. Only the owner writes the own half: one byte, with a plain load and a
      plain store that releases. It is never zero in a biased word.
   2. All others change the shared half, with atomic operations on the whole
      word. These write back the own half as they found it. If the owner stores
      its byte meanwhile, it comes before the operation, which then finds it, or
      after it, and then it overwrites one byte only. So neither loses what the
      other wrote.
   3. The owner also changes the whole word atomically: where both halves, or
      flags, change together. Its own atomic operation comes after its own
      earlier stores.
   4. Once merged (bit 31), a word has one count that all threads change
      atomically, as in rc. It never becomes biased again. Who may merge is
      said in Note [Merging].
   A thread that reads the word may see an own half that lacks the owner's
   latest plain stores. So others decide from the sum only as Note [Sole holder]
   says, and its argument needs this addition. Suppose that a holder H, not the
   owner O, sees a sum of one, its own count, although O has raised the own half
   and H does not see that yet. Since the first store that H does not see, O has
   made no atomic operation on the word and has passed no safepoint, because
   these would have made the store visible to whoever sees what came after them.
   O raised the count from a place P that was counted then. H sees no count of
   P, so the count of P has been given up, in an operation that H sees. It was
   not O who gave it up: O's later stores to its half are not visible either. P
   is not a root of another mutator, because O cannot load from it. So P is a
   slot, and another mutator gave up its count after a grace period, which O's
   load held up until a safepoint of O. Then O's store is visible to that
   mutator, and to H, who sees its decrement: a contradiction. Hence the sum
   that a holder sees is never too low, and a thread that is not the owner may
   free an object as its sole holder, without the owner. That is the usual end
   of an object that was handed over.

   Tests: tests/rc-biased/, tests/stress/; models/biased.pml.

   Note [Room in the halves]
   The own half has 7 bits. When it is full, the owner moves RC_SPILL counts to
   the shared half, and takes as many back when it has given up its last. So an
   atomic operation is needed once for many operations. An object whose shared
   half reaches RC_SHARED_ASK is merged: by the owner at once, or after another
   thread has queued it. If the owner reaches no safepoint for so long that the
   shared half doubles twice more, the count sticks: Note [Sticking counts]
   holds for the shared half as it does for a merged count, with
   RC_SHARED_STICKS and RC_SHARED_FROZEN. What sticks in the shared half is
   immortal once it is merged. The least value of the shared half is minus the
   greatest own half. */
#ifndef RC_BIASED_H
#define RC_BIASED_H

#include "collectors/shared/counting/mutator.h"
#include "collectors/shared/counting/word.h"

GC_PUBLIC_BEGIN

/* Tests build with halves of three bits. */
#ifndef RC_NARROW
#define RC_NARROW 0
#endif

enum {
  /* In the queue of its owner: only who takes it from there may free it. */
  RC_QUEUED = 128,
  RC_SHIFT = 8,
  RC_OWN_SHIFT = 24,
  RC_OWN_BYTE = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 3 : 0,
  RC_FLAGS_BYTE = 3 - RC_OWN_BYTE,
  RC_OWN_MOST = RC_NARROW ? 7 : 127,
  RC_SPILL = RC_NARROW ? 4 : 64,
  RC_SHARED_ASK = RC_NARROW ? 8 : 1 << 12,
  RC_SHARED_STICKS = RC_NARROW ? 16 : 1 << 14,
  RC_SHARED_FROZEN = RC_NARROW ? 24 : 3 << 13,
  RC_COUNT_STICKS = RC_NARROW ? 16 : 1 << 22,
  RC_COUNT_FROZEN = RC_NARROW ? 24 : 3 << 21,
  RC_SHARED_ZERO = 1 << 14,
  RC_SHARED_BITS = 16,
  /* The highest byte of a merged word is no smaller than the first; nor than
     the others of one that sticks, is frozen, or immortal. With narrow counts
     it does not tell these apart, so they are left to merge.c. */
  RC_OWN_MERGED = 0x80,
  RC_OWN_STICKS = RC_NARROW ? RC_OWN_MERGED : 0xc0,
  RC_OWN_FROZEN = RC_NARROW ? RC_OWN_MERGED : 0xe0,
  RC_OWN_IMMORTAL = 0xf0,
};
#define RC_ONE         (UINT32_C(1) << RC_SHIFT)
#define RC_OWN_ONE     (UINT32_C(1) << RC_OWN_SHIFT)
#define RC_MERGED      (UINT32_C(1) << 31)
#define RC_IMMORTAL    (UINT32_C(0xf) << 28)
#define RC_SHARED_MASK (((UINT32_C(1) << RC_SHARED_BITS) - 1) << RC_SHIFT)
/* Made immortal by a thread that is not the owner: the shared half is frozen.
 */
#define RC_SHARED_IMMORTAL (UINT32_C(7) << 21)
#define RC_BORN            (RC_OWN_ONE | (uint32_t)RC_SHARED_ZERO << RC_SHIFT)
#define RC_ONCE            (RC_MERGED | RC_ONE)
/* With less, both halves are exact, however the count is divided. */
#define RC_COUNTS_TO ((uint64_t)RC_SHARED_STICKS - 1)
GC_STATIC_ASSERT(RC_OWN_SHIFT == RC_SHIFT + RC_SHARED_BITS, "halves adjoin");
GC_STATIC_ASSERT(RC_SHARED_ZERO > RC_OWN_MOST, "never below its least value");
GC_STATIC_ASSERT(RC_NARROW || (RC_COUNT_STICKS >> 16 == RC_OWN_STICKS - 128 &&
                               RC_COUNT_FROZEN >> 16 == RC_OWN_FROZEN - 128),
                 "the highest byte shows the steps of a merged count");
GC_STATIC_ASSERT(RC_SHARED_ZERO + RC_SHARED_FROZEN + (1 << 13) <= 0xffff,
                 "a frozen half has room for what is in flight");

/* --- the word --------------------------------------------------------------
 */

GC_INLINE bool rc_is_merged(uint32_t word) {
  return word >= RC_MERGED;
}

GC_INLINE int32_t rc_shared_of(uint32_t word) {
  return (int32_t)((word & RC_SHARED_MASK) >> RC_SHIFT) - RC_SHARED_ZERO;
}

/* A dead object has neither bit 31 nor an own half. */
GC_INLINE uint32_t rc_count_of(uint32_t word) {
  if (rc_is_merged(word))
    return (word & ~RC_MERGED) >> RC_SHIFT;
  uint32_t own = word >> RC_OWN_SHIFT;
  return own == 0 ? 0 : (uint32_t)((int32_t)own + rc_shared_of(word));
}

GC_INLINE bool rc_is_sticky(uint32_t word) {
  return rc_is_merged(word) ? rc_count_of(word) >= RC_COUNT_STICKS
                            : rc_shared_of(word) >= RC_SHARED_STICKS;
}

GC_INLINE bool rc_is_frozen(uint32_t word) {
  return rc_is_merged(word) ? rc_count_of(word) >= RC_COUNT_FROZEN
                            : rc_shared_of(word) >= RC_SHARED_FROZEN;
}

/* Loads of single bytes do not wait for the owner's last store of another byte,
   as a load of the whole word would. */
GC_INLINE uint32_t rc_own_half(gc_ref object) {
  const uint8_t *byte = (const uint8_t *)&object->word + RC_OWN_BYTE;
  return __atomic_load_n(byte, __ATOMIC_RELAXED);
}

GC_INLINE uint32_t rc_flags_now(gc_ref object) {
  const uint8_t *byte = (const uint8_t *)&object->word + RC_FLAGS_BYTE;
  return __atomic_load_n(byte, __ATOMIC_RELAXED);
}

/* Called by the owner. Release: what the owner did to the object comes before
   it has let go. A thread that then sees the sum, with an acquire load, may
   free the object. The thread sanitizer knows no accesses of different sizes to
   the same memory, so for it the owner adds to the whole word. */
GC_INLINE void rc_own_add(gc_ref object, int n) {
  gc_assert((int)rc_own_half(object) + n >= 1);
  gc_assert((int)rc_own_half(object) + n <= RC_OWN_MOST);
  if (GC_TSAN)
    __atomic_fetch_add(&object->word, (uint32_t)n * RC_OWN_ONE,
                       __ATOMIC_RELEASE);
  else
    gc_byte_add((uint8_t *)&object->word + RC_OWN_BYTE, (uint8_t)n);
}

/* Note [Sole holder]: one count in all, in the own half or merged. */
GC_INLINE bool rc_is_sole(uint32_t word) {
  word &= ~(uint32_t)(RC_MUTABLE_FLAGS & ~RC_HAS_WEAK);
  return word == RC_BORN || word == RC_ONCE;
}

/* --- owners ----------------------------------------------------------------
 */

/* Note [Regions]
   Each owner has 64 GiB of addresses, aligned to their size, of which the
   system provides what is touched. All its blocks are there, and so the
   addresses of all its objects agree in their upper bits with that of the
   owner's record, which lies at the beginning. Whether a mutator owns an object
   costs no look into memory, and the record is found with a mask. Objects that
   are too large for a block have no owner: they are born merged. Builds with a
   sanitizer take each cell from malloc, so that it can be checked; there a head
   before the cell names the owner. */
enum { RC_REGION_BITS = 36 };
struct rc_head {
  struct rc_owner *owner;
  uint64_t unused; /* cells stay aligned */
};

GC_INLINE struct rc_owner *rc_cell_owner(void *cell) {
  if (GC_SYSTEM_MALLOC)
    return ((struct rc_head *)cell)[-1].owner;
  uintptr_t in_region = ((uintptr_t)1 << RC_REGION_BITS) - 1;
  return (struct rc_owner *)((uintptr_t)cell & ~in_region);
}

GC_INLINE bool rc_is_own(gc_mutator *m, void *cell) {
  if (GC_SYSTEM_MALLOC)
    return rc_cell_owner(cell) == rc_of(m)->owner;
  uintptr_t differs = (uintptr_t)cell ^ (uintptr_t)rc_of(m)->owner;
  return differs >> RC_REGION_BITS == 0;
}

/* Is a biased object the mutator's own? */
GC_INLINE bool rc_owns(gc_mutator *m, gc_ref object) {
  return rc_is_own(m, GC_SYSTEM_MALLOC ? gc_object_cell(object) : object);
}

/* The word of a new object in a cell of so many bytes. Not every small cell is
   the mutator's own: Note [Cells of others]. */
GC_INLINE uint32_t rc_born(gc_mutator *m, void *cell, size_t bytes) {
  return rc_is_small(bytes) && rc_is_own(m, cell) ? RC_BORN : RC_ONCE;
}

/* --- counting (merge.c) ----------------------------------------------------
 */

void gc_rc_increment_slow(gc_mutator *, gc_ref object);
bool gc_rc_decrement_slow(gc_mutator *, gc_ref object);
bool gc_rc_let_go_slow(gc_mutator *, gc_ref object);

/* The caller has a valid reference, so the count is not zero. A word that was
   merged stays so: its count is changed here as in rc. */
GC_INLINE void rc_increment(gc_mutator *m, gc_ref object) {
  uint32_t own = rc_own_half(object);
  gc_assert(own != 0);
  if (GC_LIKELY(own < RC_OWN_MOST && rc_owns(m, object)))
    rc_own_add(object, 1);
  else if (own >= RC_OWN_MERGED && own < RC_OWN_FROZEN)
    __atomic_fetch_add(&object->word, RC_ONE, __ATOMIC_RELAXED);
  else if (own < RC_OWN_IMMORTAL)
    gc_rc_increment_slow(m, object);
}

/* The same if the owner's half has room. False: it is left to rc_increment. */
GC_INLINE bool rc_increment_quickly(gc_mutator *m, gc_ref object) {
  uint32_t own = rc_own_half(object);
  if (own >= RC_OWN_MOST || !rc_owns(m, object))
    return own >= RC_OWN_IMMORTAL;
  rc_own_add(object, 1);
  return true;
}

/* True: the count was the last. Makes no candidate. */
GC_INLINE bool rc_decrement(gc_mutator *m, gc_ref object) {
  uint32_t own = rc_own_half(object);
  gc_assert(own != 0);
  if (own < 2 || own > RC_OWN_MOST || !rc_owns(m, object))
    return own < RC_OWN_IMMORTAL && gc_rc_decrement_slow(m, object);
  rc_own_add(object, -1);
  return false;
}

/* A merged word whose count is zero. One in a queue is released by who takes it
   from there. */
GC_INLINE bool rc_is_dead(uint32_t word) {
  return (word & ~(uint32_t)RC_MUTABLE_FLAGS) == RC_MERGED;
}

/* The same as rc_let_go, of a merged word with an exact count. */
GC_INLINE bool rc_let_go_merged(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word_acquire(object);
  gc_assert(rc_is_merged(word) && rc_count_of(word) != 0);
  if (rc_is_sole(word))
    return true;
  if (rc_flags_may_buffer(word))
    return gc_rc_let_go_slow(m, object);
  return rc_is_dead(
      __atomic_sub_fetch(&object->word, RC_ONE, __ATOMIC_ACQ_REL));
}

/* Lets go of a count. True: it was the last, and the caller must release the
   object, whose word may still have a count of one. A candidate is decided
   before the decrement: after it the object may be gone. */
GC_INLINE bool rc_let_go(gc_mutator *m, gc_ref object) {
  uint32_t own = rc_own_half(object);
  gc_assert(own != 0);
  if (own == 1) {
    if (rc_is_sole(rc_word_acquire(object)))
      return true;
  } else if (own <= RC_OWN_MOST && rc_owns(m, object)) {
    uint32_t flags = rc_flags_now(object);
    if (rc_flags_may_buffer(flags))
      return gc_rc_let_go_shared(m, object, flags);
    rc_own_add(object, -1);
    return false;
  } else if (own >= RC_OWN_IMMORTAL) {
    return false;
  } else if (own >= RC_OWN_MERGED && own < RC_OWN_STICKS) {
    return rc_let_go_merged(m, object);
  }
  return gc_rc_let_go_slow(m, object);
}

/* Lets go of a count of the owner, if it has others, and the object does not
   become a candidate. False: rc_let_go has to do it. */
GC_INLINE bool rc_let_go_quickly(gc_mutator *m, gc_ref object) {
  uint32_t own = rc_own_half(object);
  gc_assert(own != 0);
  if (own < 2 || own > RC_OWN_MOST || !rc_owns(m, object) ||
      rc_flags_may_buffer(rc_flags_now(object)))
    return own >= RC_OWN_IMMORTAL;
  rc_own_add(object, -1);
  return true;
}

/* Has some thread taken the last count? The sum alone does not tell: while the
   word is biased or queued, it may be zero, and nobody has noticed. Whoever is
   to notice then finds the count raised again. */
GC_INLINE bool rc_is_over(uint32_t word) {
  return (word & RC_QUEUED) == 0 && (word & ~RC_MERGED) >> RC_SHIFT == 0;
}

/* Raises a count unless it is zero: for weak references alone. Acquire pairs
   with the release of earlier decrements. */
GC_INLINE bool rc_try_increment(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word(object), more;
  do {
    if (rc_is_over(word))
      return false;
    if (rc_is_frozen(word))
      return true;
    bool is_own = !rc_is_merged(word) && rc_owns(m, object) &&
                  word >> RC_OWN_SHIFT < RC_OWN_MOST;
    more = word + (is_own ? RC_OWN_ONE : RC_ONE);
  } while (!__atomic_compare_exchange_n(&object->word, &word, more, true,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
  return true;
}

/* --- cycles ----------------------------------------------------------------
 */

/* Marks the object as buffered; false: it is already. The caller still holds
   it, and lets go afterwards. */
enum { RC_BUFFERING_LETS_GO = 0 };
GC_INLINE bool rc_buffer(gc_ref object, uint32_t word) {
  (void)word;
  return (rc_flags_set(object, RC_BUFFERED) & RC_BUFFERED) == 0;
}

/* World stopped: a trial has lowered the count for good. It works on the shared
   half, which may now be below zero although the object is not queued. So the
   difference is moved to the own half. */
GC_INLINE void rc_settle_lowered(gc_ref object) {
  int32_t shared = rc_shared_of(object->word);
  if (rc_is_merged(object->word) || shared >= 0)
    return;
  gc_assert(rc_count_of(object->word) > 0);
  object->word -= (uint32_t)-shared * (RC_OWN_ONE - RC_ONE);
  gc_assert(rc_shared_of(object->word) == 0);
}

/* From now on the count does not change. Returns the word before. (merge.c) */
uint32_t gc_rc_immortalize(gc_mutator *, gc_ref object);
GC_INLINE uint32_t rc_immortalize(gc_mutator *m, gc_ref object) {
  return gc_rc_immortalize(m, object);
}

GC_PUBLIC_END

#endif
