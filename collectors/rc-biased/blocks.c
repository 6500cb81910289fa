/* SPDX-License-Identifier: MIT */
/* Blocks of cells of one size, in the region of their owner.

   Note [Cells go home]
   A cell comes from a block of its maker and returns there, whoever frees it, so
   that memory does not drift from a producer to a consumer, and every cell that
   a mutator has at hand is in its own region. A mutator that frees a cell of
   another owner puts it on a list of its own. When the list is full, or the next
   such cell has another owner, it pushes the whole list to came_home of the
   owner, with one atomic operation. The owner takes all that came home when it
   needs a block with room, and at slow safepoints. If the owner is away, the one
   who pushed puts the cells into their blocks at once: it looks at is_away after
   the push, and an owner that leaves looks at came_home after it has set
   is_away, both in the total order of sequentially consistent operations, so
   that at least one of them finds the cells. Cells on their way count as held.
   Invariant: a block is in the list with_room of its size if and only if it has
   a free cell and a used one; empty blocks serve any size. */
#include <stdlib.h>
#include <sys/mman.h>

#include "collectors/rc-biased/owner.h"

enum {
  BLOCK_BITS = 16,
  BLOCK_BYTES = 1 << BLOCK_BITS,
  /* Of a block, what its first cell may take, and of an idle one, what stays. */
  BLOCK_HEADER = 64,
  PAGE_BYTES = 4096,
  /* Four megabytes: faulting in a page costs as much as its objects. */
  EMPTY_KEPT = 64,
  /* A push costs as much as a few cells, and is shared by so many. */
  HOME_BATCH = 32,
};
#define REGION_BYTES ((size_t)1 << RC_REGION_BITS)

struct rc_block {
  struct rc_block *next, *prev; /* in with_room, or next in the list of empty */
  struct rc_cell *free;
  uint32_t cell_bytes;
  uint32_t used;     /* cells that the block has given out */
  uint32_t unbroken; /* offset of the cells that were never given out */
  bool is_listed;    /* in with_room */
  bool is_released;  /* the system has all pages but the first */
};
_Static_assert(sizeof(struct rc_block) <= BLOCK_HEADER, "cells come after it");

static struct rc_block *block_of(void *cell) {
  return (struct rc_block *)((uintptr_t)cell & ~(uintptr_t)(BLOCK_BYTES - 1));
}

static bool block_has_room(const struct rc_block *block) {
  return block->free || block->unbroken + block->cell_bytes <= BLOCK_BYTES;
}

/* --- regions --------------------------------------------------------------- */

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

struct rc_owner *gc_biased_region_new(void) {
  struct rc_owner *owner = GC_SYSTEM_MALLOC
                               ? calloc(1, sizeof *owner)
                               : (struct rc_owner *)region_reserve();
  if (owner)
    owner->fresh = sizeof *owner / BLOCK_BYTES + 1;
  return owner;
}

void gc_biased_region_free(struct rc_owner *owner) {
  if (GC_SYSTEM_MALLOC)
    free(owner);
  else
    munmap(owner, REGION_BYTES);
}

/* --- lists ----------------------------------------------------------------- */

static struct rc_block **list_for(struct rc_owner *owner,
                                  const struct rc_block *block) {
  return &owner->with_room[rc_granules(block->cell_bytes)];
}

