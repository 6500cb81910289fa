/* SPDX-License-Identifier: MIT */
/* `semispace`, the copying collector (Cheney 1970). A collection copies what
   can be reached to the other half of memory, and forgets this half. So garbage
   costs nothing and allocation only moves a pointer, but one half is empty. The
   halves are lists of blocks. So they can grow, and a block can change the half
   if its objects must stay: one is pinned, or large and slow to copy.

   Invariant, broken only in a stop: the word of a live object is SPACE_HEADER
   and the heap's colour; the spares suffice to copy all (gc_textbook_begin). */
#include <stdlib.h>
#include <string.h>

#include "collectors/shared/textbook/textbook.h"
#include "heap/table.h"

/* The word of a header. Its highest bit distinguishes it from a length. After
   an object has been copied, type and word have the address of the copy. */
enum {
  SPACE_GREY = 1, /* reached, but its slots are not yet read */
  SPACE_COLOR = TEXTBOOK_IMMORTAL << 1, /* the next with each collection */
  SPACE_FORWARDED = 1 << 30,
};
#define SPACE_HEADER (UINT32_C(1) << 31)
#define SPACE_COLORS (UINT32_C(0xffff) * SPACE_COLOR)

/* Small blocks have SPACE_BLOCK bytes, and are aligned to that. */
struct block {
  struct block *next;
  struct block *next_grey; /* world stopped: another with grey objects */
  _Atomic(char *) at;      /* its mutator: the free part; others may read it */
  char *end;               /* constant */
  char *scan;              /* world stopped: no grey object is before it */
  size_t objects;          /* its mutator */
  bool is_large;           /* constant */
  bool stays;              /* world stopped: its objects are not copied */
  bool is_queued;          /* world stopped: it is in the list of grey ones */
  _Alignas(size_t) char cells[];
};
_Static_assert(offsetof(struct block, cells) == SPACE_HEAD, "for gc_sizeof");
enum { SPACE_BLOCK = 8 << 10, SPACE_CELLS = SPACE_BLOCK - SPACE_HEAD };

struct space_heap {
  struct textbook base;
  struct gc_ptrmap known;        /* lock: all blocks are keys and values */
  struct block *blocks, *spares; /* lock: those with objects; the other half */
  size_t used, spare;            /* lock: how many small blocks these are */
  size_t bytes;   /* lock: in the cells of the used ones, at most */
  size_t before;  /* world stopped: objects before this collection */
  uint32_t color; /* world stopped: of all objects */
  struct block *from, *to, *grey; /* world stopped */
};

struct space_mutator {
  gc_mutator base;
  struct block *block; /* owner: where it allocates; or NULL */
};

/* --- objects -------------------------------------------------------------- */

static gc_ref object_at(char *cell) {
  gc_ref object = (gc_ref)cell;
  return object->word & SPACE_HEADER ? object : (gc_ref)(cell + sizeof(size_t));
}

static void *small_block_at(const void *address) {
  return (void *)((uintptr_t)address & -(uintptr_t)SPACE_BLOCK);
}

static struct block *block_of(gc_ref object) {
  bool is_large = gc_object_cell_size(object) > SPACE_LARGE;
  char *cell = gc_object_cell(object);
  return is_large ? (void *)(cell - SPACE_HEAD) : small_block_at(cell);
}

static void forward_set(gc_ref object, gc_ref to) {
  uint64_t address = (uintptr_t)to;
  gc_assert(address >> 32 < SPACE_FORWARDED);
  object->type = (uint32_t)address;
  object->word = (uint32_t)(address >> 32) | SPACE_HEADER | SPACE_FORWARDED;
}

static gc_ref forward_get(gc_ref object) {
  uint64_t high = object->word & ~(SPACE_HEADER | SPACE_FORWARDED);
  return (gc_ref)(uintptr_t)(high << 32 | object->type);
}

