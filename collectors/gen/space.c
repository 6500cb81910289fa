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

/* Without a limit, as many as the machine has memory for. */
static size_t block_most(const struct gen_heap *heap) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES);
  size_t most = pages * (size_t)sysconf(_SC_PAGESIZE);
  if (heap->base.limit < most)
    most = heap->base.limit;
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
  return space->bins[GEN_POOR].bytes + space->bins[GEN_POORER].bytes;
}

static void block_place(struct gen_space *space, struct gen_block *block) {
  size_t free = gen_block_free(block);
  gc_assert(!block->is_released);
  gc_assert_slow(gc_gen_block_is_valid(block));
  if (free == GEN_BLOCK_GRANULES) {
    gc_gen_push(&space->empty, block);
    space->empty_bytes += GEN_BLOCK;
  } else if (free > 0) {
    gc_gen_bins_add(space, block);
  }
}

static struct gen_block *pop_empty(struct gen_space *space) {
  struct gen_block *block = gc_gen_pop(&space->empty);
  if (block == NULL)
    return NULL;
  gc_assert(gen_block_free(block) == GEN_BLOCK_GRANULES);
  gc_assert(space->empty_bytes >= GEN_BLOCK);
  space->empty_bytes -= GEN_BLOCK;
  return block;
}

/* Note [Room for large objects]
   A block with one live small object cannot be used for a large object, and in
   time every block has a survivor. So if large objects are allocated and freed,
   blocks leave room for twice the most bytes of them that were allocated
   between two collections, but at most a quarter of the limit. Large objects
   that were made since the last full collection take this room. While half of
   the bytes of blocks are free, small objects are then allocated in blocks with
   short runs, and no new blocks are made. If everything is collected because
   there is no room for small objects, and less than half of the room for large
   objects is used, then keeping the room was not worth a collection, and it
   gets smaller. So a program that makes no more large objects soon can use the
   room for others.
   Without a limit, memory is never scarce. But if a few objects survive in each
   block, blocks with short runs would never be used again, and the heap would
   hold many times the bytes of live objects. So they are used first there, too,
   while half of the bytes of blocks are free in them. When they are used up,
   new blocks are made. */
enum { GEN_RESERVE_SHARE = 4, GEN_RESERVE_FADES = 4, GEN_LARGE_SHARE = 32 };

static size_t greater(size_t a, size_t b) {
  return a > b ? a : b;
}

static size_t block_bytes(const struct gen_heap *heap) {
  size_t others = heap->large.live + atomic_load(&heap->base.external_bytes);
  gc_assert(atomic_load(&heap->held) >= others);
  return atomic_load(&heap->held) - others;
}

static void reserve_renew(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  size_t wanted = 2 * space->large_claimed;
  size_t most = heap->base.limit / GEN_RESERVE_SHARE;
  if (heap->generation == 2 && !heap->is_asked &&
      2 * space->large_grown < space->reserve)
    space->reserve -= space->reserve / GEN_RESERVE_FADES;
  space->reserve = greater(wanted, space->reserve);
  if (space->reserve > most)
    space->reserve = most;
  bool may_scatter = !gc_gen_is_limited(heap) ||
                     space->reserve > heap->base.limit / GEN_LARGE_SHARE;
  space->is_scattered =
      may_scatter && 2 * gc_gen_poor_bytes(space) > block_bytes(heap);
  space->large_claimed = 0;
  size_t live = heap->large.live;
  if (heap->generation == 2)
    space->large_before = live;
  space->large_grown =
      live > space->large_before ? live - space->large_before : 0;
  space->is_last_resort = false;
}

static size_t reserve_left(const struct gen_space *space) {
  if (space->is_last_resort || space->large_grown >= space->reserve)
    return 0;
  return space->reserve - space->large_grown;
}

/* Bytes that blocks may still take. */
static size_t left_for_blocks(const struct gen_heap *heap) {
  size_t left = gc_gen_left(heap);
  size_t reserve = reserve_left(&heap->space);
  return left > reserve ? left - reserve : 0;
}

