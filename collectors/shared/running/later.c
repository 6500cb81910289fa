/* SPDX-License-Identifier: MIT */
/* Sweeping while mutators run, for a collector that also marks meanwhile.

   Note [Sweeping later]
   When marking is done, the world is stopped, and no object is young. From then
   on an old object with the former value is dead, and nothing leads to it:
   slots of live objects and roots do not, and in this stop dead holders leave
   the remembered set, dead targets the weak references and ephemerons, dead
   objects with external memory their lists; objects with finalizers were
   marked. So nobody but the sweep reads a dead object again, not even its
   header. The stop moves lists aside, in constant time: bins and empty blocks
   to `later`, old large objects to list[BLK_UNSWEPT]. It flips `later.turn`. A
   block has been swept, or is being swept, if it has the present turn.
   Who sweeps. A mutator sweeps a block that it takes, pieces in proportion to
   what it allocates, and as much as it needs if it finds no room. A thread of
   the collector sweeps while a processor is idle. Who sweeps a block takes it
   first, with space.lock: then it is in no list and has the present turn, so
   nobody else finds it. It is swept without the lock, and the lock is taken
   again to put the block into a list. Large objects are swept in the same way:
   who sweeps some takes the whole list, with orphan_lock, and puts the rest
   back. Others sweep blocks meanwhile.
   The stopper meets no block that is being swept, because mutators stop only
   between sweeps, and the thread holds the lock of its collector, which the
   stopper waits for. A mutator that finds no block left to sweep while
   others sweep the last ones waits for them: some microseconds.
   models/sweeping.pml is a model of it.
   What is young. A block gets the present turn when a mutator takes it, before
   an object is made there. So a block that is still to be swept has no young
   object and no filler, and a minor collection, which gives survivors the
   current value, stores no byte in it. A large object that survives goes to
   list[2], which is swept already.
   Who reads bytes. Mutators read those of live objects: in the barrier, and for
   gc_generation_of. A sweep replaces only bytes of dead objects, but stores
   words of eight bytes; it stores them atomically, and a live object's bytes
   keep their value. To a minor collection and to the barrier, every value that
   is not 0 is old. To the search for free runs, a dead object is in the way
   until its block has been swept, and no search goes on in a block while it is
   swept: a mutator owns the block then.
   What is counted. Until a block has been swept, its dead objects count as
   live. So live bytes are at most too high and room too low, and a block in a
   former bin has the runs that it was put there for. Thresholds that a full
   collection renews are renewed in the first stop after the last sweep.
   How it ends. A byte of the former value must be gone before values flip
   again, or dead objects would live again: no cycle and no full collection
   begins before all has been swept. Then every block has the present turn, but
   for released ones, and these have no old object. A block that is fresh (Note
   [Counting later]) when sweeping begins has dead objects, too. A piece counts
   all that is fresh before it looks at `next`; so when that is 0, no such block
   is left. */
#include "collectors/shared/running/running.h"

#include <sched.h>
#include <string.h>

/* Note [Counting later]
   A minor collection does not count survivors either, unless the program asked
   for it and gets the number of dead objects. Blocks with survivors go to
   `fresh`, large objects that were young to list[BLK_FRESH], in constant time.
   A mutator that takes a block counts two of them first; it frees the dead
   large objects, which have the byte 0, in proportion to what it allocates. So
   about all is done when the next minor collection begins. A fresh block looks
   emptier than it is, but it is in no list that mutators take blocks from.
   Until it has been counted, live bytes are too low by its survivors, and so is
   room by the rest of the block. While a cycle marks, a marker may store bytes
   in a fresh block that is being counted. The count is right all the same: it
   counts both values of a generation, and has nothing to clear. A slice
   reads the list of large objects from the first one of the snapshot on: Note
   [Slices]. So list[2] only grows, at its front, while a cycle marks, and all
   objects of the snapshot must be there: what is fresh and large is swept
   before a cycle begins. */

bool gc_blk_is_unswept(const struct blk_space *space,
                       const struct blk_block *block) {
  return space->later.is_on && block->turn != space->later.turn &&
         !block->is_released;
}

/* --- blocks that are to be swept: space.lock is held ---------------------- */

/* The next block that was full, after at most so many looks; others are in
   lists or have been swept. */
