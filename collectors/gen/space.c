/* SPDX-License-Identifier: MIT */
/* Makes blocks, and keeps lists of those that have room.

   Every block that is held is in one of five states: full (in no list), in a
   list of a bin (lists.c), `empty`, owned by a mutator, or in a list of young
   blocks. */
#include "collectors/gen/gen.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GEN_BLOCKS_PER_CHUNK = GEN_CHUNK_BLOCKS - GEN_CHUNK_FRONT };

/* --- address space -------------------------------------------------------- */

/* Without a limit, as many as the machine has memory for. Under a limit, twice
   as many as it has room for, because of some only a few pages may be held. */
static size_t block_most(const struct gen_heap *heap) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES);
  size_t most = pages * (size_t)sysconf(_SC_PAGESIZE);
  if (heap->base.limit < most / 2)
    most = 2 * heap->base.limit;
  return most / GEN_BLOCK_COST + 1;
}

/* Reserves only addresses: the system gives pages when they are first touched.
 */
static char *reserve(size_t bytes) {
  char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return map == MAP_FAILED ? NULL : map;
}

int gc_gen_space_init(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  size_t chunks = block_most(heap) / GEN_BLOCKS_PER_CHUNK + 1;
  do {
    space->map_bytes = (chunks + 1) * GEN_CHUNK;
    space->map = reserve(space->map_bytes);
  } while (space->map == NULL && (chunks /= 2) > 0);
  if (space->map == NULL)
    return ENOMEM;
  uintptr_t base = (uintptr_t)space->map + GEN_CHUNK - 1;
  space->base = (char *)(base & -GEN_CHUNK);
  space->bytes = chunks * GEN_CHUNK;
  gc_assert_always(space->base + space->bytes <= space->map + space->map_bytes);
  space->block_most = chunks * GEN_BLOCKS_PER_CHUNK;
  pthread_mutex_init(&space->lock, NULL);
  return 0;
}

void gc_gen_space_finish(struct gen_heap *heap) {
  munmap(heap->space.map, heap->space.map_bytes);
  pthread_mutex_destroy(&heap->space.lock);
}

struct gen_block *gc_gen_block(const struct gen_space *space, size_t i) {
  gc_assert(i < space->block_most);
  size_t chunk = i / GEN_BLOCKS_PER_CHUNK;
  size_t index = i % GEN_BLOCKS_PER_CHUNK + GEN_CHUNK_FRONT;
  return (struct gen_block *)(space->base + chunk * GEN_CHUNK +
                              index * GEN_RECORD_BYTES);
}

/* --- blocks that have room: space.lock is held, or the world stopped ------ */

size_t gc_gen_rich_bytes(const struct gen_space *space) {
  return space->empty_bytes + space->bins[GEN_RICH].bytes;
}

size_t gc_gen_poor_bytes(const struct gen_space *space) {
  return space->bins[GEN_POOR].bytes + space->bins[GEN_POORER].bytes +
         space->bins[GEN_SEARCHED].bytes;
}

struct gen_block *gc_gen_pop_empty(struct gen_space *space) {
  struct gen_block *block = gc_gen_pop(&space->empty);
  if (block == NULL)
    return NULL;
  gc_assert(gen_block_free(block) == GEN_BLOCK_GRANULES);
  gc_assert(space->empty_bytes >= GEN_BLOCK);
  space->empty_bytes -= GEN_BLOCK;
  return block;
}

/* Bytes of large objects and external memory. */
static size_t other_bytes(const struct gen_heap *heap) {
  return heap->large.live + atomic_load(&heap->base.external_bytes);
}

static size_t over(size_t a, size_t b) {
  return a > b ? a - b : 0;
}

/* Note [Room for large objects]
   Large objects need memory of their own, which blocks would take first if they
   could: a block with one live object is lost to large objects. So the room
   that a full collection leaves is divided in the proportion in which blocks
   and others have grown since the one before it. Blocks leave the others' part,
   the reserve, as far as the others have not grown into it yet. If the
   collection has not left so much outside of blocks, they lend it: Note
   [Exchanging pages]. */
void gc_gen_share_renew(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  size_t others = other_bytes(heap);
  double claimed = (double)over(space->claimed, over(others, space->others));
  double blocks = (double)over(space->live, space->full_blocks) + claimed;
  double grown = (double)over(others, space->full_others);
  space->share = grown > 0 ? grown / (grown + blocks) : 0;
}

static size_t reserve_left(const struct gen_heap *heap) {
  const struct gen_space *space = &heap->space;
  if (space->is_last_resort)
    return 0;
  return over(space->reserve, over(other_bytes(heap), space->full_others));
}

