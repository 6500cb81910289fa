/* SPDX-License-Identifier: MIT */
/* The data and functions that generational collectors share.

   Note [Kinds]
   What differs between these collectors are constants in their collector.h:
   MARK_WHILE_RUNNING: mutators run while old objects are marked; then the
       collector defines the functions gc_gen_cycle_...
   GEN_HAS_MIDDLE: survivors move to generation 1 first. Otherwise they move to
       generation 2, and no object has generation 1. Programs then see two
       generations.

   A reference from an older to a younger generation is found through a
   mutator's `remembered`, or through the heap's `remembered` or `kept`. This is
   broken only while the world is stopped to collect. */
#ifndef GENERATIONAL_H
#define GENERATIONAL_H

#include <collector.h>

#include "collectors/shared/marking/marking.h"
#include "heap/verify.h"

/* What the tuning string says. The thresholds are their first values. */
struct gen_tuned {
  uint64_t nursery, middle, growth;
  bool generations; /* false: every collection is a full one */
};

struct gen_heap {
  struct blk_heap blocks;
  struct marking marking;
  struct gen_tuned tuned; /* constant */
  /* The next whose roots are to be marked; while the world is stopped. */
  _Atomic(gc_mutator *) roots;
  /* By generation: bytes of the nursery, collections of generation 0, per cent
     of growth. Written by any thread at any time; that of generation 0 under
     space.lock. */
  _Atomic uint64_t threshold[3];
  struct blk_refs remembered; /* orphan_lock: of detached mutators */
  struct blk_refs kept;       /* stopper: Note [Remembered objects] */
  _Atomic bool lost;          /* a holder could not be remembered */
  _Atomic uint64_t collections;
  size_t claimed; /* stopper: before this collection, external memory apart */
  /* Pacing; written by the stopper. */
  unsigned allocating; /* mutators that allocated before the last collection */
  unsigned minors;     /* since generation 1 was collected */
  size_t middle_left;  /* bytes in generation 1 after it was collected */
  double survival;     /* share of young bytes that survives a nursery */
  bool is_put_off;     /* the next collection: Note [Do generations pay] */
  size_t full_live;    /* bytes that the last full collection left */
  size_t full_room;    /* room after the last full collection */
  double share;        /* stopper: Note [Room for large objects] */
  size_t full_blocks;  /* bytes in blocks that the last full collection left */
  size_t others;       /* the others after the last collection */
  bool is_scarce;      /* too little room without poor blocks */
  size_t stress;       /* calls of gc_gen_stress so far */
  _Atomic unsigned fruitless; /* Note [Thrashing] */
  /* For the verifier: young and large objects; remembered holders. */
  struct gc_ptrmap objects, holders;
};

GC_INLINE struct gen_heap *gen_of(gc_heap *heap) {
  return (struct gen_heap *)heap;
}
GC_INLINE uint64_t gen_threshold(const struct gen_heap *heap, int generation) {
  gc_assert(generation >= 0 && generation < 3);
  return atomic_load_explicit(&heap->threshold[generation],
                              memory_order_relaxed);
}
/* Sets a flag of a header while mutators run; returns the word from before. */
GC_INLINE uint32_t gc_gen_flag(struct gen_heap *heap, gc_ref object,
                               uint32_t flag) {
  return MARK_WHILE_RUNNING
             ? gc_blk_flag(&heap->blocks, object, flag)
             : __atomic_fetch_or(&object->word, flag, __ATOMIC_RELAXED);
}
GC_INLINE struct gen_mutator *gen_mutator_of(gc_mutator *m) {
  return (struct gen_mutator *)m;
}

/* --- beginning and end, figures (heap.c) ---------------------------------- */

int gc_gen_heap_init(struct gen_heap *, const struct gen_tuned *);
/* The rest is for the card. */
void gc_gen_heap_finish(gc_heap *);
int gc_gen_mutator_init(gc_mutator *);
void gc_gen_mutator_finish(gc_mutator *);
size_t gc_gen_held_bytes(gc_heap *);
void gc_gen_report(gc_heap *, struct gc_memory_figures *);
bool gc_gen_table_hold(gc_heap *, size_t bytes, bool over_limit);
void gc_gen_table_give(gc_heap *, size_t bytes);
uint64_t gc_gen_threshold_get(gc_heap *, int generation);
void gc_gen_threshold_set(gc_heap *, int generation, uint64_t value);
void gc_gen_root_set(gc_mutator *, gc_root *, gc_ref value);
void gc_gen_global_clear(gc_mutator *, gc_root *);

/* --- remembered objects (remember.c) ------------------------------------- */

/* The slow path of the barrier, for a holder that is armed. */
void gc_gen_remember(gc_mutator *, gc_ref holder, size_t slot, gc_ref value);
/* The same while mutators run and old objects are marked: disarms the holder,
   whatever the value, unless it is large or cannot be remembered. */
