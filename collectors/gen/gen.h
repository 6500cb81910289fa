/* SPDX-License-Identifier: MIT */
/* The data and functions that the files of `gen` share.

   A reference from an older to a younger generation is found through a
   mutator's `remembered`, or through the heap's `remembered` or `kept`. This is
   broken only while the world is stopped to collect. */
#ifndef GEN_H
#define GEN_H

#include "collectors/gen/collector.h"
#include "collectors/shared/marking/marking.h"
#include "heap/verify.h"

struct gen_tuned {
  bool generations;
};

struct gen_heap {
  struct blk_heap blocks;
  struct marking marking;
  struct gen_tuned tuned; /* constant */
  /* By generation: bytes of the nursery, collections of generation 0, per cent
     of growth. Written by any thread at any time; that of generation 0 under
     space.lock. */
  _Atomic uint64_t threshold[3];
  struct blk_refs remembered; /* orphan_lock: of detached mutators */
  struct blk_refs kept;       /* stopper: Note [Remembered objects] */
  _Atomic bool lost;          /* a holder could not be remembered */
  _Atomic uint64_t collections;
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
GC_INLINE struct gen_mutator *gen_mutator_of(gc_mutator *m) {
  return (struct gen_mutator *)m;
}

/* --- remembered objects (remember.c) ------------------------------------- */

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
size_t gc_gen_collect(gc_mutator *, int generation, const char *cause);
void gc_gen_stress(gc_mutator *);

/* --- trying again (retry.c) ----------------------------------------------- */

/* An operation that needs memory; false if there is none. This mutator may have
   stopped the world. */
typedef bool gen_attempt(gc_mutator *, void *request);
/* Collects and retries an operation that failed for want of memory, until it
   succeeds. False: no collection helps. */
bool gc_gen_make_room(gc_mutator *, gen_attempt *, void *request);

extern const struct gc_verifier gc_gen_verifier;

#endif
