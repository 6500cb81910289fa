/* SPDX-License-Identifier: MIT */
/* What a mutator of a counting collector has: cells at hand, and decrements
   that wait. */
#ifndef RC_MUTATOR_H
#define RC_MUTATOR_H

#include "heap/memory.h"
#include "heap/mutator.h"

GC_PUBLIC_BEGIN

/* Objects have owners: counts are biased, and small cells come from the blocks
   of a mutator instead of from jemalloc (collectors/rc-biased). */
#ifndef RC_BIASED
#define RC_BIASED 0
#endif

/* Note [Cells at hand]
   Each mutator keeps the cells that it freed last, in a list for each multiple
   of 16 bytes, and takes cells from there before it asks jemalloc (Bonwick and
   Adams, "Magazines and Vmem", 2001, without the exchange between processors).
   A list holds at most RC_AT_HAND_BYTES, so the loss is bounded; further cells
   go back to jemalloc. Cells at hand count as held by the heap. Builds with a
   sanitizer do not keep cells, because the sanitizer could not see uses of
   freed cells. */
enum {
  RC_GRANULE = 16,
  RC_CLASSES = GC_TYPE_FIELD_MAX * 8 / RC_GRANULE + 2,
  RC_AT_HAND_BYTES = 64 << 10, /* stays in a second-level cache */
};

GC_INLINE size_t rc_granules(size_t bytes) {
  return (bytes + RC_GRANULE - 1) / RC_GRANULE;
}

/* Is there a list for cells of this size? */
GC_INLINE bool rc_is_small(size_t bytes) {
  return bytes <= (RC_CLASSES - 1) * RC_GRANULE;
}

/* The link is behind the header, which stays in place: a header word of zero
   shows to assertions that the object is gone. */
struct rc_cell {
  uint64_t header;
  struct rc_cell *next;
};

struct rc_list {
  struct rc_cell *first;
  uint32_t room; /* cells that may still be put in */
};

/* Overwritten references whose decrement waits: Note [Grace periods]. */
struct rc_chunk {
  struct rc_chunk *next;
  uint64_t epoch; /* may be applied when this has passed */
  size_t taken;   /* bytes from jemalloc while it was open */
  uint32_t count;
  __extension__ gc_ref entry[];
};

struct rc_chunks {
  struct rc_chunk *first, *last;
  uint32_t count;
};

/* Only the owner uses the fields, and a collector while the world is stopped.
 */
struct rc_mutator {
  gc_mutator base;
  gc_ref newest;    /* Note [The newest object]; NULL: none */
  gc_ref *deferred; /* entries of the open chunk */
  uint32_t deferred_count, deferred_max;
  int64_t quota; /* bytes that may be taken before the heap's account changes */
  size_t taken;  /* bytes from jemalloc since the open chunk was begun */
  struct rc_chunk *open, *spare;
  /* constant: the number of running mutators, a field of the heap */
  const GC_ATOMIC(uint32_t) *runners;
  struct rc_chunks sealed;
  struct gc_memory_source source;
  uint64_t released; /* objects freed so far */
  struct rc_list at_hand[RC_CLASSES];
  /* Note [Death of a key]; linked by the field `next`. */
  gc_ref cleared;
  bool is_dropping;
  bool makes_candidates; /* constant; only if RC_CYCLES is 1 */
  /* Only if RC_BIASED is 1. */
  struct rc_owner *owner; /* whose objects this mutator owns; constant */
  struct rc_owner *home;  /* where the cells below belong */
  struct rc_cell *home_first, *home_last;
  uint32_t home_count;
  uint32_t counted_others; /* times it counted an object of another owner */
};

GC_INLINE struct rc_mutator *rc_of(gc_mutator *m) {
  return (struct rc_mutator *)m;
}

GC_PUBLIC_END

#endif
