/* SPDX-License-Identifier: MIT */
/* Gives memory of blocks back to the system, whole blocks and single pages.

   Note [Giving back]
   A page that is faulted in anew costs more than the objects that are made in
   it, and so does one that the system was merely allowed to take. So an empty
   block stays held until it has been idle long enough: while as many bytes were
   allocated elsewhere as all blocks have, BLK_IDLE_MOST times. A collection
   that the program asks for counts like one such turn, so a program that wants
   its memory to go back can ask a few times.

   Note [Exchanging pages]
   A large object or a new block needs memory of its own. Near the limit there
   may be none, although the blocks have enough: a block with one live object
   cannot be given back. But its free pages can. So free pages are lent: the
   system gets them, they do not count as held, and their side bytes become
   BLK_LENT. To all who read side bytes, such a page is used, by an object that
   does not begin anywhere. A mutator that takes the block gets as many of its
   pages back as the reserve for large objects allows. A block whose objects
   have all died is given back as a whole.
   A page that is lent and taken back costs a page fault, so pages are lent only
   after a full collection, for the reserve, and as a last resort. When they
   were lent for every large object that found no memory, small objects took
   them back as often, and larson took 1.5 times as long.
   Blocks with the longest runs are looked through first. Then a block has no
   free page left; it goes to the last bin, where it is not looked at again
   before its next census. So no block is looked through twice between two
   collections. */
#include "collectors/shared/blocks/blocks.h"

#include <string.h>
#include <sys/mman.h>

enum {
  BLK_PAGE = 4096, /* the smallest page of any system that we know */
  BLK_PAGE_GRANULES = BLK_PAGE / BLK_GRANULE,
};

/* --- whole blocks --------------------------------------------------------- */

/* The block's record stays. */
void gc_blk_give_back(struct blk_heap *heap, struct blk_block *block) {
  struct blk_space *space = &heap->space;
  char *start = blk_start(block);
  gc_assert_always(!block->is_released && !block->is_listed);
  gc_assert_always(block->middle + block->old == 0);
  gc_assert(gc_lock_is_held(&space->lock));
  gc_assert(space->held > 0);
  madvise(start, BLK_SIZE, MADV_DONTNEED);
  memset(gc_blk_byte(start), BLK_FREE, BLK_GRANULES);
  size_t lent = (size_t)block->lent * BLK_GRANULE;
  block->idle = 0;
  block->lent = 0;
  block->runs = block->longest = 0;
  block->is_released = true;
  gc_blk_push(&space->released, block);
  space->held--;
  space->lent -= lent;
  gc_blk_unhold(heap, BLK_COST - lent);
}

/* --- Note [Exchanging pages] ---------------------------------------------- */

/* The page begins at granule `i`. */
static bool page_lend(struct blk_heap *heap, char *start, size_t i) {
  uint8_t *bytes = gc_blk_byte(start);
  if (blk_next_used(bytes, i) < i + BLK_PAGE_GRANULES ||
      madvise(start + i * BLK_GRANULE, BLK_PAGE, MADV_DONTNEED) != 0)
    return false;
  memset(bytes + i, BLK_LENT, BLK_PAGE_GRANULES);
  gc_blk_unhold(heap, BLK_PAGE);
  return true;
}

static size_t block_lend(struct blk_heap *heap, struct blk_block *block) {
  char *start = blk_start(block);
  size_t pages = 0;
  gc_assert(!block->is_listed && !block->is_released);
  for (size_t i = 0; i < BLK_GRANULES; i += BLK_PAGE_GRANULES)
    pages += page_lend(heap, start, i);
  if (pages > 0) {
    block->lent += (uint16_t)(pages * BLK_PAGE_GRANULES);
    gc_blk_runs_renew(block);
    heap->space.lent += pages * BLK_PAGE;
  }
  return pages * BLK_PAGE;
}

static struct blk_block *take_longest(struct blk_space *space) {
  static const enum blk_bins order[] = {BLK_POORER, BLK_POOR, BLK_RICH};
  struct blk_block *block = NULL;
  for (size_t i = 0; block == NULL && i < sizeof order / sizeof order[0]; i++)
    block = gc_blk_bin_take_longest(&space->bins[order[i]], BLK_PAGE_GRANULES);
  return block;
}

bool gc_blk_pages_lend(struct blk_heap *heap, size_t bytes) {
  struct blk_space *space = &heap->space;
  struct blk_block *block;
  size_t before = gc_blk_left(heap), lent = 0;
  gc_assert(gc_lock_is_held(&space->lock));
  gc_assert_always(!space->later.is_on);
  while (before + lent < bytes && (block = take_longest(space)) != NULL) {
    lent += block_lend(heap, block);
    if (blk_free(block) > 0)
      gc_blk_bins_add_to(space, BLK_SEARCHED, block);
  }
  return before + lent >= bytes;
}

void gc_blk_pages_regain(struct blk_heap *heap, struct blk_block *block) {
  uint8_t *bytes = gc_blk_byte(blk_start(block));
  size_t pages = 0;
  gc_assert(!block->is_listed && !block->is_released);
  for (size_t i = 0; block->lent > 0 && i < BLK_GRANULES;
       i += BLK_PAGE_GRANULES)
    if (__atomic_load_n(bytes + i, __ATOMIC_RELAXED) == BLK_LENT &&
        gc_blk_blocks_hold(heap, BLK_PAGE)) {
      memset(bytes + i, BLK_FREE, BLK_PAGE_GRANULES);
      block->lent -= BLK_PAGE_GRANULES;
      pages++;
    }
  if (pages > 0) {
    gc_blk_runs_renew(block);
    heap->space.lent -= pages * BLK_PAGE;
  }
}

static bool release(struct blk_heap *heap, size_t bytes, bool may_lend) {
  struct blk_space *space = &heap->space;
  struct blk_block *block;
  pthread_mutex_lock(&space->lock);
  while (gc_blk_left(heap) < bytes)
    if ((block = gc_blk_pop_empty(space)) != NULL)
      gc_blk_give_back(heap, block);
    else if (!MARK_WHILE_RUNNING || !gc_blk_later_sweep_one(heap))
      break;
  if (may_lend)
    gc_blk_pages_lend(heap, bytes);
  bool ok = gc_blk_left(heap) >= bytes;
  pthread_mutex_unlock(&space->lock);
  return ok;
}

bool gc_blk_release(struct blk_heap *heap, size_t bytes) {
  return release(heap, bytes, heap->space.is_last_resort);
}

bool gc_blk_reserve_more(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  size_t left = gc_blk_left(heap);
  pthread_mutex_lock(&space->lock);
  bool lends = !space->later.is_on && left < space->reserve;
  struct blk_block *block = lends ? gc_blk_pop_empty(space) : NULL;
  if (block)
    gc_blk_give_back(heap, block);
  else if (lends)
    lends = gc_blk_pages_lend(heap, left + 1);
  pthread_mutex_unlock(&space->lock);
  return lends;
}

void gc_blk_reserve(struct blk_heap *heap, size_t bytes) {
  gc_assert(gc_world_is_stopped(&heap->base));
  release(heap, bytes, true);
}
