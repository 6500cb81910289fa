/* SPDX-License-Identifier: MIT */
/* What the parts of the cycle collector share.

   Note [Candidates]
   A cycle can only die when something lets go of one of its objects and leaves
   that object's count above zero, or moves a reference to it: Note [Moves]. So
   such objects, and no others, are candidates (Bacon and Rajan, "Concurrent
   cycle collection in reference counted systems", ECOOP 2001), less those of
   Note [In no cycle]. Whoever lets go sets RC_BUFFERED in the same atomic
   operation, and who set it puts the object into its own buffer. While the flag
   is set no one but the buffer's owner gives the cell back; an object that dies
   by count meanwhile is left as a husk, marked as such when its death is
   complete. Owners drop husks at their own safepoints; all else happens while
   the world is stopped. A candidate that a pass finds alive leaves the buffers
   and grows older by one. It becomes a candidate again with the next decrement,
   but then waits for a pass over its age: what is alive is looked at less and
   less often. */
#ifndef RC_CYCLE_H
#define RC_CYCLE_H

#include "collectors/rc/rc_heap.h"

enum { CYCLE_AGES = 3 };

struct cycle_mutator {
  struct rc_mutator rc;
  /* Candidates since the last pass; full chunks, then the open one. Owner,
     or the stopper. */
  struct rc_chunks full;
  struct rc_chunk *open;
  uint64_t fresh; /* candidates in both */
  /* More than this are gone through, and may ask for a pass. Owner, the
     stopper, and whoever sets a threshold. */
  _Atomic uint64_t look_when;
};

/* Addresses in memory that was set aside when the heap was made, so that a
   pass cannot run out of it. */
struct cycle_array {
  gc_ref *items;
  size_t count, capacity;
  size_t most; /* entries whose pages have been written to */
  size_t held; /* bytes of them that are in the heap's account */
};

struct cycle_heap {
  struct rc_heap rc;
  /* All below: world stopped, or the thresholds by anybody, atomically. */
  struct rc_chunks waiting[CYCLE_AGES]; /* candidates, by age */
  uint64_t waiting_count[CYCLE_AGES];
  uint64_t passes_since[CYCLE_AGES]; /* over the next younger age */
  _Atomic uint64_t threshold[CYCLE_AGES];
  /* Of one mutator, that ask for a pass: threshold[0], stretched while passes
     find little, less while one has stopped early; 0: never. */
  _Atomic uint64_t ask_when;
  uint64_t full_touched;   /* objects that the last full pass looked at */
  size_t full_held;        /* bytes held after it */
  uint64_t budget_ns;      /* 0: no budget */
  uint64_t patience;       /* objects a batch may touch under a budget */
  int unfinished;          /* age of the pass that stopped early; or 0 */
  uint64_t touched_before; /* objects that this pass has looked at so far */
  /* Between passes the batch has what was given up, marked as buffered.
     `black` has room for all that is in `touched`. */
  struct cycle_array batch, touched, black;
  struct rc_chunks left;       /* rc.orphans_lock: of mutators that are gone */
  _Atomic uint64_t left_count; /* candidates there; written under the lock */
};

GC_INLINE struct cycle_mutator *cycle_of(gc_mutator *m) {
  return (struct cycle_mutator *)m;
}

GC_INLINE struct cycle_heap *cycle_heap_of(gc_heap *heap) {
  return (struct cycle_heap *)heap;
}

GC_INLINE void cycle_push(struct cycle_array *array, gc_ref object) {
  gc_assert_always(array->count < array->capacity);
  array->items[array->count++] = object;
}

/* Before the count falls again. */
GC_INLINE void cycle_array_note(struct cycle_array *array) {
  if (array->count > array->most)
    array->most = array->count;
}

GC_INLINE int cycle_age(gc_ref object) {
  int age = (int)((rc_word(object) & RC_AGE_MASK) >> RC_AGE_SHIFT);
  return age < CYCLE_AGES ? age : CYCLE_AGES - 1;
}

/* --- candidates.c --------------------------------------------------------- */

/* Has this mutator enough candidates to ask for a pass? */
bool gc_cycle_has_many(gc_mutator *);
/* The same, but now and then frees husks first. */
bool gc_cycle_wants_pass(gc_mutator *);
/* The threshold is another one. The owner, the stopper, or with heap->lock. */
void gc_cycle_look_reset(gc_mutator *);
/* World stopped: takes the fresh candidates of all mutators. Ages 0 to
   `direct` go into the batch, the others wait; -1: all wait. */
void gc_cycle_gather(gc_mutator *, int direct);
/* Fills the batch up to `most` candidates, of ages 0 to `age`; they are no
   longer marked as buffered. False: there are none. */
bool gc_cycle_batch_fill(gc_mutator *, int age, size_t most);
/* The batch stays for the next pass. */
void gc_cycle_batch_keep(gc_mutator *);
void gc_cycle_candidates_finish(gc_mutator *);
void gc_cycle_candidates_discard(struct cycle_heap *);

/* --- trial.c -------------------------------------------------------------- */

struct cycle_result {
  size_t freed;      /* objects */
  size_t touched;    /* objects looked at */
  size_t finalizers; /* queued; their objects live on for now */
  bool gave_up;      /* touched more than patience allows; nothing changed */
};

/* World stopped, counts exact: trial deletion of the batch. */
struct cycle_result gc_cycle_trial(gc_mutator *, uint64_t patience);

#endif