void gc_gen_remember_any(gc_mutator *, gc_ref holder, size_t slot,
                         gc_ref value);

/* World stopped: marks what a mutator's remembered objects lead to; what those
   of the heap lead to. */
void gc_gen_remembered_mark_of(struct gen_mutator *, struct marker *);
void gc_gen_remembered_mark(struct gen_heap *, struct marker *);
void gc_gen_remembered_renew(struct gen_heap *);
void gc_gen_remembered_adopt(struct gen_heap *, struct gen_mutator *);

/* --- when to collect (policy.c) ------------------------------------------- */

/* World stopped: is a full collection due? Which generation is due? */
bool gc_gen_full_is_due(struct gen_heap *);
int gc_gen_generation_due(struct gen_heap *);
/* World stopped, before marking: survivors among the newest objects will be
   counted. */
void gc_gen_survival_begin(struct gen_heap *, struct blk_block *young);
/* World stopped, before a full collection: measures how its room is to be
   divided. */
void gc_gen_share_renew(struct gen_heap *);
/* World stopped, after a collection; `claimed` were claimed before it. */
void gc_gen_thresholds_renew(struct gen_heap *, size_t claimed);
/* Note [Do generations pay] */
bool gc_gen_generations_pay(struct gen_heap *);
/* World stopped, all is swept: what a full collection left. */
void gc_gen_full_renew(struct gen_heap *);
/* World stopped: lets mutators claim everything that is left. */
void gc_gen_nursery_open(struct gen_heap *);
/* World stopped: sets the nursery to what may be claimed until a collection. */
void gc_gen_nursery_renew(struct gen_heap *);
/* Changes the threshold of generation 0. */
void gc_gen_nursery_set(struct gen_heap *, size_t bytes);
/* Note [Thrashing]: has thrashing begun since `fruitless` was `seen`? */
bool gc_gen_thrashes(const struct gen_heap *, unsigned seen);

/* --- collecting (collect.c) ----------------------------------------------- */

const char *gc_gen_kind_of(int generation);
/* World stopped. */
size_t gc_gen_collect_once(gc_mutator *, int generation, bool is_asked);
/* World stopped, roots marked: marks what is reachable, then what finalizers
   will see. */
void gc_gen_mark(struct gen_heap *, gc_mutator *);
/* World stopped, after that: nothing leads to dead objects any more. */
void gc_gen_dead_forget(struct gen_heap *);
/* World stopped, after that: renews thresholds, and says in the pause what was
   collected. `claimed` bytes were claimed before. */
void gc_gen_collected(gc_mutator *, size_t claimed);
/* Objects that were alive after the last collection. */
size_t gc_gen_objects(const struct gen_heap *);
/* For stress=N: the number of the turn. */
size_t gc_gen_stress_turn(struct gen_heap *);

/* --- what each collector defines -------------------------------------------
 */

/* World stopped: makes the collections that are due. `is_ordinary`: only the
   nursery is used up; otherwise memory is. */
void gc_gen_collect_due(gc_mutator *, bool is_ordinary);

/* The others only if it marks while mutators run. World stopped, before a
   collection and after it: takes the marker, and lets it go. A collection of
   generation 2 ends what it was doing. */
void gc_gen_cycle_hold(struct gen_heap *, int generation);
void gc_gen_cycle_release(struct gen_heap *);
/* At a safepoint, before memory is taken: marks or sweeps as much as this
   mutator owes. */
void gc_gen_cycle_pay(gc_mutator *);
/* Memory is used up: sweeps for this mutator. False: nothing is left. */
bool gc_gen_cycle_help(gc_mutator *);
/* A reference that is not strong is loaded: keeps the object alive. */
void gc_gen_cycle_shade(gc_mutator *, gc_ref);
/* World stopped, after a collection, before which so many bytes were claimed.
 */
void gc_gen_cycle_measure(struct gen_heap *, size_t claimed);
/* World stopped, after a collection: will all objects be promoted? Note
   [Promoting all] */
void gc_gen_cycle_promote_renew(struct gen_heap *);
/* The largest nursery of all mutators together. */
size_t gc_gen_cycle_nursery(const struct gen_heap *);
/* Bytes of its tables that are held. */
size_t gc_gen_cycle_bytes(const struct gen_heap *);

/* --- trying again (retry.c) ----------------------------------------------- */

/* An operation that needs memory; false if there is none. This mutator may have
   stopped the world. */
typedef bool gen_attempt(gc_mutator *, void *request);
/* Collects and retries an operation that failed for want of memory, until it
   succeeds. False: no collection helps. */
bool gc_gen_make_room(gc_mutator *, gen_attempt *, void *request);

extern const struct gc_verifier gc_gen_verifier;

#endif