static char *bump(struct block *block, size_t bytes) {
  char *cell = block ? block->at : NULL;
  if (cell == NULL || bytes > (size_t)(block->end - cell))
    return NULL;
  atomic_store_explicit(&block->at, cell + bytes, memory_order_relaxed);
  return cell;
}

/* --- blocks: the lock is held, or the world is stopped -------------------- */

static void block_link(struct block **list, struct block *block) {
  block->next = *list;
  *list = block;
}

static void block_clear(struct block *block, size_t bytes, bool is_large) {
  *block = (struct block){.end = (char *)block + bytes, .is_large = is_large};
  block->at = block->scan = block->cells;
}

/* NULL: the heap would hold more than `most`, or there is no memory. */
static struct block *block_new(struct space_heap *heap, struct block **list,
                               size_t bytes, size_t most) {
  bool is_large = list == &heap->blocks;
  struct block *block = NULL;
  if (gc_textbook_fits(&heap->base, bytes, most) &&
      gc_table_reserve(&heap->base.base, &heap->known, false))
    block = is_large ? calloc(1, bytes) : aligned_alloc(SPACE_BLOCK, bytes);
  if (block == NULL || !gc_textbook_hold(&heap->base, bytes, most)) {
    free(block);
    return NULL;
  }
  block_clear(block, bytes, is_large);
  block_link(list, block);
  gc_ptrmap_put(&heap->known, block, block);
  return block;
}

static void block_free(struct space_heap *heap, struct block *block) {
  gc_assert(block->objects == 0);
  gc_textbook_give(&heap->base, (size_t)(block->end - (char *)block));
  gc_ptrmap_remove(&heap->known, block);
  free(block);
}

/* Cells of so many bytes fit into so many blocks, in any order: in each block
   but the last, less than a large cell is left over. */
static size_t blocks_for(size_t bytes) {
  return bytes ? bytes / (SPACE_CELLS - SPACE_LARGE) + 1 : 0;
}

static struct block *spare_take(struct space_heap *heap) {
  struct block *block = heap->spares;
  gc_assert_always(block != NULL); /* by the invariant */
  heap->spares = block->next;
  heap->spare--;
  return block;
}

/* Makes two halves large enough for so many more used blocks. Then the next
   collection can copy all objects, and with the blocks that it empties the one
   after it, even if the copies are cut in a worse way. Pinned objects may keep
   more blocks than a half. False: no memory. */
static bool halves_fit(struct space_heap *heap, size_t more, size_t most) {
  size_t used = heap->used + more;
  size_t half = blocks_for(heap->bytes + more * SPACE_CELLS);
  size_t wanted = half + (used > half ? used : half);
  while (heap->used + heap->spare > wanted)
    block_free(heap, spare_take(heap));
  for (; heap->used + heap->spare < wanted; heap->spare++)
    if (!block_new(heap, &heap->spares, SPACE_BLOCK, most))
      return false;
  return gc_textbook_fits(&heap->base, 0, most);
}

static struct block *spare_use(struct space_heap *heap) {
  struct block *block = spare_take(heap);
  heap->used++;
  block_link(&heap->blocks, block);
  return block;
}

static struct block *block_take(struct space_heap *heap, size_t cell_bytes,
                                size_t most) {
  if (cell_bytes > SPACE_LARGE)
    return block_new(heap, &heap->blocks, gc_textbook_size(cell_bytes), most);
  if (!halves_fit(heap, 1, most))
    return NULL;
  struct block *block = spare_use(heap);
  heap->bytes += SPACE_CELLS;
  memset(block->at, 0, (size_t)(block->end - block->at));
  return block;
}

/* --- allocating ----------------------------------------------------------- */