bool gc_gen_blocks_hold(struct gen_heap *heap, size_t bytes) {
  gc_assert(gc_lock_is_held(&heap->space.lock));
  return over(gc_gen_left(heap), reserve_left(heap)) >= bytes &&
         gc_gen_hold(heap, bytes);
}

static struct gen_block *grow(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  bool any = space->released || space->blocks < space->block_most;
  if (!any || !gc_gen_blocks_hold(heap, GEN_BLOCK_COST))
    return NULL;
  struct gen_block *block = gc_gen_pop(&space->released);
  if (block == NULL)
    block = gc_gen_block(space, space->blocks++);
  gc_assert(gen_block_free(block) == GEN_BLOCK_GRANULES);
  gc_assert(space->held < space->blocks && space->blocks <= space->block_most);
  block->is_zero = true;
  block->is_released = false;
  space->held++;
  return block;
}

static struct gen_block *take_poor(struct gen_space *space) {
  struct gen_block *block = NULL;
  for (enum gen_bins bin = GEN_POOR; block == NULL && bin < GEN_BINS; bin++)
    block = gc_gen_bins_take(space, bin);
  return block;
}

/* Empty blocks first, and of them the one that was left last: it is still in
   the cache. Poor blocks are used only if there is too little else. */
static struct gen_block *take_any(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  struct gen_block *block = gc_gen_pop_empty(space);
  if (block == NULL)
    block = gc_gen_bins_take(space, GEN_RICH);
  if (block == NULL && space->uses_poor)
    block = take_poor(space);
  return block ? block : grow(heap);
}

/* Even poor blocks may have one long run. If none has, their free pages may be
   enough for a new block. */
static struct gen_block *take_fitting(struct gen_heap *heap, size_t granules) {
  struct gen_space *space = &heap->space;
  struct gen_block *block = gc_gen_pop_empty(space);
  for (enum gen_bins bin = GEN_RICH; block == NULL && bin < GEN_BINS; bin++) {
    block = gc_gen_bins_take_run(space, bin, granules);
    if (block == NULL && bin == GEN_RICH)
      block = grow(heap);
  }
  if (block == NULL && space->is_last_resort &&
      gc_gen_pages_lend(heap, GEN_BLOCK_COST))
    block = grow(heap);
  return block;
}

/* The granules in runs that have at least `granules`. */
static size_t fitting(const struct gen_block *block, size_t granules) {
  const uint8_t *bytes = gc_gen_byte(gen_block_start(block));
  size_t fit = 0;
  if (gen_block_free(block) == GEN_BLOCK_GRANULES)
    return GEN_BLOCK_GRANULES;
  for (size_t at = gen_next_free(bytes, 0); at < GEN_BLOCK_GRANULES;) {
    size_t end = gen_next_used(bytes, at);
    fit += end - at >= granules ? end - at : 0;
    at = gen_next_free(bytes, end);
  }
  gc_assert(fit >= granules);
  return fit;
}

/* Runs that are too short for the caller are not used, so they do not count as
   claimed. */
struct gen_block *gc_gen_block_take(struct gen_heap *heap, size_t run) {
  struct gen_space *space = &heap->space;
  size_t granules = gc_gen_round(run) / GEN_GRANULE;
  struct gen_block *block = NULL;
  pthread_mutex_lock(&space->lock);
  if (space->claimed < space->nursery)
    block = run ? take_fitting(heap, granules) : take_any(heap);
  if (block) {
    gc_assert(!block->is_listed && !block->is_released);
    gc_assert_slow(gc_gen_block_is_valid(block));
    block->idle = 0;
    gc_gen_pages_regain(heap, block);
    space->claimed +=
        GEN_GRANULE * (run ? fitting(block, granules) : gen_block_free(block));
  }
  pthread_mutex_unlock(&space->lock);
  return block;
}

bool gc_gen_nursery_is_used_up(struct gen_heap *heap) {
  pthread_mutex_lock(&heap->space.lock);
  bool is_used_up = heap->space.claimed >= heap->space.nursery;
  pthread_mutex_unlock(&heap->space.lock);
  return is_used_up;
}

/* If a few objects survive in each block, blocks with short runs would never be
   used again where memory is not scarce. Without a limit, the heap would hold
   many times the bytes of live objects; under a limit, no memory would be left
   for large objects. So poor blocks are used before new ones while half of the
   bytes of blocks are free in them. Under a limit, that matters only where more
   than a GEN_OTHERS-th of what is allocated is large. */
enum { GEN_OTHERS = 32 };

