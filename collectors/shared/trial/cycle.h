/* SPDX-License-Identifier: MIT */
/* The data that the parts of the cycle collector share.

   Note [Candidates]
   Which objects become candidates is said in Note [Closing stores]. The mutator
   whose store or decrement makes one sets RC_BUFFERED, and puts the object into
   its own buffer. While the flag is set, only the owner of the buffer frees the
   cell. An object that dies by count in the meantime is left as a husk, and
   marked as such when its death is complete. Owners free husks at their own
   safepoints; everything else happens while the world is stopped. A candidate
   that a pass finds alive leaves the buffers and grows older by one. When it
   becomes a candidate again, it waits for a pass over its age. So live objects
   are examined less and less often. */
#ifndef RC_CYCLE_H
#define RC_CYCLE_H

#include "collectors/shared/counting/rc_heap.h"

enum { CYCLE_AGES = 3 };

struct cycle_mutator {
  struct rc_mutator rc;
  /* Candidates since the last pass; full chunks, then the open one. Owner,
     or the stopper. */
  struct rc_chunks full;
  struct rc_chunk *open;
  uint64_t fresh; /* candidates in both */
  /* With more candidates than this, the mutator searches its buffer for husks
     and may ask for a pass. Written by the owner, the stopper, and any mutator
     that sets a threshold. */
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

/* The last pass over this age or an older one. */
struct cycle_pace {
  uint64_t price;    /* objects that it examined and did not free */
  uint64_t passes;   /* over the next younger age, since then */
  uint64_t gathered; /* heap->gathered at that time */
  size_t held;       /* bytes held after it */
  unsigned doubt;    /* passes in a row that were vain, up to a limit */
};

struct cycle_heap {
  struct rc_heap rc;
  /* All below: world stopped, or the thresholds by anybody, atomically. */
  struct rc_chunks waiting[CYCLE_AGES]; /* candidates, by age */
  uint64_t waiting_count[CYCLE_AGES];
  _Atomic uint64_t threshold[CYCLE_AGES];
  /* Note [Pacing]. The stopper writes them. */
  struct cycle_pace pace[CYCLE_AGES];
  uint64_t gathered;        /* candidates that mutators have made so far */
  _Atomic uint64_t paying;  /* candidates that pay for the last young pass */
  _Atomic uint64_t sharers; /* mutators among whom they are divided */
  _Atomic unsigned doubt;   /* that of age 0 */
  _Atomic size_t held_then; /* held after the last pass */
  /* Candidates that ask to go on with a pass that stopped early; 0: none. */
  _Atomic uint64_t step;
  uint64_t budget_ns;    /* 0: no budget */
  uint64_t patience;     /* objects a batch may touch under a budget */
  uint64_t batch_most;   /* candidates; Note [Batches under a budget] */
  int unfinished;        /* age of the pass that stopped early; or 0 */
  uint64_t price_before; /* price of the dearest part of this pass so far */
  /* Between passes the batch has the candidates of a batch that was given
     up, marked as buffered. `black` has room for all objects in `touched`. */
  struct cycle_array batch, touched, black;
  struct rc_chunks orphaned; /* rc.orphans_lock: of detached mutators */
  _Atomic uint64_t
      orphaned_count; /* candidates there; written under the lock */
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

GC_INLINE bool cycle_array_is_valid(const struct cycle_array *array) {
  return array->count <= array->capacity && array->most <= array->capacity;
}

/* Before the count falls again. */
GC_INLINE void cycle_array_note(struct cycle_array *array) {
  if (array->count > array->most)
    array->most = array->count;
}

GC_INLINE int cycle_age(gc_ref object) {
  gc_assert(object != NULL);
  int age = (int)((rc_word(object) & RC_AGE_MASK) >> RC_AGE_SHIFT);
  return age < CYCLE_AGES ? age : CYCLE_AGES - 1;
}

/* --- pacing.c ------------------------------------------------------------- */

/* More candidates of one mutator than this ask for a pass; 0: never. */
uint64_t gc_cycle_pace_candidates(struct cycle_heap *);
/* A mutator has more than that. Do they pay even if they are doubted? */
bool gc_cycle_pace_is_believed(struct cycle_heap *, uint64_t candidates);
/* Has the heap grown so much that a pass is due? */
bool gc_cycle_pace_has_grown(struct cycle_heap *);
/* World stopped: the oldest age that is due; 0 if no older one is. */
int gc_cycle_pace_age(struct cycle_heap *);
/* A pass stopped early, after it examined `price` objects without freeing them.
   It continues after so many new candidates of all mutators. */
void gc_cycle_pace_step(struct cycle_heap *, uint64_t candidates,
                        uint64_t price);
/* A pass is complete; it examined `price` objects without freeing them. Its
   last part touched and freed so many. */
void gc_cycle_pace_pass(struct cycle_heap *, int age, uint64_t price,
                        uint64_t touched, uint64_t freed);
void gc_cycle_pace_init(struct cycle_heap *);

/* --- candidates.c --------------------------------------------------------- */

/* For assertions. The owner, or the stopper: is every entry marked as buffered,
   and is `fresh` how many there are? */
bool gc_cycle_buffer_is_valid(struct cycle_mutator *);

/* Is a pass due, by candidates of this mutator or by growth? */
bool gc_cycle_is_due(gc_mutator *);
/* The same, but now and then frees husks first. */
bool gc_cycle_wants_pass(gc_mutator *);
/* The threshold has changed. Called by the owner, by the stopper, or with
   heap->lock held. */
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

/* --- the common part of the cards (passes.c) -------------------------------
 */

/* The keys of a tuning table. */
#define CYCLE_TUNING_KEYS                                                      \
  {"candidates", 700, 0, UINT32_MAX,                                           \
   "candidates of one mutator that start a pass; 0: no automatic pass"},       \
      {"gen1", 10, 0, UINT32_MAX,                                              \
       "young passes for each pass over age 1; 0: never"},                     \
      {"gen2", 10, 0, UINT32_MAX,                                              \
       "passes over age 1 for each full pass; 0: never"},                      \
  {                                                                            \
    "budget_us", 0, 0, 60000000,                                               \
        "microseconds after which an automatic pass stops; 0: no limit"        \
  }

int gc_cycle_heap_init(gc_heap *, const char *tuning);
void gc_cycle_heap_finish(gc_heap *);
int gc_cycle_mutator_init(gc_mutator *);
void gc_cycle_mutator_finish(gc_mutator *);
void gc_cycle_safepoint(gc_mutator *);
/* The unit is candidates for generation 0, and passes over the next younger
   generation for the others. A new threshold keeps the prices of earlier
   passes. */
void gc_cycle_threshold_set(gc_heap *, int generation, uint64_t value);
uint64_t gc_cycle_threshold_get(gc_heap *, int generation);

#define CYCLE_CARD_COMMON                                                      \
  RC_CARD_COMMON, .reclaims_cycles = true, .generations = CYCLE_AGES,          \
                  .threshold_greatest = {UINT32_MAX, UINT32_MAX, UINT32_MAX},  \
                  .threshold_get = gc_cycle_threshold_get,                     \
                  .threshold_set = gc_cycle_threshold_set

#endif