/* Each mutator has a block, so most allocations need no lock. */
gc_ref gc_textbook_try(gc_mutator *m, gc_type type, size_t length,
                       size_t most) {
  struct space_heap *heap = (struct space_heap *)m->heap;
  struct space_mutator *own = (struct space_mutator *)m;
  struct block *block = own->block;
  size_t bytes = gc_cell_size(type, length);
  bool fits = bytes <= SPACE_LARGE && gc_textbook_fits(&heap->base, 0, most);
  char *cell = fits ? bump(block, bytes) : NULL;
  if (cell == NULL) {
    pthread_mutex_lock(&heap->base.lock);
    block = block_take(heap, bytes, most);
    pthread_mutex_unlock(&heap->base.lock);
    cell = bump(block, bytes);
  }
  if (cell == NULL)
    return NULL;
  own->block = block->is_large ? own->block : block;
  gc_ref object = textbook_object(cell, type, length);
  textbook_state_set(object, SPACE_HEADER | heap->color);
  block->objects++;
  return object;
}

/* --- copying, world stopped ----------------------------------------------- */

/* A block that is kept for one pinned object may be almost empty. So after a
   collection with pins there may be too few spare blocks, and the limit may
   allow no more. Then all objects stay where they are. */
void gc_textbook_begin(struct textbook *base) {
  struct space_heap *heap = (struct space_heap *)base;
  const struct gc_ptrmap *pins = &base->base.pins;
  gc_assert(gc_world_is_stopped(&base->base) && heap->grey == NULL);
  bool all_stay = heap->spare < blocks_for(heap->bytes);
  heap->color = (heap->color + SPACE_COLOR) & SPACE_COLORS;
  heap->before = 0;
  heap->from = heap->blocks;
  heap->blocks = heap->to = NULL;
  for (struct block *block = heap->from; block; block = block->next) {
    heap->before += block->objects;
    block->objects = 0;
    block->scan = block->at;
    block->stays = block->is_large || all_stay;
  }
  for (size_t i = 0; i < pins->capacity; i++)
    if (pins->entries[i].key != NULL)
      block_of(pins->entries[i].key)->stays = true;
  for (gc_mutator *m = base->base.mutators; m; m = m->next)
    ((struct space_mutator *)m)->block = NULL;
}

gc_ref gc_textbook_survivor(gc_ref object, void *heap) {
  if (object->word & SPACE_FORWARDED)
    return forward_get(object);
  uint32_t color = ((struct space_heap *)heap)->color;
  return (object->word & SPACE_COLORS) == color ? object : NULL;
}

/* The object is in its place, but its slots still have old addresses. */
static gc_ref grey_add(struct space_heap *heap, gc_ref object,
                       struct block *block) {
  char *cell = gc_object_cell(object);
  gc_assert_always(block->cells <= cell && cell < block->at);
  textbook_state_set(object, SPACE_HEADER | heap->color | SPACE_GREY);
  block->objects++;
  block->scan = cell < block->scan ? cell : block->scan;
  if (!block->is_queued) {
    block->is_queued = true;
    block->next_grey = heap->grey;
    heap->grey = block;
  }
  return object;
}

static gc_ref copy(struct space_heap *heap, gc_ref object) {
  size_t bytes = gc_object_cell_size(object);
  char *cell = bump(heap->to, bytes);
  if (cell == NULL)
    cell = bump(heap->to = spare_use(heap), bytes);
  gc_assert_always(cell != NULL);
  memcpy(cell, gc_object_cell(object), bytes);
  gc_ref moved = (gc_ref)(cell + gc_cell_prefix(object->type));
  forward_set(object, moved);
  return grey_add(heap, moved, heap->to);
}

gc_ref gc_textbook_reach(struct textbook *base, gc_ref object) {
  struct space_heap *heap = (struct space_heap *)base;
  gc_ref now = gc_textbook_survivor(object, heap);
  if (now != NULL)
    return now;
  base->base.pause.objects_marked++;
  struct block *block = block_of(object);
  return block->stays ? grey_add(heap, object, block) : copy(heap, object);
}

/* Cheney's idea: the copies between `scan` and `at` are the list of work. Both
   pointers move on until they meet. Of objects that stay not all are grey. */
