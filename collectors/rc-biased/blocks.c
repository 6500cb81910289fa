/* SPDX-License-Identifier: MIT */
/* Blocks of cells of one size, in the region of their owner.

   Note [Cells go home]
   A cell comes from a block of its maker, as a rule, and returns there, whoever
   frees it, so that memory does not drift from a producer to a consumer, and
   every cell that a mutator has at hand is in its own region. A mutator that
   frees a cell of another owner puts it on a list of its own. When the list is
   full, or the next such cell has another owner, it pushes the whole list to
   came_home of the owner, with one atomic operation. The owner takes all that
   came home when it needs a block with room, and at slow safepoints. If the
   owner is away, the one who pushed puts the cells into their blocks at once:
   it looks at is_away after the push, and an owner that leaves looks at
   came_home after it has set is_away, both in the total order of sequentially
   consistent operations, so that at least one of them finds the cells. Cells on
   their way count as held.

   Note [Cells of others]
   Cells of an owner that is away would stay unused while it is away, although
   objects in its blocks die and their cells go home. A main thread that makes
   a large structure and parks may leave most of the limit so. So if a mutator
   gets no block, it looks at owners that are away, with their locks. Their
   empty blocks are released, so that it gets one of its own. If there is none,
   it takes a cell of theirs. The object in it has no owner who may count
   without atomic operations, because that is not its maker. So it is born
   merged, as a large object is. The cell goes home when it is free again, and
   before a mutator looks for others it sends home what it has freed itself.

   Invariant: a block is in the list with_room of its size if and only if it has
   a free cell and a used one; empty blocks serve any size. */
#include <stdlib.h>
#include <sys/mman.h>

#include "collectors/rc-biased/owner.h"

enum {
  /* 64 KiB. With a small limit blocks are smaller, so that those that are
     partly empty take little of it; and so they are with `shrink`. */
  BLOCK_BITS = 16,
  BLOCK_BITS_LEAST = 12,
  BLOCK_LIMIT_SHARE = 256,
  BLOCK_HEADER = 64, /* before its first cell */
  PAGE_BYTES = 4096, /* of an empty block that is given back, this much stays */
  /* A push costs as much as a few cells, and is shared by so many. */
  HOME_BATCH = 32,
};
/* Empty blocks that an owner keeps, beside a quarter of its memory: faulting in
   a page costs as much as making the objects in it. */
#define EMPTY_KEPT   ((size_t)512 << 10)
#define REGION_BYTES ((size_t)1 << RC_REGION_BITS)

struct rc_block {
  struct rc_block *next, *prev; /* in with_room, or next in the list of empty */
  struct rc_cell *free;
  uint32_t cell_bytes;
  uint32_t used;     /* cells that the block has given out */
  uint32_t unbroken; /* offset of the cells that were never given out */
  bool is_listed;    /* in with_room */
};
_Static_assert(sizeof(struct rc_block) <= BLOCK_HEADER, "cells come after it");

static size_t block_bytes(const struct rc_owner *owner) {
  return (size_t)1 << owner->block_bits;
}

static struct rc_block *block_of(const struct rc_owner *owner, void *cell) {
  uintptr_t in_block = block_bytes(owner) - 1;
  return (struct rc_block *)((uintptr_t)cell & ~in_block);
}

static bool block_has_room(const struct rc_owner *owner,
                           const struct rc_block *block) {
  return block->free ||
         block->unbroken + block->cell_bytes <= block_bytes(owner);
}

/* Only one thread at a time writes these figures. */
static void figure_add(_Atomic size_t *figure, size_t bytes) {
  size_t before = atomic_load_explicit(figure, memory_order_relaxed);
  atomic_store_explicit(figure, before + bytes, memory_order_relaxed);
}

static void figure_sub(_Atomic size_t *figure, size_t bytes) {
  size_t before = atomic_load_explicit(figure, memory_order_relaxed);
  gc_assert(before >= bytes);
  atomic_store_explicit(figure, before - bytes, memory_order_relaxed);
}