static bool is_scattered(const struct gen_heap *heap) {
  size_t blocks = over(atomic_load(&heap->held), other_bytes(heap));
  bool matters = !gc_gen_is_limited(heap) || heap->space.share * GEN_OTHERS > 1;
  return matters && 2 * gc_gen_poor_bytes(&heap->space) > blocks;
}

/* Under a limit, it is decided after a full collection whether memory is
   scarce. */
void gc_gen_room_renew(struct gen_heap *heap, size_t wanted) {
  struct gen_space *space = &heap->space;
  gc_assert(gc_world_is_stopped(&heap->base));
  space->full_others = other_bytes(heap);
  space->full_blocks = space->live;
  if (!gc_gen_is_limited(heap))
    return;
  space->uses_poor = false;
  space->is_scarce = gc_gen_room(heap) < wanted;
  space->uses_poor = space->is_scarce || is_scattered(heap);
  space->reserve = (size_t)(space->share * (double)gc_gen_room(heap));
  gc_gen_reserve(heap, space->reserve);
}

size_t gc_gen_room(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  size_t blocks = gc_gen_left(heap) / GEN_BLOCK_COST;
  gc_assert(space->held <= space->block_most);
  size_t left = space->block_most - space->held;
  size_t room =
      gc_gen_rich_bytes(space) + (blocks < left ? blocks : left) * GEN_BLOCK;
  return space->uses_poor ? room + gc_gen_poor_bytes(space) : room;
}

/* --- after marking -------------------------------------------------------- */

static void block_place(struct gen_heap *heap, struct gen_block *block) {
  struct gen_space *space = &heap->space;
  size_t free = gen_block_free(block);
  gc_assert(!block->is_released);
  gc_assert_slow(gc_gen_block_is_valid(block));
  if (free == GEN_BLOCK_GRANULES) {
    gc_gen_push(&space->empty, block);
    space->empty_bytes += GEN_BLOCK;
  } else if (block->middle + block->old == 0) {
    gc_gen_block_release(heap, block); /* its other pages are lent */
  } else if (free > 0) {
    gc_gen_bins_add(space, block);
  }
}

/* Only blocks in which objects were allocated can have changed, and of these
   only blocks with survivors. */
static void sweep_young(struct gen_heap *heap, struct gen_block *young) {
  for (struct gen_block *next, *block = young; block; block = next) {
    next = block->next;
    gc_assert(!block->is_listed);
    gc_assert(block->cursor >= gen_block_start(block));
    gc_assert(block->cursor <= gen_block_end(block));
    block->is_zero = false;
    if (block->has_survivors)
      gc_gen_recount(heap, block);
    block_place(heap, block);
  }
}

static void lists_forget(struct gen_space *space) {
  space->empty = NULL;
  space->empty_bytes = 0;
  gc_gen_bins_clear(space);
}

/* Note [Giving back] in pages.c */
enum { GEN_IDLE_MOST = 4 };

static void place_after_full(struct gen_heap *heap, struct gen_block *block,
                             bool is_turn) {
  bool is_empty = block->middle + block->old == 0;
  block->idle = is_empty ? block->idle + is_turn : 0;
  if (block->idle >= GEN_IDLE_MOST)
    gc_gen_block_release(heap, block);
  else
    block_place(heap, block);
}

/* From the last block to the first, so that low addresses are used first and
   the memory at the end has a chance to become idle. */
static void sweep_all(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  bool is_turn = heap->is_asked || space->allocated >= space->held * GEN_BLOCK;
  lists_forget(space);
  for (size_t i = space->blocks; i-- > 0;) {
    struct gen_block *block = gc_gen_block(space, i);
    if (block->is_released)
      continue;
    block->is_listed = false;
    if (block->has_survivors || block->middle > 0 ||
        (heap->generation == 2 && block->old > 0))
      gc_gen_recount(heap, block);
    if (heap->generation == 2)
      place_after_full(heap, block, is_turn);
    else
      block_place(heap, block);
  }
}

void gc_gen_sweep(struct gen_heap *heap, struct gen_block *young) {
  gc_assert_always(gc_world_is_stopped(&heap->base));
  gc_assert_always(!atomic_load(&heap->must_rescan));
  pthread_mutex_lock(&heap->space.lock);
  heap->space.allocated += heap->space.claimed;
  if (heap->generation == 0) {
    sweep_young(heap, young);
  } else {
    for (struct gen_block *block = young; block; block = block->next)
      block->is_zero = false;
    sweep_all(heap);
  }
  if (heap->generation == 2)
    heap->space.allocated = 0;
  heap->space.claimed = heap->space.external = 0;
  heap->space.others = other_bytes(heap);
  heap->space.uses_poor = heap->space.is_scarce || is_scattered(heap);
  pthread_mutex_unlock(&heap->space.lock);
}
