/* SPDX-License-Identifier: MIT */
/* Cells from jemalloc, and the account of them. Note [Cells at hand]. */
#include <string.h>

#include "collectors/shared/counting/rc_heap.h"

/* The system may refuse a cell of this size or more though little is held. */
enum { RC_LARGE = 16 << 10 };

void gc_rc_cells_init(struct rc_mutator *rc) {
  rc->at_hand[0].room = 0;
  for (size_t i = 1; i < RC_CLASSES; i++)
    rc->at_hand[i].room = RC_AT_HAND_BYTES / (uint32_t)(i * RC_GRANULE);
}

/* --- the account ---------------------------------------------------------
   heap->held counts the bytes granted to mutators, and the tables. A
   mutator's quota is the part of its grant that it has not used. */

void gc_rc_table_add(struct rc_heap *heap, size_t bytes) {
  atomic_fetch_add(&heap->table_bytes, bytes);
  gc_memory_peak(&heap->held_peak,
                 atomic_fetch_add(&heap->held, bytes) + bytes);
}

void gc_rc_held_lower(struct rc_heap *heap, size_t bytes) {
  size_t held = atomic_fetch_sub(&heap->held, bytes);
  gc_assert_always(held >= bytes);
  (void)held;
}

void gc_rc_table_sub(struct rc_heap *heap, size_t bytes) {
  size_t tables = atomic_fetch_sub(&heap->table_bytes, bytes);
  gc_assert_always(tables >= bytes);
  (void)tables;
  gc_rc_held_lower(heap, bytes);
}

bool gc_rc_held_raise(struct rc_heap *heap, size_t bytes) {
  size_t held = atomic_load(&heap->held);
  do {
    if (held > heap->base.limit || bytes > heap->base.limit - held)
      return false;
  } while (!atomic_compare_exchange_weak(&heap->held, &held, held + bytes));
  gc_assert(held + bytes <= heap->base.limit);
  gc_memory_peak(&heap->held_peak, held + bytes);
  return true;
}

bool gc_rc_table_hold(gc_heap *base, size_t bytes, bool over_limit) {
  struct rc_heap *heap = rc_heap_of(base);
  if (!over_limit)
    return gc_rc_held_raise(heap, bytes);
  gc_memory_peak(&heap->held_peak,
                 atomic_fetch_add(&heap->held, bytes) + bytes);
  return true;
}

void gc_rc_table_give(gc_heap *base, size_t bytes) {
  gc_rc_held_lower(rc_heap_of(base), bytes);
}

static bool quota_refill(struct rc_mutator *rc, size_t bytes) {
  struct rc_heap *heap = rc_heap_of(rc->base.heap);
  size_t missing = bytes - (size_t)(rc->quota > 0 ? rc->quota : 0);
  size_t step = (size_t)heap->quota_step;
  if (atomic_load(&heap->held) > atomic_load(&heap->ask_held))
    gc_poll_set(&rc->base, GC_POLL_COLLECTOR);
  if (gc_rc_held_raise(heap, missing + step)) {
    rc->quota += (int64_t)(missing + step);
    return true;
  }
  if (!gc_rc_held_raise(heap, missing))
    return false;
  rc->quota += (int64_t)missing;
  return true;
}

static bool quota_take(struct rc_mutator *rc, size_t bytes) {
  if (rc->quota < (int64_t)bytes && !quota_refill(rc, bytes))
    return false;
  rc->quota -= (int64_t)bytes;
  gc_assert(rc->quota >= 0);
  return true;
}

void gc_rc_quota_return(struct rc_mutator *rc) {
  gc_assert_always(rc->quota >= 0);
  gc_rc_held_lower(rc_heap_of(rc->base.heap), (size_t)rc->quota);
  rc->quota = 0;
}

static void quota_give(struct rc_mutator *rc, size_t bytes) {
  struct rc_heap *heap = rc_heap_of(rc->base.heap);
  gc_assert(rc->quota >= 0 && bytes <= PTRDIFF_MAX);
  rc->quota += (int64_t)bytes;
  if (rc->quota <= 2 * heap->quota_step)
    return;
  size_t over = (size_t)(rc->quota - heap->quota_step);
  rc->quota = heap->quota_step;
  gc_rc_held_lower(heap, over);
}

