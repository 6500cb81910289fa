/* SPDX-License-Identifier: MIT */
/* The data and functions that the slow paths of the counting collectors share.
 */
#ifndef RC_HEAP_H
#define RC_HEAP_H

#include <collector.h>

#include "heap/heap.h"
#include "heap/verify.h"
#include "heap/weak.h"

struct rc_heap {
  gc_heap base;
  struct gc_memory memory;
  struct gc_weak_table weak;
  _Atomic size_t held; /* bytes given to mutators as quota, and chunks */
  _Atomic size_t held_peak;
  /* A mutator that takes quota while `held` is larger than this sets its own
     poll flag, so that the collector can start a pass. Written by the stopper;
     in rc it is constant and never reached. */
  _Atomic size_t ask_held;
  _Atomic size_t table_bytes;    /* chunks and such; part of held, as are the
                                    tables of the shared parts */
  _Atomic size_t immortal_bytes; /* part of held */
  pthread_mutex_t orphans_lock;
  struct rc_chunks orphans;      /* orphans_lock: chunks left behind */
  _Atomic uint32_t orphan_count; /* a hint; written under orphans_lock */
  uint32_t chunk_max;            /* entries in a chunk */
  /* World stopped: Note [Thrashing when counting] in cells.c. */
  uint64_t vain;      /* objects that the last collection examined, not freed */
  unsigned fruitless; /* collections in a row */
  size_t press_bytes; /* see gc_rc_defer_press */
  int64_t quota_step;
};

GC_INLINE struct rc_heap *rc_heap_of(gc_heap *heap) {
  return (struct rc_heap *)heap;
}

/* --- cells (cells.c) ----------------------------------------------------- */

/* Takes a zeroed cell. NULL: the limit is reached, or there is no memory. */
void *gc_rc_cell_take(struct rc_mutator *, size_t bytes);
/* Frees a cell for which there is no list, or whose list is full. */
void gc_rc_cell_put_slow(struct rc_mutator *, void *cell, size_t bytes);
/* Gives back the quota, and all cells at hand except `keep` bytes. Then `held`
   is exact except for these bytes. Called by the owner, or by any thread while
   the world is stopped. */
void gc_rc_cells_return(struct rc_mutator *, size_t keep);
/* Gives back only the quota. Called by the same threads. */
void gc_rc_quota_return(struct rc_mutator *);
void gc_rc_cells_init(struct rc_mutator *);
/* Memory that holds no objects is held as well, whatever the limit. */
void gc_rc_table_add(struct rc_heap *, size_t bytes);
void gc_rc_table_sub(struct rc_heap *, size_t bytes);
/* Memory for objects. False: the limit does not allow it. */
bool gc_rc_held_raise(struct rc_heap *, size_t bytes);
void gc_rc_held_lower(struct rc_heap *, size_t bytes);
/* Bytes of blocks that are in no cell; 0 without blocks. */
size_t gc_rc_free_in_blocks(struct rc_heap *);
/* World stopped, and the account is exact: Note [Thrashing when counting].
   `free_before`: bytes free in blocks before the collection. */
bool gc_rc_is_thrashing(struct rc_heap *, size_t free_before);
/* The tables of the shared parts; see struct gc_collector. */
bool gc_rc_table_hold(gc_heap *, size_t bytes, bool over_limit);
void gc_rc_table_give(gc_heap *, size_t bytes);

GC_INLINE bool rc_class_is_kept(size_t granules) {
  return !GC_SYSTEM_MALLOC && granules < RC_CLASSES;
}

GC_INLINE void rc_list_push(struct rc_list *list, void *memory) {
  struct rc_cell *cell = memory;
  gc_assert(list->room > 0);
  *cell = (struct rc_cell){0, list->first};
  list->first = cell;
  list->room--;
}

GC_INLINE void rc_cell_put(struct rc_mutator *rc, void *cell, size_t bytes) {
  size_t granules = rc_granules(bytes);
  if (GC_LIKELY(rc_class_is_kept(granules) && rc->at_hand[granules].room > 0 &&
                rc_is_own(&rc->base, cell)))
    rc_list_push(&rc->at_hand[granules], cell);
  else
    gc_rc_cell_put_slow(rc, cell, bytes);
}

/* --- owners: only if RC_BIASED is 1 (collectors/rc-biased) ------------------
 */

/* A cell for objects of this mutator, which rc_is_small; not zeroed. Blocks
   count as held. NULL: no memory. */
void *gc_rc_block_cell(struct rc_mutator *, size_t rounded);
/* The same when memory is out: from what owners that are away have left, and
   maybe a cell of theirs: Note [Cells of others]. */
void *gc_rc_other_cell(struct rc_mutator *, size_t rounded);
/* Puts such a cell, of any owner, back. */
void gc_rc_block_put(struct rc_mutator *, void *cell);
/* The same for builds with a sanitizer. These cells are counted by the caller.
 */
void *gc_rc_headed_new(struct rc_mutator *, size_t rounded);
void gc_rc_headed_free(struct rc_mutator *, void *cell);
/* Bytes of blocks that are in no cell. */
size_t gc_rc_free_bytes(struct rc_heap *);
/* World stopped: merges all objects that are queued to their owners, and
   releases those that are dead. */
