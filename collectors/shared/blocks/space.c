/* SPDX-License-Identifier: MIT */
/* Makes blocks, and keeps lists of those that have room.

   Every block that is held is in one of five states: full (in no list), in a
   list of a bin (lists.c), `empty`, owned by a mutator, or in a list of young
   blocks. */
#include "collectors/shared/blocks/blocks.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLK_BLOCKS_PER_CHUNK = BLK_CHUNK_BLOCKS - BLK_CHUNK_FRONT };

/* --- address space -------------------------------------------------------- */

/* Without a limit, as many as the machine has memory for. Under a limit, twice
   as many as it has room for, because of some only a few pages may be held. */
static size_t block_most(const struct blk_heap *heap) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES);
  size_t most = pages * (size_t)sysconf(_SC_PAGESIZE);
  if (heap->base.limit < most / 2)
    most = 2 * heap->base.limit;
  return most / BLK_COST + 1;
}

/* Reserves only addresses: the system gives pages when they are first touched.
 */
static char *reserve(size_t bytes) {
  char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return map == MAP_FAILED ? NULL : map;
}

static int space_init(struct blk_space *space, struct blk_heap *heap) {
  size_t chunks = block_most(heap) / BLK_BLOCKS_PER_CHUNK + 1;
  do {
    space->map_bytes = (chunks + 1) * BLK_CHUNK;
    space->map = reserve(space->map_bytes);
  } while (space->map == NULL && (chunks /= 2) > 0);
  if (space->map == NULL)
    return ENOMEM;
  uintptr_t base = (uintptr_t)space->map + BLK_CHUNK - 1;
  space->base = (char *)(base & -BLK_CHUNK);
  space->bytes = chunks * BLK_CHUNK;
  gc_assert_always(space->base + space->bytes <= space->map + space->map_bytes);
  space->block_most = chunks * BLK_BLOCKS_PER_CHUNK;
  pthread_mutex_init(&space->lock, NULL);
  return 0;
}

int gc_blk_heap_init(struct blk_heap *heap) {
  int error = space_init(&heap->space, heap);
  if (error != 0)
    return error;
  heap->middle = BLK_MIDDLE;
  heap->old = BLK_OLD;
  heap->reached = blk_old_values(heap);
  pthread_mutex_init(&heap->orphan_lock, NULL);
  gc_blk_larges_init(heap);
  return 0;
}

/* The remaining large objects are freed with jemalloc's arenas. */
void gc_blk_heap_finish(struct blk_heap *heap) {
  gc_memory_finish(&heap->large.memory);
  munmap(heap->space.map, heap->space.map_bytes);
  pthread_mutex_destroy(&heap->space.lock);
  pthread_mutex_destroy(&heap->orphan_lock);
}

struct blk_block *gc_blk_at(const struct blk_space *space, size_t i) {
  gc_assert(i < space->block_most);
  size_t chunk = i / BLK_BLOCKS_PER_CHUNK;
  size_t index = i % BLK_BLOCKS_PER_CHUNK + BLK_CHUNK_FRONT;
  return (struct blk_block *)(space->base + chunk * BLK_CHUNK +
                              index * BLK_RECORD_BYTES);
}

/* --- blocks that have room: space.lock is held, or the world stopped ------ */

size_t gc_blk_rich_bytes(const struct blk_space *space) {
  return space->empty_bytes + space->bins[BLK_RICH].bytes +
         space->later.bins[BLK_RICH].bytes;
}

size_t gc_blk_poor_bytes(const struct blk_space *space) {
  size_t bytes = 0;
  for (enum blk_bins bin = BLK_POOR; bin < BLK_BINS; bin++)
    if (bin != BLK_SCANT)
      bytes += space->bins[bin].bytes + space->later.bins[bin].bytes;
  return bytes;
}

struct blk_block *gc_blk_pop_empty(struct blk_space *space) {
  struct blk_block *block = gc_blk_pop(&space->later.empty);
  if (block == NULL)
    block = gc_blk_pop(&space->empty);
  if (block == NULL)
    return NULL;
  gc_assert(blk_free(block) == BLK_GRANULES);
  gc_assert(space->empty_bytes >= BLK_SIZE);
  space->empty_bytes -= BLK_SIZE;
  return block;
}

size_t gc_blk_other_bytes(const struct blk_heap *heap) {
  return heap->large.live + atomic_load(&heap->base.external_bytes);
}

static size_t reserve_left(const struct blk_heap *heap) {
  const struct blk_space *space = &heap->space;
  size_t others = gc_blk_other_bytes(heap);
  size_t grown = others > space->others ? others - space->others : 0;
  return !space->is_last_resort && space->reserve > grown
             ? space->reserve - grown
             : 0;
}

bool gc_blk_blocks_hold(struct blk_heap *heap, size_t bytes) {
  size_t reserve = reserve_left(heap), left = gc_blk_left(heap);
  gc_assert(gc_lock_is_held(&heap->space.lock));
  return left >= reserve && left - reserve >= bytes && gc_blk_hold(heap, bytes);
}

static struct blk_block *grow(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  bool any = space->released || space->blocks < space->block_most;
  if (!any || !gc_blk_blocks_hold(heap, BLK_COST))
    return NULL;
  struct blk_block *block = gc_blk_pop(&space->released);
  if (block == NULL)
    block = gc_blk_at(space, space->blocks++);
  gc_assert(blk_free(block) == BLK_GRANULES);
  gc_assert(space->held < space->blocks && space->blocks <= space->block_most);
  block->is_zero = true;
  block->is_released = false;
  space->held++;
  return block;
}