static struct blk_block *take_full(struct blk_heap *heap, unsigned looks) {
  struct blk_later *later = &heap->space.later;
  for (; later->next > 0 && looks > 0; looks--) {
    struct blk_block *block = gc_blk_at(&heap->space, --later->next);
    if (!block->is_listed && gc_blk_is_unswept(&heap->space, block))
      return block;
  }
  return NULL;
}

/* Empty blocks have nothing to sweep, but may be given back. */
static struct blk_block *take_listed(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  struct blk_block *block = gc_blk_pop(&space->later.empty);
  space->empty_bytes -= block ? BLK_SIZE : 0;
  for (enum blk_bins bin = BLK_RICH; block == NULL && bin < BLK_BINS; bin++)
    block = gc_blk_bin_take(&space->later.bins[bin], 1, 1);
  return block;
}

enum { BLK_FULL_LOOKS = 16 }; /* as long as sweeping a block */

static struct blk_block *take_fresh(struct blk_heap *heap) {
  return gc_blk_pop(&heap->space.later.fresh);
}

/* From the last block to the first, so that low addresses are used first. NULL
   and `any`: none has been found yet. */
static struct blk_block *take_unswept(struct blk_heap *heap, bool *any) {
  struct blk_later *later = &heap->space.later;
  struct blk_block *block = NULL;
  if (later->is_on)
    block = take_full(heap, BLK_FULL_LOOKS);
  *any = block != NULL || later->next > 0;
  if (later->is_on && !*any)
    block = take_listed(heap);
  *any |= block != NULL;
  return block;
}

/* --- sweeping ------------------------------------------------------------- */

/* The caller has taken the block: no lock is needed. Returns the number of dead
   objects. */
static size_t block_sweep(struct blk_heap *heap, struct blk_block *block,
                          struct blk_tally *tally) {
  uint32_t before = block->old_objects;
  gc_assert(block->middle == 0 && !block->has_survivors);
  if (block->old > 0)
    gc_blk_recount(heap, block, tally);
  gc_assert(block->old_objects <= before);
  return before - block->old_objects;
}

/* So many blocks are taken at once that the lock is rarely needed, and so few
   that others find some. */
enum { BLK_BATCH = 8 };

/* Blocks that somebody has taken to sweep, and what was found in them. */
struct batch {
  struct blk_block *blocks[BLK_BATCH];
  size_t count;
  struct blk_tally tally;
  size_t freed; /* dead old objects */
};

/* space.lock is held, as in batch_take and batch_place. */
static void batch_add(struct blk_heap *heap, struct batch *batch,
                      struct blk_block *block) {
  gc_assert(gc_lock_is_held(&heap->space.lock));
  gc_assert(batch->count < BLK_BATCH);
  gc_assert(!block->is_listed && !block->is_released);
  block->turn = heap->space.later.turn;
  heap->space.later.taken++;
  batch->blocks[batch->count++] = block;
}

/* Takes a block to count or to sweep, if one is found soon. False: none is
   left. */
static bool batch_take(struct blk_heap *heap, struct batch *batch) {
  bool any = true;
  struct blk_block *block = take_fresh(heap);
  if (block == NULL)
    block = take_unswept(heap, &any);
  if (block)
    batch_add(heap, batch, block);
  return any;
}

static void batch_sweep(struct blk_heap *heap, struct batch *batch) {
  for (size_t i = 0; i < batch->count; i++)
    if (batch->blocks[i]->has_survivors)
      gc_blk_recount(heap, batch->blocks[i], &batch->tally);
    else
      batch->freed += block_sweep(heap, batch->blocks[i], &batch->tally);
}

static void batch_place(struct blk_heap *heap, struct batch *batch) {
  struct blk_later *later = &heap->space.later;
  gc_assert(gc_lock_is_held(&heap->space.lock));
  gc_blk_tally_add(heap, &batch->tally);
  later->freed += batch->freed;
  gc_assert(later->taken >= batch->count);
  later->taken -= batch->count;
  for (size_t i = 0; i < batch->count; i++)
    gc_blk_place_after_full(heap, batch->blocks[i], later->is_idle_turn);
}

/* Others may need the lock to put back what they have taken. */
static void wait_for_others(struct blk_heap *heap) {
  pthread_mutex_unlock(&heap->space.lock);
  sched_yield();
  pthread_mutex_lock(&heap->space.lock);
}