/* --- cells --------------------------------------------------------------- */

/* Not with a sanitizer, which takes each cell from malloc. */
static bool is_in_block(size_t bytes) {
  return RC_BIASED && !GC_SYSTEM_MALLOC && rc_is_small(bytes);
}

/* The sanitizer's small cells have a head that names the owner. */
static bool has_head(size_t bytes) {
  return RC_BIASED && GC_SYSTEM_MALLOC && rc_is_small(bytes);
}

static void *small_from_memory(struct rc_mutator *rc, size_t rounded) {
  if (!quota_take(rc, rounded))
    return NULL;
  void *cell = has_head(rounded) ? gc_rc_headed_new(rc, rounded)
                                 : gc_memory_new(&rc->source, rounded);
  if (cell == NULL)
    quota_give(rc, rounded);
  else
    memset(cell, 0, rounded);
  return cell;
}

static bool quota_may_suffice(const struct rc_mutator *rc, size_t bytes) {
  struct rc_heap *heap = rc_heap_of(rc->base.heap);
  size_t held = atomic_load(&heap->held), limit = heap->base.limit;
  size_t left = held < limit ? limit - held : 0;
  return rc->quota >= (int64_t)bytes ||
         bytes - (size_t)(rc->quota > 0 ? rc->quota : 0) <= left;
}

/* The system may refuse any size, so the memory is requested before its bytes
   are counted. Otherwise a refused request would show in held_peak. */
static void *large_from_memory(struct rc_mutator *rc, size_t rounded) {
  if (!quota_may_suffice(rc, rounded))
    return NULL;
  void *cell = gc_memory_new_zeroed(&rc->source, rounded);
  if (cell == NULL || quota_take(rc, rounded))
    return cell;
  gc_memory_free(&rc->source, cell, rounded);
  return NULL;
}

static void *from_block(struct rc_mutator *rc, size_t rounded) {
  void *cell = gc_rc_block_cell(rc, rounded);
  if (cell == NULL)
    cell = gc_rc_other_cell(rc, rounded);
  if (atomic_load(&rc_heap_of(rc->base.heap)->held) >
      atomic_load(&rc_heap_of(rc->base.heap)->ask_held))
    gc_poll_set(&rc->base, GC_POLL_COLLECTOR);
  return cell ? memset(cell, 0, rounded) : NULL;
}

static void *from_memory(struct rc_mutator *rc, size_t bytes) {
  size_t rounded = gc_memory_class(bytes);
  if (bytes > PTRDIFF_MAX / 2)
    return NULL;
  void *cell = is_in_block(bytes)   ? from_block(rc, rounded)
               : rounded < RC_LARGE ? small_from_memory(rc, rounded)
                                    : large_from_memory(rc, rounded);
  if (cell != NULL)
    rc->taken += rounded;
  return cell;
}

static void to_memory(struct rc_mutator *rc, void *cell, size_t bytes) {
  size_t rounded = gc_memory_class(bytes);
  gc_assert(bytes > 0 && (uintptr_t)cell % RC_GRANULE == 0);
  if (is_in_block(bytes)) {
    gc_rc_block_put(rc, cell);
    return;
  }
  if (has_head(bytes))
    gc_rc_headed_free(rc, cell);
  else
    gc_memory_free(&rc->source, cell, rounded);
  quota_give(rc, rounded);
}

static struct rc_cell *list_pop(struct rc_list *list) {
  struct rc_cell *cell = list->first;
  gc_assert(cell->header == 0); /* nobody wrote to it since it was freed */
  list->first = cell->next;
  list->room++;
  return cell;
}

/* Takes some cells from the blocks at once, so that a heap that grows pays for
   the way there only now and then. The first one is returned, and the others
   follow in the order in which the block gives them: that of their addresses,
   if it is new. */
enum { REFILL_BYTES = 2048, REFILL_MOST = 32 };
static void *take_some(struct rc_mutator *rc, size_t bytes) {
  size_t rounded = gc_memory_class(bytes), more = REFILL_BYTES / rounded;
  struct rc_list *list = &rc->at_hand[rc_granules(bytes)];
  struct rc_cell **link = &list->first, *next;
  void *cell = from_memory(rc, bytes);
  more = more > REFILL_MOST ? REFILL_MOST : more;
  gc_assert(list->first == NULL && more < list->room);
  for (; more > 1 && cell; more--) {
    if ((next = gc_rc_block_cell(rc, rounded)) == NULL)
      break;
    *next = (struct rc_cell){0};
    *link = next;
    link = &next->next;
    list->room--;
    rc->taken += rounded;
  }
  return cell;
}