static struct gen_block *grow(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  bool any = space->released || space->blocks < space->block_most;
  if (!any || left_for_blocks(heap) < GEN_BLOCK_COST ||
      !gc_gen_hold(heap, GEN_BLOCK_COST))
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
   the cache. Poor blocks are used only when the last full collection has left
   too little else, or for Note [Room for large objects]. */
static struct gen_block *take_any(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  struct gen_block *block = pop_empty(space);
  if (block == NULL)
    block = gc_gen_bins_take(space, GEN_RICH);
  if (block == NULL && !space->is_scattered)
    block = grow(heap);
  if (block == NULL && (space->uses_poor || space->is_scattered))
    block = take_poor(space);
  if (block == NULL && !gc_gen_is_limited(heap))
    block = grow(heap);
  return block;
}

/* Even poor blocks may have one long run. */
static struct gen_block *take_fitting(struct gen_heap *heap, size_t granules) {
  struct gen_space *space = &heap->space;
  struct gen_block *block = pop_empty(space);
  for (enum gen_bins bin = GEN_RICH; block == NULL && bin < GEN_BINS; bin++) {
    block = gc_gen_bins_take_run(space, bin, granules);
    if (block == NULL && bin == GEN_RICH)
      block = grow(heap);
  }
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
    space->claimed +=
        GEN_GRANULE * (run ? fitting(block, granules) : gen_block_free(block));
  }
  pthread_mutex_unlock(&space->lock);
  return block;
}

/* Whether memory is scarce is decided after a full collection. */
void gc_gen_room_renew(struct gen_heap *heap, size_t wanted) {
  gc_assert(gc_world_is_stopped(&heap->base));
  heap->space.uses_poor = false;
  heap->space.uses_poor = gc_gen_room(heap) < wanted;
}

size_t gc_gen_room(struct gen_heap *heap) {
  struct gen_space *space = &heap->space;
  size_t blocks = left_for_blocks(heap) / GEN_BLOCK_COST;
  gc_assert(space->held <= space->block_most);
  size_t left = space->block_most - space->held;
  size_t room =
      gc_gen_rich_bytes(space) + (blocks < left ? blocks : left) * GEN_BLOCK;
  return space->uses_poor ? room + gc_gen_poor_bytes(space) : room;
}

/* --- giving memory back --------------------------------------------------- */

/* Note [Giving back]
   A page that is faulted in anew costs more than the objects that are made in
   it, and so does one that the system was merely allowed to take. So an empty
   block stays held until it has been idle long enough: while as many bytes were
   allocated elsewhere as all blocks have, GEN_IDLE_MOST times. A collection
   that the program asks for counts like one such turn, so a program that wants
   its memory to go back can ask a few times. */
enum { GEN_IDLE_MOST = 4 };

/* An empty block's bytes are 0 already; its record stays. */
static void block_release(struct gen_heap *heap, struct gen_block *block) {
  gc_assert_always(!block->is_released && !block->is_listed);
  gc_assert_always(gen_block_free(block) == GEN_BLOCK_GRANULES);
  gc_assert(gc_lock_is_held(&heap->space.lock));
  gc_assert(heap->space.held > 0);
  block->idle = 0;
  madvise(gen_block_start(block), GEN_BLOCK, MADV_DONTNEED);
  block->is_released = true;
  gc_gen_push(&heap->space.released, block);
  heap->space.held--;
  gc_gen_unhold(heap, GEN_BLOCK_COST);
}

bool gc_gen_release(struct gen_heap *heap, size_t bytes) {
  struct gen_space *space = &heap->space;
  size_t released = 0;
  pthread_mutex_lock(&space->lock);
  while (released < bytes && space->empty) {
    block_release(heap, pop_empty(space));
    released += GEN_BLOCK_COST;
  }
  pthread_mutex_unlock(&space->lock);
  return released >= bytes;
}

/* --- after marking -------------------------------------------------------- */

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
    block_place(&heap->space, block);
  }
}

static void lists_forget(struct gen_space *space) {
  space->empty = NULL;
  space->empty_bytes = 0;
  gc_gen_bins_clear(space);
}

/* Note [Giving back] */
static void place_after_full(struct gen_heap *heap, struct gen_block *block,
                             bool is_turn) {
  bool is_empty = gen_block_free(block) == GEN_BLOCK_GRANULES;
  block->idle = is_empty ? block->idle + is_turn : 0;
  if (block->idle >= GEN_IDLE_MOST) {
    block_release(heap, block);
    return;
  }
  block_place(&heap->space, block);
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
      block_place(space, block);
  }
}

void gc_gen_sweep(struct gen_heap *heap, struct gen_block *young) {
  gc_assert_always(gc_world_is_stopped(&heap->base));
  gc_assert_always(!atomic_load(&heap->must_rescan));
  pthread_mutex_lock(&heap->space.lock);
  gc_assert(heap->space.large_claimed <= heap->space.claimed);
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
  reserve_renew(heap);
  pthread_mutex_unlock(&heap->space.lock);
}