static void block_list(struct rc_owner *owner, struct rc_block *block) {
  struct rc_block **list = list_for(owner, block);
  gc_assert(!block->is_listed && block_has_room(block));
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

/* The block that was emptied last is used first: its pages are there. */
static void block_retire(struct rc_owner *owner, struct rc_block *block) {
  gc_assert(block->used == 0 && !block->is_listed);
  block->is_released = owner->empty_count >= EMPTY_KEPT;
  if (block->is_released)
    madvise((char *)block + PAGE_BYTES, BLOCK_BYTES - PAGE_BYTES,
            MADV_DONTNEED);
  block->next = owner->empty;
  owner->empty = block;
  owner->empty_count++;
}

static struct rc_block *empty_take(struct rc_owner *owner) {
  struct rc_block *block = owner->empty;
  if (block) {
    owner->empty = block->next;
    owner->empty_count--;
  } else if (owner->fresh < REGION_BYTES >> BLOCK_BITS) {
    block = (struct rc_block *)((char *)owner +
                                ((size_t)owner->fresh++ << BLOCK_BITS));
  }
  return block;
}

static struct rc_block *block_begin(struct rc_owner *owner, size_t bytes) {
  struct rc_block *block = empty_take(owner);
  if (block == NULL)
    return NULL;
  *block = (struct rc_block){.cell_bytes = (uint32_t)bytes,
                             .unbroken = BLOCK_HEADER};
  block_list(owner, block);
  return block;
}

/* --- cells ----------------------------------------------------------------- */

static void *block_take(struct rc_owner *owner, struct rc_block *block) {
  void *cell = block->free;
  gc_assert(block->is_listed && block_has_room(block));
  if (cell) {
    block->free = block->free->next;
  } else {
    cell = (char *)block + block->unbroken;
    block->unbroken += block->cell_bytes;
  }
  block->used++;
  if (!block_has_room(block))
    block_unlist(owner, block);
  return cell;
}

static void block_put(struct rc_owner *owner, void *memory) {
  struct rc_block *block = block_of(memory);
  struct rc_cell *cell = memory;
  gc_assert(rc_cell_owner(memory) == owner && block->used > 0);
  *cell = (struct rc_cell){0, block->free};
  block->free = cell;
  block->used--;
  if (!block->is_listed)
    block_list(owner, block);
  if (block->used == 0) {
    block_unlist(owner, block);
    block_retire(owner, block);
  }
}

size_t gc_biased_take_home(struct rc_owner *owner) {
  struct rc_cell *cell = atomic_load(&owner->came_home), *next;
  size_t bytes = 0;
  if (cell == NULL)
    return 0;
  for (cell = atomic_exchange(&owner->came_home, NULL); cell; cell = next) {
    next = cell->next;
    bytes += block_of(cell)->cell_bytes;
    block_put(owner, cell);
  }
  return bytes;
}

static void *watched_new(struct rc_mutator *rc, size_t rounded) {
  struct rc_head *head = gc_memory_new(&rc->source, sizeof *head + rounded);
  if (head == NULL)
    return NULL;
  head->owner = rc->owner;
  return head + 1;
}

static struct rc_block *block_with_room(struct rc_mutator *rc, size_t bytes) {
  struct rc_block **list = &rc->owner->with_room[rc_granules(bytes)];
  if (*list == NULL)
    gc_rc_quota_give(rc, gc_biased_take_home(rc->owner));
  return *list ? *list : block_begin(rc->owner, bytes);
}

void *gc_rc_small_new(struct rc_mutator *rc, size_t rounded) {
  if (GC_SYSTEM_MALLOC)
    return watched_new(rc, rounded);
  gc_assert(!atomic_load(&rc->owner->is_away));
  struct rc_block *block = block_with_room(rc, rounded);
  return block ? block_take(rc->owner, block) : NULL;
}

/* --- cells of others: Note [Cells go home] --------------------------------- */

static void came_home_push(struct rc_owner *owner, struct rc_cell *first,
                           struct rc_cell *last) {
  struct rc_cell *head = atomic_load(&owner->came_home);
  do
    last->next = head;
  while (!atomic_compare_exchange_weak(&owner->came_home, &head, first));
}

void gc_biased_send_home(struct rc_mutator *rc) {
  struct rc_owner *owner = rc->home;
  size_t bytes = 0;
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
    bytes = gc_biased_take_home(owner);
  pthread_mutex_unlock(&owner->lock);
  gc_rc_quota_give(rc, bytes);
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

bool gc_rc_small_free(struct rc_mutator *rc, void *cell) {
  if (GC_SYSTEM_MALLOC) {
    gc_memory_free(&rc->source, (struct rc_head *)cell - 1, 0);
    return true;
  }
  if (rc_is_own(&rc->base, cell)) {
    block_put(rc->owner, cell);
    return true;
  }
  home_add(rc, cell);
  return false;
}

void gc_rc_homes_settle(gc_mutator *m) {
  gc_assert_always(gc_world_is_stopped_by(m));
  for (gc_mutator *other = m->heap->mutators; other; other = other->next)
    gc_biased_send_home(rc_of(other));
  struct biased_heap *heap = biased_heap_of(m->heap);
  pthread_mutex_lock(&heap->owners_lock);
  for (struct rc_owner *owner = heap->owners; owner; owner = owner->next)
    gc_rc_quota_give(rc_of(m), gc_biased_take_home(owner));
  pthread_mutex_unlock(&heap->owners_lock);
}