enum { BLK_LOOKS = 8 }; /* at blocks that may have a run that is long enough */

static struct blk_block *take_from(struct blk_heap *heap, enum blk_bins bin,
                                   size_t granules) {
  struct blk_space *space = &heap->space;
  size_t looks = space->is_last_resort ? SIZE_MAX : BLK_LOOKS;
  struct blk_block *block = gc_blk_bin_take(&space->bins[bin], granules, looks);
  if (MARK_WHILE_RUNNING && block == NULL)
    block = gc_blk_later_take(heap, bin, granules);
  return block;
}

static struct blk_block *take_poor(struct blk_heap *heap) {
  struct blk_block *block = NULL;
  for (enum blk_bins bin = BLK_POOR; block == NULL && bin < BLK_BINS; bin++)
    block = take_from(heap, bin, 1);
  return block;
}

/* Empty blocks first, and of them the one that was left last: it is still in
   the cache. Poor blocks are used only if there is too little else. */
static struct blk_block *take_any(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  struct blk_block *block = gc_blk_pop_empty(space);
  if (block == NULL)
    block = take_from(heap, BLK_RICH, 1);
  if (block == NULL && space->uses_poor)
    block = take_poor(heap);
  return block ? block : grow(heap);
}

/* Even poor blocks may have one long run. If none has, their free pages may be
   enough for a new block. */
static struct blk_block *take_fitting(struct blk_heap *heap, size_t granules) {
  struct blk_space *space = &heap->space;
  struct blk_block *block = gc_blk_pop_empty(space);
  for (enum blk_bins bin = BLK_RICH; block == NULL && bin < BLK_BINS; bin++) {
    block = take_from(heap, bin, granules);
    if (block == NULL && bin == BLK_RICH)
      block = grow(heap);
  }
  if (block == NULL && space->is_last_resort &&
      gc_blk_pages_lend(heap, BLK_COST))
    block = grow(heap);
  return block;
}

/* Note [Counting later]: for each block that is taken. */
enum { BLK_COUNT_RATE = 2 };

/* While objects are marked or swept as mutators run, a poor block is better
   than a stop. */
static struct blk_block *take(struct blk_heap *heap, size_t granules) {
  struct blk_block *block;
  do
    block = granules ? take_fitting(heap, granules) : take_any(heap);
  while (MARK_WHILE_RUNNING && block == NULL && gc_blk_later_sweep_one(heap));
  if (!MARK_WHILE_RUNNING || block != NULL)
    return block;
  heap->space.is_out = true;
  return granules ? NULL : take_poor(heap); /* take_fitting looked there */
}

/* space.lock is held. */
static void passed_add(struct blk_space *space, struct blk_mutator *m) {
  gc_assert(gc_lock_is_held(&space->lock));
  space->passed += m->passed;
  m->passed = 0;
  gc_assert_always(space->passed <= space->claimed);
}

void gc_blk_passed_add(struct blk_mutator *m) {
  struct blk_space *space = &blk_heap_of(m->base.heap)->space;
  pthread_mutex_lock(&space->lock);
  passed_add(space, m);
  pthread_mutex_unlock(&space->lock);
}

struct blk_block *gc_blk_take(struct blk_mutator *m, size_t run) {
  struct blk_heap *heap = blk_heap_of(m->base.heap);
  struct blk_space *space = &heap->space;
  size_t granules = gc_blk_round(run) / BLK_GRANULE;
  struct blk_block *block = NULL;
  pthread_mutex_lock(&space->lock);
  passed_add(space, m);
  for (int i = 0; MARK_WHILE_RUNNING && i < BLK_COUNT_RATE; i++)
    gc_blk_later_count_one(heap);
  if (!blk_nursery_is_full(space))
    block = take(heap, granules);
  if (block) {
    gc_assert(!block->is_listed && !block->is_released);
    gc_assert_slow(gc_blk_is_valid(block));
    block->idle = 0;
    block->turn = space->later.turn;
    gc_blk_pages_regain(heap, block);
    block->taken_at = blk_new_bytes(space);
    space->claimed += blk_free(block) * BLK_GRANULE;
  }
  pthread_mutex_unlock(&space->lock);
  return block;
}

bool gc_blk_nursery_is_used_up(struct blk_heap *heap) {
  pthread_mutex_lock(&heap->space.lock);
  bool is_used_up = blk_nursery_is_full(&heap->space);
  pthread_mutex_unlock(&heap->space.lock);
  return is_used_up;
}

void gc_blk_nursery_close(struct blk_heap *heap) {
  pthread_mutex_lock(&heap->space.lock);
  heap->space.is_due = true;
  pthread_mutex_unlock(&heap->space.lock);
}

size_t gc_blk_room(struct blk_heap *heap) {
  struct blk_space *space = &heap->space;
  size_t blocks = gc_blk_left(heap) / BLK_COST;
  gc_assert(space->held <= space->block_most);
  size_t left = space->block_most - space->held;
  size_t room =
      gc_blk_rich_bytes(space) + (blocks < left ? blocks : left) * BLK_SIZE;
  return space->uses_poor ? room + gc_blk_poor_bytes(space) : room;
}