void *gc_rc_cell_take(struct rc_mutator *rc, size_t bytes) {
  size_t granules = rc_granules(bytes);
  if (!rc_class_is_kept(granules) || rc->at_hand[granules].first == NULL)
    return is_in_block(bytes) ? take_some(rc, bytes) : from_memory(rc, bytes);
  void *cell = list_pop(&rc->at_hand[granules]);
  rc_cell_zero(cell, granules * RC_GRANULE);
  return cell;
}

/* Gives back half of a full list. So a program that frees and allocates in turn
   does not call jemalloc each time. */
static void list_halve(struct rc_mutator *rc, size_t granules) {
  struct rc_list *list = &rc->at_hand[granules];
  size_t bytes = granules * RC_GRANULE;
  for (size_t n = RC_AT_HAND_BYTES / bytes / 2 + 1; n > 0 && list->first; n--)
    to_memory(rc, list_pop(list), bytes);
}

GC_COLD void gc_rc_cell_put_slow(struct rc_mutator *rc, void *cell,
                                 size_t bytes) {
  size_t granules = rc_granules(bytes);
  if (!rc_class_is_kept(granules) || !rc_is_own(&rc->base, cell)) {
    to_memory(rc, cell, bytes);
    return;
  }
  list_halve(rc, granules);
  rc_list_push(&rc->at_hand[granules], cell);
}

/* Small cells are kept first: there are more of them. */
void gc_rc_cells_return(struct rc_mutator *rc, size_t keep) {
  for (size_t i = 1; i < RC_CLASSES; i++) {
    struct rc_list *list = &rc->at_hand[i];
    size_t bytes = i * RC_GRANULE, most = RC_AT_HAND_BYTES / bytes;
    size_t kept = keep / bytes;
    gc_assert(list->room <= most && (list->room == most) == !list->first);
    while (list->first && most - list->room > kept)
      to_memory(rc, list_pop(list), bytes);
    gc_assert((most - list->room) * bytes <= keep);
    keep -= (most - list->room) * bytes;
  }
  gc_rc_quota_return(rc);
}

/* --- out of memory --------------------------------------------------------
 */

/* Note [Thrashing when counting]
   Close to its limit, a heap full of live objects could continue for a very
   long time, with a pass over most of the heap for every few new objects. A
   collection for want of memory is fruitless if it leaves less than a
   RC_FRUITLESS_SHARE-th of the limit free, and fewer bytes than the number of
   objects that it examined without freeing them. After RC_FRUITLESS_MOST
   fruitless collections, with none in between that left this share, allocation
   reports out of memory, as in gen. A cheap collection is not fruitless: if
   nothing dies in cycles, the program can use the heap to the last byte. Free
   cells in blocks (rc-biased) are free, too; but only those that have come
   there in this collection count, because others may be of sizes that nobody
   wants.
 */
enum { RC_FRUITLESS_MOST = 8, RC_FRUITLESS_SHARE = 64 };

size_t gc_rc_free_in_blocks(struct rc_heap *heap) {
  return RC_BIASED ? gc_rc_free_bytes(heap) : 0;
}

bool gc_rc_is_thrashing(struct rc_heap *heap, size_t free_before) {
  gc_assert(gc_world_is_stopped(&heap->base));
  gc_assert(heap->fruitless <= RC_FRUITLESS_MOST);
  size_t held = atomic_load(&heap->held), limit = heap->base.limit;
  size_t room = held < limit ? limit - held : 0;
  size_t free = gc_rc_free_in_blocks(heap);
  room += free > free_before ? free - free_before : 0;
  if (room >= limit / RC_FRUITLESS_SHARE) {
    heap->fruitless = 0;
    return false;
  }
  if (room >= heap->vain)
    return false;
  if (heap->fruitless < RC_FRUITLESS_MOST)
    heap->fruitless++;
  return heap->fruitless == RC_FRUITLESS_MOST;
}
