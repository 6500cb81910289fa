/* SPDX-License-Identifier: MIT */
/* Gives memory of blocks back to the system, whole blocks and single pages.

   Note [Giving back]
   A page that is faulted in anew costs more than the objects that are made in
   it, and so does one that the system was merely allowed to take. So an empty
   block stays held until it has been idle long enough: while as many bytes were
   allocated elsewhere as all blocks have, GEN_IDLE_MOST times. A collection
   that the program asks for counts like one such turn, so a program that wants
   its memory to go back can ask a few times.

   Note [Exchanging pages]
   A large object or a new block needs memory of its own. Near the limit there
   may be none, although the blocks have enough: a block with one live object
   cannot be given back. But its free pages can. So free pages are lent: the
   system gets them, they do not count as held, and their side bytes become
   GEN_LENT. To all who read side bytes, such a page is used, by an object that
   does not begin anywhere. A mutator that takes the block gets as many of its
   pages back as Note [Room for large objects] allows. A block whose objects
   have all died is given back as a whole.
   A page that is lent and taken back costs a page fault, so pages are lent only
   after a full collection, for the reserve, and as a last resort. When they
   were lent for every large object that found no memory, small objects took
   them back as often, and larson took 1.5 times as long.
   Blocks with the longest runs are looked through first. Then a block has no
   free page left; it goes to the last bin, where it is not looked at again
   before its next census. So no block is looked through twice between two
   collections. */
#include "collectors/gen/gen.h"

#include <string.h>
#include <sys/mman.h>

enum {
  GEN_PAGE = 4096, /* the smallest page of any system that we know */
  GEN_PAGE_GRANULES = GEN_PAGE / GEN_GRANULE,
};

/* --- whole blocks --------------------------------------------------------- */

/* The block's record stays. */
void gc_gen_block_release(struct gen_heap *heap, struct gen_block *block) {
  struct gen_space *space = &heap->space;
  char *start = gen_block_start(block);
  gc_assert_always(!block->is_released && !block->is_listed);
  gc_assert_always(block->middle + block->old == 0);
  gc_assert(gc_lock_is_held(&space->lock));
  gc_assert(space->held > 0);
  madvise(start, GEN_BLOCK, MADV_DONTNEED);
  memset(gc_gen_byte(start), GEN_FREE, GEN_BLOCK_GRANULES);
  size_t lent = (size_t)block->lent * GEN_GRANULE;
  block->idle = 0;
  block->lent = 0;
  block->runs = block->longest = 0;
  block->is_released = true;
  gc_gen_push(&space->released, block);
  space->held--;
  space->lent -= lent;
  gc_gen_unhold(heap, GEN_BLOCK_COST - lent);
}

/* --- Note [Exchanging pages] ---------------------------------------------- */

/* The page begins at granule `i`. */
static bool page_lend(struct gen_heap *heap, char *start, size_t i) {
  uint8_t *bytes = gc_gen_byte(start);
  if (gen_next_used(bytes, i) < i + GEN_PAGE_GRANULES ||
      madvise(start + i * GEN_GRANULE, GEN_PAGE, MADV_DONTNEED) != 0)
    return false;
  memset(bytes + i, GEN_LENT, GEN_PAGE_GRANULES);
  gc_gen_unhold(heap, GEN_PAGE);
  return true;
}

static size_t block_lend(struct gen_heap *heap, struct gen_block *block) {
  char *start = gen_block_start(block);
  size_t pages = 0;
  gc_assert(!block->is_listed && !block->is_released);
  for (size_t i = 0; i < GEN_BLOCK_GRANULES; i += GEN_PAGE_GRANULES)
    pages += page_lend(heap, start, i);
  if (pages > 0) {
    block->lent += (uint16_t)(pages * GEN_PAGE_GRANULES);
    gc_gen_runs_renew(block);
    heap->space.lent += pages * GEN_PAGE;
  }
  return pages * GEN_PAGE;
}

static struct gen_block *take_longest(struct gen_space *space) {
  static const enum gen_bins order[] = {GEN_POORER, GEN_POOR, GEN_RICH};
  struct gen_block *block = NULL;
  for (size_t i = 0; block == NULL && i < sizeof order / sizeof order[0]; i++)
    block = gc_gen_bins_take_longest(space, order[i], GEN_PAGE_GRANULES);
  return block;
}

bool gc_gen_pages_lend(struct gen_heap *heap, size_t bytes) {
  struct gen_space *space = &heap->space;
  struct gen_block *block;
  size_t before = gc_gen_left(heap), lent = 0;
  gc_assert(gc_lock_is_held(&space->lock));
  while (before + lent < bytes && (block = take_longest(space)) != NULL) {
    lent += block_lend(heap, block);
    if (gen_block_free(block) > 0)
      gc_gen_bins_add_to(space, GEN_SEARCHED, block);
  }
  return before + lent >= bytes;
}

void gc_gen_pages_regain(struct gen_heap *heap, struct gen_block *block) {
  uint8_t *bytes = gc_gen_byte(gen_block_start(block));
  size_t pages = 0;
  gc_assert(!block->is_listed && !block->is_released);
  for (size_t i = 0; block->lent > 0 && i < GEN_BLOCK_GRANULES;
       i += GEN_PAGE_GRANULES)
    if (bytes[i] == GEN_LENT && gc_gen_blocks_hold(heap, GEN_PAGE)) {
      memset(bytes + i, GEN_FREE, GEN_PAGE_GRANULES);
      block->lent -= GEN_PAGE_GRANULES;
      pages++;
    }
  if (pages > 0) {
    gc_gen_runs_renew(block);
    heap->space.lent -= pages * GEN_PAGE;
  }
}

static bool release(struct gen_heap *heap, size_t bytes, bool may_lend) {
  struct gen_space *space = &heap->space;
  struct gen_block *block;
  pthread_mutex_lock(&space->lock);
  while (gc_gen_left(heap) < bytes && (block = gc_gen_pop_empty(space)) != NULL)
    gc_gen_block_release(heap, block);
  if (may_lend)
    gc_gen_pages_lend(heap, bytes);
  bool ok = gc_gen_left(heap) >= bytes;
  pthread_mutex_unlock(&space->lock);
  return ok;
}

bool gc_gen_release(struct gen_heap *heap, size_t bytes) {
  return release(heap, bytes, heap->space.is_last_resort);
}

void gc_gen_reserve(struct gen_heap *heap, size_t bytes) {
  gc_assert(gc_world_is_stopped(&heap->base));
  release(heap, bytes, true);
}
