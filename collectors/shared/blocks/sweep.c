/* SPDX-License-Identifier: MIT */
/* The sweep of a stop: a census of the blocks that may have changed, then new
   lists of blocks.

   Note [Sweeping in turns]
   All markers take the census together: each takes the next few blocks, counts
   them, and adds up privately what has changed. No block is counted twice, and
   a census reads and writes nothing but its own block, so no order is needed.
   The stopper adds the sums to the totals when all are done. Meanwhile it may
   sweep large objects, which no census reads. The lists are the stopper's
   alone: the order of blocks in them decides where the next objects lie, and
   must not depend on which marker was faster. */
#include "collectors/shared/blocks/blocks.h"

/* --- lists, by the stopper ------------------------------------------------ */

void gc_blk_place(struct blk_heap *heap, struct blk_block *block) {
  struct blk_space *space = &heap->space;
  size_t free = blk_free(block);
  gc_assert(!block->is_released);
  gc_assert_slow(gc_blk_is_valid(block));
  if (free == BLK_GRANULES) {
    gc_blk_push(&space->empty, block);
    space->empty_bytes += BLK_SIZE;
  } else if (block->middle + block->old == 0) {
    gc_blk_give_back(heap, block); /* its other pages are lent */
  } else if (free > 0) {
    gc_blk_bins_add(space, block);
  }
}

/* A block whose survivors were not counted: Note [Counting later]. */
static void place_young(struct blk_heap *heap, struct blk_block *young) {
  for (struct blk_block *next, *block = young; block; block = next) {
    next = block->next;
    gc_assert(!block->is_listed);
    gc_assert(block->cursor >= blk_start(block));
    gc_assert(block->cursor <= blk_end(block));
    block->is_zero = false;
    if (block->has_survivors)
      gc_blk_push(&heap->space.later.fresh, block);
    else
      gc_blk_place(heap, block);
  }
}

static void lists_forget(struct blk_space *space) {
  space->empty = space->later.fresh = NULL;
  space->empty_bytes = 0;
  gc_blk_bins_clear(space);
}

/* Note [Giving back] in pages.c */
enum { BLK_IDLE_MOST = 4 };

void gc_blk_place_after_full(struct blk_heap *heap, struct blk_block *block,
                             bool is_idle_turn) {
  bool is_empty = block->middle + block->old == 0;
  block->idle = is_empty ? block->idle + is_idle_turn : 0;
  if (block->idle >= BLK_IDLE_MOST)
    gc_blk_give_back(heap, block);
  else
    gc_blk_place(heap, block);
}

bool gc_blk_idle_turn_begin(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  size_t allocated = space->allocated + blk_new_bytes(space);
  space->allocated = space->claimed = space->passed = space->external = 0;
  return heap->is_asked || allocated >= space->held * BLK_SIZE;
}

/* From the last block to the first, so that low addresses are used first and
   the memory at the end has a chance to become idle. */
static void place_all(struct blk_heap *heap, bool is_idle_turn) {
  struct blk_space *space = &heap->space;
  gc_assert_always(!space->later.is_on);
  lists_forget(space);
  for (size_t i = space->blocks; i-- > 0;) {
    struct blk_block *block = gc_blk_at(space, i);
    if (block->is_released)
      continue;
    block->is_listed = false;
    if (heap->generation == 2)
      gc_blk_place_after_full(heap, block, is_idle_turn);
    else
      gc_blk_place(heap, block);
  }
}

void gc_blk_sweep_end(struct blk_heap *heap, struct blk_block *young) {
  gc_assert_always(gc_world_is_stopped(&heap->base));
  gc_assert(heap->space.sweep.young == NULL);
  pthread_mutex_lock(&heap->space.lock);
  size_t allocated = heap->space.allocated + blk_new_bytes(&heap->space);
  bool is_idle_turn = gc_blk_idle_turn_begin(heap);
  if (heap->generation == 0) {
    place_young(heap, young);
  } else {
    for (struct blk_block *block = young; block; block = block->next)
      block->is_zero = false;
    place_all(heap, is_idle_turn);
  }
  if (heap->generation < 2)
    heap->space.allocated = allocated;
  pthread_mutex_unlock(&heap->space.lock);
}

/* --- the census, by all markers ------------------------------------------- */

enum { BLK_SWEEP_SOME = 16 };

size_t gc_blk_sweep_begin(struct blk_heap *heap, struct blk_block *young) {
  struct blk_space *space = &heap->space;
  gc_assert_always(gc_world_is_stopped(&heap->base));
  bool is_minor = heap->generation == 0;
  space->sweep.young = is_minor && !gc_blk_counts_later(heap) ? young : NULL;
  atomic_store(&space->sweep.next, is_minor ? space->blocks : 0);
  return is_minor ? space->claimed / BLK_SIZE : space->blocks;
}

/* Of a collection of generation 0, only blocks with survivors. */
static bool may_have_changed(const struct blk_heap *heap,
                             const struct blk_block *block) {
  return !block->is_released &&
         (block->has_survivors || (heap->generation > 0 && block->middle > 0) ||
          (heap->generation == 2 && block->old > 0));
}

static size_t take_young(struct blk_space *space, struct blk_block **some) {
  size_t count = 0;
  pthread_mutex_lock(&space->lock);
  for (; space->sweep.young && count < BLK_SWEEP_SOME;
       space->sweep.young = space->sweep.young->next)
    if (space->sweep.young->has_survivors)
      some[count++] = space->sweep.young;
  pthread_mutex_unlock(&space->lock);
  return count;
}

static size_t take_any(struct blk_space *space, struct blk_block **some) {
  size_t count = 0,
         from = atomic_fetch_add_explicit(&space->sweep.next, BLK_SWEEP_SOME,
                                          memory_order_relaxed);
  while (count < BLK_SWEEP_SOME && from + count < space->blocks) {
    some[count] = gc_blk_at(space, from + count);
    count++;
  }
  return count;
}

bool gc_blk_sweep_some(struct blk_heap *heap, struct blk_tally *tally) {
  struct blk_block *some[BLK_SWEEP_SOME];
  size_t count = heap->generation == 0 ? take_young(&heap->space, some)
                                       : take_any(&heap->space, some);
  for (size_t i = 0; i < count; i++)
    if (may_have_changed(heap, some[i]))
      gc_blk_recount_stopped(heap, some[i], tally);
  return count > 0;
}