static void block_scan(struct textbook *base, struct block *block) {
  while (block->scan < block->at) {
    gc_ref object = object_at(block->scan);
    gc_assert(object->word & SPACE_HEADER);
    block->scan += gc_object_cell_size(object);
    if (object->word & SPACE_GREY) {
      object->word &= ~(uint32_t)SPACE_GREY;
      gc_textbook_scan(base, object);
    }
  }
}

void gc_textbook_drain(struct textbook *base) {
  struct space_heap *heap = (struct space_heap *)base;
  for (struct block *block; (block = heap->grey); block_scan(base, block)) {
    heap->grey = block->next_grey;
    block->is_queued = false;
  }
}

/* Forgets the old half. Mutators take new blocks, so that the last block of
   copies counts only what is in it. */
size_t gc_textbook_end(struct textbook *base) {
  struct space_heap *heap = (struct space_heap *)base;
  gc_assert(heap->grey == NULL);
  for (struct block *next, *block = heap->from; block; block = next) {
    next = block->next;
    if (block->objects > 0) {
      block_link(&heap->blocks, block);
    } else if (block->is_large) {
      block_free(heap, block);
    } else {
      heap->used--;
      heap->spare++;
      block_clear(block, SPACE_BLOCK, false);
      block_link(&heap->spares, block);
    }
  }
  heap->bytes = 0;
  for (struct block *block = heap->blocks; block; block = block->next)
    heap->bytes += block->is_large ? 0 : (size_t)(block->at - block->cells);
  halves_fit(heap, 0, base->base.limit);
  gc_table_trim(&base->base, &heap->known);
  gc_assert_always(base->base.pause.objects_marked <= heap->before);
  return heap->before - base->base.pause.objects_marked;
}

/* --- for gc_pin and the verifier ------------------------------------------ */

/* The lock is for the table, and for gc_immortalize, which writes the word. */
static bool space_is_object(gc_heap *base, gc_ref object) {
  struct space_heap *heap = (struct space_heap *)base;
  char *at = (char *)object, *head = at - SPACE_HEAD;
  pthread_mutex_lock(&heap->base.lock);
  struct block *block = gc_ptrmap_get(&heap->known, head)
                            ?: gc_ptrmap_get(&heap->known, head - 8)
                            ?: gc_ptrmap_get(&heap->known, small_block_at(at));
  bool is_inside = block && at >= block->cells && at < block->at;
  uint32_t word = is_inside ? object->word & ~(uint32_t)TEXTBOOK_IMMORTAL : 0;
  pthread_mutex_unlock(&heap->base.lock);
  return word == (SPACE_HEADER | heap->color) &&
         gc_textbook_verify_object(base, object, 0, false) == NULL;
}

size_t gc_textbook_bytes(struct textbook *base) {
  struct space_heap *heap = (struct space_heap *)base;
  size_t bytes = heap->spare * SPACE_BLOCK;
  for (struct block *block = heap->blocks; block; block = block->next)
    bytes += (size_t)(block->end - (char *)block);
  return bytes;
}

/* --- life cycle and identity card ----------------------------------------- */

static void space_heap_finish(gc_heap *base) {
  struct space_heap *heap = (struct space_heap *)base;
  for (size_t i = 0; i < heap->known.capacity; i++)
    free(heap->known.entries[i].key);
  gc_ptrmap_finish(&heap->known);
  gc_textbook_finish(base);
}

const struct gc_collector gc_collector = {
    .name = "semispace",
    .summary = "the textbook's: stops the world, copies to the other half",
    TEXTBOOK_CARD,
    .moves = true,
    .copies = true,
    .heap_size = sizeof(struct space_heap),
    .mutator_size = sizeof(struct space_mutator),
    .heap_init = gc_textbook_init,
    .heap_finish = space_heap_finish,
    .verifier =
        &(const struct gc_verifier){
            .is_object = space_is_object,
            .object = gc_textbook_verify_object,
            .rest = gc_textbook_verify_rest,
        },
};