bool gc_blk_later_sweep_one(struct blk_heap *heap) {
  struct batch batch = {.count = 0};
  bool any = batch_take(heap, &batch);
  if (!any && heap->space.later.taken > 0) {
    wait_for_others(heap);
    return true;
  }
  batch_sweep(heap, &batch);
  batch_place(heap, &batch);
  return any;
}

bool gc_blk_later_count_one(struct blk_heap *heap) {
  struct batch batch = {.count = 0};
  struct blk_block *block = take_fresh(heap);
  if (block == NULL)
    return false;
  batch_add(heap, &batch, block);
  batch_sweep(heap, &batch);
  batch_place(heap, &batch);
  return true;
}

struct blk_block *gc_blk_later_take(struct blk_heap *heap, enum blk_bins bin,
                                    size_t granules) {
  struct blk_later *later = &heap->space.later;
  struct blk_block *block = gc_blk_bin_take(&later->bins[bin], granules, 1);
  struct blk_tally tally = {0};
  if (block == NULL)
    return NULL;
  block->turn = later->turn;
  later->freed += block_sweep(heap, block, &tally);
  gc_blk_tally_add(heap, &tally);
  return block;
}

/* --- all of them ---------------------------------------------------------- */

void gc_blk_later_begin(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  struct blk_larges *large = &heap->large;
  gc_assert_always(gc_world_is_stopped(&heap->base));
  gc_assert_always(!space->later.is_on && !heap->keeps_former);
  gc_assert_always(space->later.taken == 0);
  gc_assert_always(large->list[0] == NULL && large->list[1] == NULL);
  pthread_mutex_lock(&space->lock);
  space->later = (struct blk_later){
      .is_on = true,
      .turn = !space->later.turn,
      .is_idle_turn = gc_blk_idle_turn_begin(heap),
      .next = space->blocks,
      .fresh = space->later.fresh,
      .empty = space->empty,
  };
  memcpy(space->later.bins, space->bins, sizeof space->bins);
  gc_blk_bins_clear(space);
  space->empty = NULL;
  large->list[BLK_UNSWEPT] = large->list[2];
  large->list[2] = NULL;
  pthread_mutex_unlock(&space->lock);
}

/* Returns how many blocks it has swept or looked for in vain, at most `most`
   and BLK_BATCH. 0: none is left. */
static size_t blocks_sweep(struct blk_heap *heap, size_t most) {
  struct batch batch = {.count = 0};
  size_t looks = 0;
  pthread_mutex_lock(&heap->space.lock);
  while (looks < most && looks < BLK_BATCH && batch_take(heap, &batch))
    looks++;
  pthread_mutex_unlock(&heap->space.lock);
  batch_sweep(heap, &batch);
  pthread_mutex_lock(&heap->space.lock);
  batch_place(heap, &batch);
  pthread_mutex_unlock(&heap->space.lock);
  return looks;
}

size_t gc_blk_later_sweep(struct blk_heap *heap,
                          struct gc_memory_source *source, size_t count) {
  size_t done = 0, some = 1;
  while (done < count && some > 0) {
    size_t part = count - done < BLK_BATCH ? count - done : BLK_BATCH;
    bool is_busy = false;
    some = gc_blk_large_sweep_some(heap, source, part, &is_busy) ? part : 0;
    if (some == 0)
      some = blocks_sweep(heap, part);
    if (some == 0 && is_busy) {
      sched_yield();
      some = 1;
    }
    done += some;
  }
  return done;
}

bool gc_blk_later_is_done(const struct blk_heap *heap) {
  const struct blk_later *later = &heap->space.later;
  uint64_t some = 0;
  gc_assert(gc_world_is_stopped(&heap->base) && later->taken == 0);
  for (enum blk_bins bin = BLK_RICH; bin < BLK_BINS; bin++)
    some |= later->bins[bin].some;
  return later->next == 0 && later->empty == NULL && some == 0 &&
         heap->large.list[BLK_UNSWEPT] == NULL;
}

void gc_blk_later_end(struct blk_heap *heap, struct gc_memory_source *source) {
  gc_assert_always(gc_world_is_stopped(&heap->base));
  gc_blk_later_sweep(heap, source, SIZE_MAX);
  heap->base.pause.objects_freed += heap->space.later.freed;
  heap->space.later.is_on = false;
}
