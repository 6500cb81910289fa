/* SPDX-License-Identifier: MIT */
/* Owners: who owns the blocks, and what others leave for them.

   Note [Owners that end]
   An owner is a record, not a thread. A mutator takes a record when it
   attaches, and leaves it when it detaches: with all objects that are still
   alive in its blocks, as they are. The next mutator that attaches takes the
   record over and owns these objects from then on. So nothing has to be adopted
   object by object, no number can be used twice too early, and there are never
   more records than mutators at one time. While a mutator is parked, or a
   record has none, its owner is away: is_away is true. It changes under the
   owner's lock. While it is true, any thread that has the lock may do what only
   the owner may do otherwise: merge words, put cells into blocks, and take
   cells and empty blocks (Note [Cells of others]). An owner
   that leaves makes its plain stores visible by the unlock; one that returns
   takes the lock before it counts again. So an object that would have been
   queued to an owner who is away is merged on the spot, by the thread that
   found it. An owner that waits for a stop of the world or for a grace period
   is not away. It returns to its safepoint, and merges its queue there. If it
   does not reach a safepoint, its queue waits, as decrements in buffers wait
   for its grace period. With the world stopped, the stopper may act for all
   owners: they took heap->lock when they stopped, and so did the stopper later.
 */
#ifndef RC_OWNER_H
#define RC_OWNER_H

#include "collectors/shared/trial/cycle.h"

/* At the beginning of its region, in blocks that hold no cells. */
struct rc_owner {
  pthread_mutex_t lock;
  struct rc_owner *next;      /* constant: all owners of the heap */
  struct rc_owner *next_idle; /* owners_lock: those that no mutator has */
  gc_mutator *mutator;        /* lock: NULL if there is none */
  _Atomic bool is_away;       /* written under the lock */
  struct rc_chunks queue;     /* lock: objects that ask to be merged */
  _Atomic uint32_t queued;    /* chunks there, as a hint; written under lock */
  /* Cells that others have freed; anybody adds, the owner takes all. */
  struct rc_cell *_Atomic came_home;
  /* The owner; if it is away, with the lock. */
  struct rc_block *with_room[RC_CLASSES]; /* by granules of a cell */
  struct rc_block *empty;                 /* that count as held */
  struct rc_block *released; /* that the system has, but for their headers */
  uint32_t empty_count;
  uint32_t fresh;      /* the number of the first block that was never used */
  uint32_t block_bits; /* constant: of its size */
  /* Bytes of blocks that count as held; of cells that they have given out. */
  _Atomic size_t held, used;
};

struct biased_heap {
  struct cycle_heap cycle;
  pthread_mutex_t owners_lock;
  struct rc_owner *owners; /* owners_lock: only added to */
  struct rc_owner *idle;   /* owners_lock */
  bool makes_candidates;   /* constant */
};

GC_INLINE struct biased_heap *biased_heap_of(gc_heap *heap) {
  return (struct biased_heap *)heap;
}

/* --- blocks.c --------------------------------------------------------------
 */

/* NULL: no memory. */
struct rc_owner *gc_biased_region_new(gc_heap *);
void gc_biased_region_free(struct rc_owner *);
/* The owner, or a thread that has the lock of one that is away: puts cells that
   have come home into their blocks. */
void gc_biased_take_home(struct rc_owner *);
/* The same threads, or the stopper: gives empty blocks back to the system until
   they have no more than `keep` bytes. */
void gc_biased_trim(struct rc_heap *, struct rc_owner *, size_t keep);
/* Sends the cells that this mutator has freed to their owner. */
void gc_biased_send_home(struct rc_mutator *);

/* --- owner.c ---------------------------------------------------------------
 */

/* 0, or an errno value. */
int gc_biased_owner_begin(gc_mutator *);
void gc_biased_owner_end(gc_mutator *);
/* The mutator parks, after its safepoint; and runs again. */
void gc_biased_owner_leave(gc_mutator *);
void gc_biased_owner_return(gc_mutator *);
void gc_biased_owners_finish(struct biased_heap *);

/* --- merge.c ---------------------------------------------------------------
 */

/* The owner, or the stopper: merges what is queued, and releases what is dead.
   Returns whether anything was queued. */
bool gc_biased_merge(gc_mutator *, struct rc_owner *);

#endif