void gc_rc_merge_world(gc_mutator *);
/* World stopped: all cells on their way arrive. All empty blocks are given
   back; half of them, if `keep` is not 0. */
void gc_rc_homes_settle(gc_mutator *, size_t keep);

/* --- weak references and ephemerons (release.c) -----------------------------
 */

/* The object dies, and RC_HAS_WEAK is set: clears its weak references and
   ephemerons, lets go of their values, and drops its external memory. */
void gc_rc_tables_leave(gc_mutator *, gc_ref object);

/* Has trial deletion subtracted the count that the ephemeron has of its value?
   World stopped, except that an ephemeron on a list `cleared` is asked, too. */
GC_INLINE bool gc_ephemeron_is_lowered(gc_ref ephemeron) {
  return ((struct gc_ephemeron *)gc_bytes(ephemeron))->is_lowered;
}
GC_INLINE void gc_ephemeron_lowered_set(gc_ref ephemeron, bool is_lowered) {
  ((struct gc_ephemeron *)gc_bytes(ephemeron))->is_lowered = is_lowered;
}

/* --- buffered decrements (defer.c) --------------------------------------- */

/* Applies all entries whose grace period has passed. If too many remain, parks
   and waits for it. */
void gc_rc_defer_safepoint(gc_mutator *);
/* World stopped: applies all entries of all mutators. */
void gc_rc_defer_drain_world(gc_mutator *);
/* Much memory was taken since the open chunk was begun: seals it, so that a
   few large objects do not wait for a thousand small ones. */
void gc_rc_defer_press(struct rc_mutator *);
/* The mutator parks at a safepoint. Other mutators will apply its buffered
   entries, so that these do not wait while it is parked. */
void gc_rc_defer_park(gc_mutator *);
/* The mutator detaches. Other mutators will apply its entries. */
void gc_rc_defer_finish(struct rc_mutator *);
int gc_rc_defer_init(struct rc_mutator *);
/* Frees the remaining chunks. Called when no mutator is left. */
void gc_rc_defer_discard(struct rc_heap *);

/* --- chunks (defer.c) ---------------------------------------------------- */

/* Makes a chunk that counts as held. NULL: no memory. */
struct rc_chunk *gc_rc_chunk_new(struct rc_heap *);
void gc_rc_chunk_free(struct rc_heap *, struct rc_chunk *);
void gc_rc_chunks_append(struct rc_chunks *, struct rc_chunk *);
/* The first one, or NULL. */
struct rc_chunk *gc_rc_chunks_take(struct rc_chunks *);
/* For assertions: is every entry an object? Called by the owner, or with the
   lock of the list held. */
bool gc_rc_chunk_is_valid(const struct rc_heap *, const struct rc_chunk *);

GC_INLINE bool rc_chunks_is_valid(const struct rc_chunks *chunks) {
  return (chunks->count == 0) == (chunks->first == NULL) &&
         (chunks->count == 0) == (chunks->last == NULL) &&
         (chunks->count == 1) == (chunks->first && !chunks->first->next);
}

/* --- the common part of the counting collectors' cards (counting.c) ------- */

/* World stopped: applies all entries and makes the account exact. All mutators
   forget their newest objects. */
void gc_rc_settle(gc_mutator *);
/* Each collector defines these two: the work of a collection while the world is
   stopped, and the label of its pauses. */
void gc_rc_collect_stopped(gc_mutator *, int generation);
extern const char gc_rc_pause_kind[];
size_t gc_rc_collect(gc_mutator *, int generation, const char *cause);
/* Objects freed since the heap was made, by the mutators that are attached. */
uint64_t gc_rc_released(gc_heap *);
int gc_rc_heap_init(gc_heap *, const char *tuning);
void gc_rc_heap_finish(gc_heap *);
int gc_rc_mutator_init(gc_mutator *);
void gc_rc_mutator_finish(gc_mutator *);
void gc_rc_stress(gc_mutator *);
size_t gc_rc_held_bytes(gc_heap *);
size_t gc_rc_leaked_bytes(gc_heap *);
void gc_rc_report(gc_heap *, struct gc_memory_figures *);
void gc_rc_root_set(gc_mutator *, gc_root *, gc_ref);
void gc_rc_global_clear(gc_mutator *, gc_root *);
extern const struct gc_verifier gc_rc_verifier;

#define RC_CARD_COMMON                                                         \
  .counts = true, .counts_to = RC_COUNTS_TO, .reclaims = true, .prompt = true, \
  .precise = true, .limits = true, .collect = gc_rc_collect,                   \
  .stress = gc_rc_stress, .leaked_bytes = gc_rc_leaked_bytes,                  \
  .held_bytes = gc_rc_held_bytes, .table_hold = gc_rc_table_hold,              \
  .table_give = gc_rc_table_give, .report = gc_rc_report,                      \
  .root_set = gc_rc_root_set, .global_clear = gc_rc_global_clear,              \
  .verifier = &gc_rc_verifier

#endif