/* --- regions ---------------------------------------------------------------
 */

/* Reserves twice the size, and keeps the aligned part of it. */
static char *region_reserve(void) {
  char *memory = mmap(NULL, 2 * REGION_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  size_t before = -(uintptr_t)memory & (REGION_BYTES - 1);
  if (before > 0)
    munmap(memory, before);
  munmap(memory + before + REGION_BYTES, REGION_BYTES - before);
  return memory + before;
}

static uint32_t bits_for(const gc_heap *heap) {
  uint32_t bits = heap->shrink ? BLOCK_BITS_LEAST : BLOCK_BITS;
  while (bits > BLOCK_BITS_LEAST &&
         (size_t)1 << bits > heap->limit / BLOCK_LIMIT_SHARE)
    bits--;
  return bits;
}

struct rc_owner *gc_biased_region_new(gc_heap *heap) {
  struct rc_owner *owner = GC_SYSTEM_MALLOC
                               ? calloc(1, sizeof *owner)
                               : (struct rc_owner *)region_reserve();
  if (owner == NULL)
    return NULL;
  owner->block_bits = bits_for(heap);
  owner->fresh = (uint32_t)(sizeof *owner / block_bytes(owner)) + 1;
  return owner;
}

void gc_biased_region_free(struct rc_owner *owner) {
  if (GC_SYSTEM_MALLOC)
    free(owner);
  else
    munmap(owner, REGION_BYTES);
}

/* --- lists -----------------------------------------------------------------
 */

static struct rc_block **list_for(struct rc_owner *owner,
                                  const struct rc_block *block) {
  return &owner->with_room[rc_granules(block->cell_bytes)];
}

static void block_list(struct rc_owner *owner, struct rc_block *block) {
  struct rc_block **list = list_for(owner, block);
  gc_assert(!block->is_listed && block_has_room(owner, block));
  block->prev = NULL;
  block->next = *list;
  if (block->next)
    block->next->prev = block;
  *list = block;
  block->is_listed = true;
}

static void block_unlist(struct rc_owner *owner, struct rc_block *block) {
  gc_assert(block->is_listed);
  if (block->next)
    block->next->prev = block->prev;
  if (block->prev)
    block->prev->next = block->next;
  else
    *list_for(owner, block) = block->next;
  block->is_listed = false;
}

/* The block that was emptied last is used first: its pages are there. Its
   header stays, in the list of those that the system has. The system takes the
   pages when it needs them. Until then they cost no fault if the block is used
   again; jemalloc, which serves rc, keeps such pages for ten seconds. */
static void block_release(struct rc_heap *heap, struct rc_owner *owner,
                          struct rc_block *block) {
  size_t bytes = block_bytes(owner);
  gc_assert(block->used == 0 && !block->is_listed);
  if (bytes > PAGE_BYTES)
    madvise((char *)block + PAGE_BYTES, bytes - PAGE_BYTES, MADV_FREE);
  block->next = owner->released;
  owner->released = block;
  figure_sub(&owner->held, bytes);
  gc_rc_held_lower(heap, bytes);
}

static void block_retire(struct rc_owner *owner, struct rc_block *block) {
  gc_assert(block->used == 0 && !block->is_listed);
  block->next = owner->empty;
  owner->empty = block;
  owner->empty_count++;
}

void gc_biased_trim(struct rc_heap *heap, struct rc_owner *owner, size_t keep) {
  while (owner->empty && owner->empty_count * block_bytes(owner) > keep) {
    struct rc_block *block = owner->empty;
    owner->empty = block->next;
    owner->empty_count--;
    block_release(heap, owner, block);
  }
}

/* A block whose memory does not count as held; NULL: the region is full. */
static struct rc_block *released_take(struct rc_owner *owner) {
  struct rc_block *block = owner->released;
  if (block) {
    owner->released = block->next;
  } else if (owner->fresh < REGION_BYTES >> owner->block_bits) {
    size_t offset = (size_t)owner->fresh++ << owner->block_bits;
    block = (struct rc_block *)((char *)owner + offset);
  }
  return block;
}

static struct rc_block *empty_take(struct rc_heap *heap,
                                   struct rc_owner *owner) {
  struct rc_block *block = owner->empty;
  size_t bytes = block_bytes(owner);
  if (block) {
    owner->empty = block->next;
    owner->empty_count--;
    return block;
  }
  if (!gc_rc_held_raise(heap, bytes))
    return NULL;
  block = released_take(owner);
  if (block)
    figure_add(&owner->held, bytes);
  else
    gc_rc_held_lower(heap, bytes);
  return block;
}

static struct rc_block *block_begin(struct rc_heap *heap,
                                    struct rc_owner *owner, size_t bytes) {
  struct rc_block *block = empty_take(heap, owner);
  if (block == NULL)
    return NULL;
  *block = (struct rc_block){.cell_bytes = (uint32_t)bytes,
                             .unbroken = BLOCK_HEADER};
  block_list(owner, block);
  return block;
}

/* --- cells -----------------------------------------------------------------
 */

static void *block_take(struct rc_owner *owner, struct rc_block *block) {
  void *cell = block->free;
  gc_assert(block->is_listed && block_has_room(owner, block));
  if (cell) {
    block->free = block->free->next;
  } else {
    cell = (char *)block + block->unbroken;
    block->unbroken += block->cell_bytes;
  }
  block->used++;
  figure_add(&owner->used, block->cell_bytes);
  if (!block_has_room(owner, block))
    block_unlist(owner, block);
  return cell;
}

static void block_put(struct rc_owner *owner, void *memory) {
  struct rc_block *block = block_of(owner, memory);
  struct rc_cell *cell = memory;
  gc_assert(rc_cell_owner(memory) == owner && block->used > 0);
  *cell = (struct rc_cell){0, block->free};
  block->free = cell;
  block->used--;
  figure_sub(&owner->used, block->cell_bytes);
  if (!block->is_listed)
    block_list(owner, block);
  if (block->used == 0) {
    block_unlist(owner, block);
    block_retire(owner, block);
  }
}

void gc_biased_take_home(struct rc_owner *owner) {
  struct rc_cell *cell = NULL, *next;
  if (atomic_load(&owner->came_home) != NULL)
    cell = atomic_exchange(&owner->came_home, NULL);
  for (; cell; cell = next) {
    next = cell->next;
    block_put(owner, cell);
  }
}

void *gc_rc_block_cell(struct rc_mutator *rc, size_t rounded) {
  struct rc_owner *owner = rc->owner;
  struct rc_block **list = &owner->with_room[rc_granules(rounded)];
  gc_assert(!atomic_load(&owner->is_away));
  if (*list == NULL)
    gc_biased_take_home(owner);
  struct rc_block *block = *list;
  if (block == NULL)
    block = block_begin(rc_heap_of(rc->base.heap), owner, rounded);
  return block ? block_take(owner, block) : NULL;
}

/* The lock of the owner is held. */
static void *cell_of_other(struct rc_mutator *rc, struct rc_owner *owner,
                           size_t rounded) {
  void *cell = NULL;
  if (!atomic_load(&owner->is_away))
    return NULL;
  if (owner->empty) {
    gc_biased_trim(rc_heap_of(rc->base.heap), owner, 0);
    cell = gc_rc_block_cell(rc, rounded);
  }
  struct rc_block *block = owner->with_room[rc_granules(rounded)];
  return cell == NULL && block ? block_take(owner, block) : cell;
}

void *gc_rc_other_cell(struct rc_mutator *rc, size_t rounded) {
  struct biased_heap *heap = biased_heap_of(rc->base.heap);
  void *cell = NULL;
  gc_assert(!atomic_load(&rc->owner->is_away));
  gc_biased_send_home(rc);
  pthread_mutex_lock(&heap->owners_lock);
  struct rc_owner *owner = heap->owners;
  for (; owner && cell == NULL; owner = owner->next) {
    pthread_mutex_lock(&owner->lock);
    cell = cell_of_other(rc, owner, rounded);
    pthread_mutex_unlock(&owner->lock);
  }
  pthread_mutex_unlock(&heap->owners_lock);
  return cell;
}

/* --- cells of others: Note [Cells go home] ---------------------------------
 */

static void came_home_push(struct rc_owner *owner, struct rc_cell *first,
                           struct rc_cell *last) {
  struct rc_cell *head = atomic_load(&owner->came_home);
  do
    last->next = head;
  while (!atomic_compare_exchange_weak(&owner->came_home, &head, first));
}

void gc_biased_send_home(struct rc_mutator *rc) {
  struct rc_owner *owner = rc->home;
  if (rc->home_first == NULL)
    return;
  gc_shake();
  came_home_push(owner, rc->home_first, rc->home_last);
  rc->home_first = NULL;
  rc->home_count = 0;
  gc_shake();
  if (!atomic_load(&owner->is_away))
    return;
  pthread_mutex_lock(&owner->lock);
  if (atomic_load(&owner->is_away))
    gc_biased_take_home(owner);
  pthread_mutex_unlock(&owner->lock);
}

static void home_add(struct rc_mutator *rc, struct rc_cell *cell) {
  struct rc_owner *owner = rc_cell_owner(cell);
  if (owner != rc->home || rc->home_count == HOME_BATCH)
    gc_biased_send_home(rc);
  if (rc->home_first == NULL)
    rc->home_last = cell;
  *cell = (struct rc_cell){0, rc->home_first};
  rc->home_first = cell;
  rc->home = owner;
  rc->home_count++;
}

void gc_rc_block_put(struct rc_mutator *rc, void *cell) {
  if (!rc_is_own(&rc->base, cell)) {
    home_add(rc, cell);
    return;
  }
  block_put(rc->owner, cell);
  size_t held = atomic_load_explicit(&rc->owner->held, memory_order_relaxed);
  gc_biased_trim(rc_heap_of(rc->base.heap), rc->owner, EMPTY_KEPT + held / 4);
}

void gc_rc_homes_settle(gc_mutator *m, size_t keep) {
  struct biased_heap *heap = biased_heap_of(m->heap);
  gc_assert_always(gc_world_is_stopped_by(m));
  for (gc_mutator *other = m->heap->mutators; other; other = other->next)
    gc_biased_send_home(rc_of(other));
  pthread_mutex_lock(&heap->owners_lock);
  for (struct rc_owner *owner = heap->owners; owner; owner = owner->next) {
    pthread_mutex_lock(&owner->lock);
    gc_biased_take_home(owner);
    size_t half = owner->empty_count * block_bytes(owner) / 2;
    gc_biased_trim(&heap->cycle.rc, owner, keep > 0 ? half : 0);
    pthread_mutex_unlock(&owner->lock);
  }
  pthread_mutex_unlock(&heap->owners_lock);
}

size_t gc_rc_free_bytes(struct rc_heap *rc) {
  struct biased_heap *heap = biased_heap_of(&rc->base);
  size_t bytes = 0;
  pthread_mutex_lock(&heap->owners_lock);
  for (struct rc_owner *owner = heap->owners; owner; owner = owner->next) {
    size_t used = atomic_load_explicit(&owner->used, memory_order_relaxed);
    size_t held = atomic_load_explicit(&owner->held, memory_order_relaxed);
    bytes += held > used ? held - used : 0;
  }
  pthread_mutex_unlock(&heap->owners_lock);
  return bytes;
}

/* --- cells from malloc ------------------------------------------------------
 */

void *gc_rc_headed_new(struct rc_mutator *rc, size_t rounded) {
  struct rc_head *head = gc_memory_new(&rc->source, sizeof *head + rounded);
  if (head == NULL)
    return NULL;
  head->owner = rc->owner;
  return head + 1;
}

void gc_rc_headed_free(struct rc_mutator *rc, void *cell) {
  gc_memory_free(&rc->source, (struct rc_head *)cell - 1, 0);
}
