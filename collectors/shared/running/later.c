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
   block has been swept if it has the present turn.
   Who sweeps. A mutator sweeps a block that it takes, pieces in proportion to
   what it allocates, and as much as it needs if it finds no room. A thread of
   the collector sweeps while a processor is idle. Each block is swept with
   space.lock, large objects with orphan_lock; the stopper needs neither,
   because mutators stop only between sweeps, and the thread holds the lock of
   its collector, which the stopper waits for.
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

/* --- one block, space.lock is held ---------------------------------------- */

static void recount(struct blk_heap *heap, struct blk_block *block) {
  struct blk_tally tally = {0};
  gc_blk_recount(heap, block, &tally);
  gc_blk_tally_add(heap, &tally);
}

static void block_sweep(struct blk_heap *heap, struct blk_block *block) {
  struct blk_later *later = &heap->space.later;
  gc_assert(gc_lock_is_held(&heap->space.lock));
  gc_assert(!block->is_listed && gc_blk_is_unswept(&heap->space, block));
  gc_assert(block->middle == 0);
  block->turn = later->turn;
  uint32_t before = block->old_objects;
  if (block->old > 0)
    recount(heap, block);
  gc_assert(block->old_objects <= before);
  later->freed += before - block->old_objects;
}

struct blk_block *gc_blk_later_take(struct blk_heap *heap, enum blk_bins bin,
                                    size_t granules) {
  struct blk_later *later = &heap->space.later;
  struct blk_block *block = gc_blk_bin_take(&later->bins[bin], granules, 1);
  if (block)
    block_sweep(heap, block);
  return block;
}

bool gc_blk_later_count_one(struct blk_heap *heap) {
  struct blk_block *block = gc_blk_pop(&heap->space.later.fresh);
  gc_assert(gc_lock_is_held(&heap->space.lock));
  if (block == NULL)
    return false;
  gc_assert(block->has_survivors);
  block->turn = heap->space.later.turn;
  recount(heap, block);
  gc_blk_place(heap, block);
  return true;
}

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

/* From the last block to the first, so that low addresses are used first. */
bool gc_blk_later_sweep_one(struct blk_heap *heap) {
  struct blk_later *later = &heap->space.later;
  gc_assert(gc_lock_is_held(&heap->space.lock));
  if (gc_blk_later_count_one(heap))
    return true;
  if (!later->is_on)
    return false;
  struct blk_block *block = take_full(heap, BLK_FULL_LOOKS);
  if (block == NULL && later->next > 0)
    return true;
  if (block == NULL)
    block = take_listed(heap);
  if (block == NULL)
    return false;
  block_sweep(heap, block);
  gc_blk_place_after_full(heap, block, later->is_idle_turn);
  return true;
}

/* --- all of them ---------------------------------------------------------- */

void gc_blk_later_begin(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  struct blk_larges *large = &heap->large;
  gc_assert_always(gc_world_is_stopped(&heap->base));
  gc_assert_always(!space->later.is_on && !heap->keeps_former);
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

static bool sweep_one(struct blk_heap *heap, struct gc_memory_source *source) {
  if (gc_blk_large_sweep_some(heap, source))
    return true;
  pthread_mutex_lock(&heap->space.lock);
  bool any = gc_blk_later_sweep_one(heap);
  pthread_mutex_unlock(&heap->space.lock);
  return any;
}

size_t gc_blk_later_sweep(struct blk_heap *heap,
                          struct gc_memory_source *source, size_t count) {
  size_t done = 0;
  while (done < count && sweep_one(heap, source))
    done++;
  return done;
}

bool gc_blk_later_is_done(const struct blk_heap *heap) {
  const struct blk_later *later = &heap->space.later;
  uint64_t some = 0;
  gc_assert(gc_world_is_stopped(&heap->base));
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
