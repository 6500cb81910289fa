/* SPDX-License-Identifier: MIT */
/* `semispace`, the copying collector (Cheney 1970). A collection copies what
   can be reached to the other half of memory, and forgets this half. So garbage
   costs nothing and allocation only moves a pointer, but one half is empty.

   The halves are lists of blocks. So they can grow, and a block can change the
   half if its objects must stay: one is pinned, or large and slow to copy.

   Invariant while mutators run: the word of each object is SPACE_HEADER and the
   heap's colour; with the spare blocks, which are the other half, there are
   enough blocks for two halves (but see collection_stays). Broken only while
   the world is stopped. */
#include <stdlib.h>
#include <string.h>

#include "collectors/shared/textbook/textbook.h"

/* The word of a header. Its highest bit distinguishes it from a length. After
   an object has been copied, type and word have the address of the copy. */
enum {
  SPACE_COLOR = 1, /* changes with each collection */
  SPACE_GREY = 2,  /* reached, but its slots are not yet read */
  SPACE_FORWARDED = 1 << 30,
};
#define SPACE_HEADER (UINT32_C(1) << 31)

struct block {
  struct block *next;
  struct block *next_grey; /* world stopped: another with grey objects */
  char *at, *end;          /* its mutator: the free part */
  char *scan;              /* world stopped: no grey object is before it */
  size_t objects;          /* its mutator */
  bool is_large;           /* constant */
  bool stays;              /* world stopped: its objects are not copied */
  bool is_queued;          /* world stopped: it is in the list of grey ones */
};
_Static_assert(sizeof(struct block) == SPACE_HEAD, "as gc_sizeof says");

/* A small block is aligned to its size. */
enum { SPACE_BLOCK = 8 << 10, SPACE_CELLS = SPACE_BLOCK - SPACE_HEAD };
enum { SPACE_ENTRY = 48 }; /* the entry of a block in the table, at most */

struct space_heap {
  struct textbook base;
  struct gc_ptrmap known; /* lock: all blocks are keys and values */
  struct block *blocks;   /* lock: those with objects */
  struct block *spares;   /* lock: the other half */
  size_t used, spare;     /* lock: how many small blocks these are */
  size_t bytes;           /* lock: in the cells of the used ones, at most */
  size_t before;          /* world stopped: objects before this collection */
  uint32_t color;         /* world stopped: of all objects */
  struct block *from, *to, *grey; /* world stopped */
};

struct space_mutator {
  gc_mutator base;
  struct block *block; /* owner: where it allocates; or NULL */
};

/* --- objects -------------------------------------------------------------- */

static char *cells_of(struct block *block) {
  return (char *)(block + 1);
}

static gc_ref object_at(char *cell) {
  gc_ref object = (gc_ref)cell;
  return object->word & SPACE_HEADER ? object : (gc_ref)(cell + sizeof(size_t));
}

static void *small_block_at(const void *address) {
  return (void *)((uintptr_t)address & -(uintptr_t)SPACE_BLOCK);
}

static struct block *block_of(gc_ref object) {
  bool is_large = gc_object_cell_size(object) > SPACE_LARGE;
  struct block *end = gc_object_cell(object);
  return is_large ? end - 1 : small_block_at(object);
}

static void forward_set(gc_ref object, gc_ref to) {
  uint64_t address = (uintptr_t)to;
  object->type = (uint32_t)address;
  object->word = (uint32_t)(address >> 32) | SPACE_HEADER | SPACE_FORWARDED;
}

static gc_ref forward_get(gc_ref object) {
  uint64_t high = object->word & ~(SPACE_HEADER | SPACE_FORWARDED);
  return (gc_ref)(uintptr_t)(high << 32 | object->type);
}

static void state_set(gc_ref object, uint32_t state) {
  object->word = (object->word & TEXTBOOK_IMMORTAL) | SPACE_HEADER | state;
}

static char *bump(struct block *block, size_t bytes) {
  if (block == NULL || bytes > (size_t)(block->end - block->at))
    return NULL;
  char *cell = block->at;
  block->at += bytes;
  return cell;
}

/* --- blocks: the lock is held, or the world is stopped -------------------- */

static void block_link(struct block **list, struct block *block) {
  block->next = *list;
  *list = block;
}

static void block_clear(struct block *block, size_t bytes, bool is_large) {
  *block = (struct block){.end = (char *)block + bytes, .is_large = is_large};
  block->at = block->scan = cells_of(block);
}

/* NULL: the heap would hold more than `most`, or there is no memory. */
static struct block *block_new(struct space_heap *heap, struct block **list,
                               size_t bytes, size_t most) {
  bool is_large = list == &heap->blocks;
  size_t held = bytes + SPACE_ENTRY;
  struct block *block = NULL;
  if (gc_textbook_fits(&heap->base, held, most) &&
      gc_ptrmap_reserve(&heap->known))
    block = is_large ? calloc(1, bytes) : aligned_alloc(SPACE_BLOCK, bytes);
  if (block == NULL)
    return NULL;
  block_clear(block, bytes, is_large);
  block_link(list, block);
  gc_ptrmap_put(&heap->known, block, block);
  heap->base.own_tables += SPACE_ENTRY;
  gc_textbook_hold(&heap->base, atomic_load(&heap->base.held) + held);
  return block;
}

static void block_free(struct space_heap *heap, struct block *block) {
  size_t held = (size_t)(block->end - (char *)block) + SPACE_ENTRY;
  heap->base.own_tables -= SPACE_ENTRY;
  gc_textbook_hold(&heap->base, atomic_load(&heap->base.held) - held);
  gc_ptrmap_remove(&heap->known, block);
  free(block);
}

/* Cells of so many bytes fit into so many blocks, in any order: in each block
   but the last, less than a large cell is left over. */
static size_t blocks_for(size_t bytes) {
  return bytes ? bytes / (SPACE_CELLS - SPACE_LARGE) + 1 : 0;
}

/* So many blocks are two halves. With the spare ones among them, the next
   collection can copy all objects; with those that it empties, the one after it
   can do so again, even if the copies are cut in a worse way. `used` is greater
   only if blocks were kept for a few pinned objects. */
static size_t halves_for(size_t used, size_t bytes) {
  size_t half = blocks_for(bytes);
  return half + (used > half ? used : half);
}

/* Makes them large enough. False: no memory. */
static bool halves_grow(struct space_heap *heap, size_t used, size_t bytes,
                        size_t most) {
  size_t wanted = halves_for(used, bytes);
  for (; heap->used + heap->spare < wanted; heap->spare++)
    if (!block_new(heap, &heap->spares, SPACE_BLOCK, most))
      return false;
  return gc_textbook_fits(&heap->base, 0, most);
}

static struct block *spare_take(struct space_heap *heap) {
  struct block *block = heap->spares;
  gc_assert_always(block != NULL); /* by the invariant */
  heap->spares = block->next;
  heap->spare--;
  return block;
}

static struct block *spare_use(struct space_heap *heap) {
  struct block *block = spare_take(heap);
  block_clear(block, SPACE_BLOCK, false);
  heap->used++;
  block_link(&heap->blocks, block);
  return block;
}

static struct block *block_take(struct space_heap *heap, size_t cell_bytes,
                                size_t most) {
  if (cell_bytes > SPACE_LARGE)
    return block_new(heap, &heap->blocks, gc_space_size(cell_bytes), most);
  if (!halves_grow(heap, heap->used + 1, heap->bytes + SPACE_CELLS, most))
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
  bool is_large = bytes > SPACE_LARGE;
  bool may_bump = !is_large && gc_textbook_fits(&heap->base, 0, most);
  char *cell = may_bump ? bump(block, bytes) : NULL;
  if (cell == NULL) {
    pthread_mutex_lock(&heap->base.lock);
    block = block_take(heap, bytes, most);
    pthread_mutex_unlock(&heap->base.lock);
    cell = bump(block, bytes);
  }
  if (cell == NULL)
    return NULL;
  if (!is_large)
    own->block = block;
  gc_ref object = textbook_object(cell, type, length);
  state_set(object, heap->color);
  block->objects++;
  return object;
}

/* --- copying, world stopped ----------------------------------------------- */

static void bytes_count(struct space_heap *heap) {
  heap->bytes = 0;
  for (struct block *block = heap->blocks; block; block = block->next)
    if (!block->is_large)
      heap->bytes += (size_t)(block->at - cells_of(block));
}

/* A block that is kept for one pinned object may be almost empty. So after a
   collection with pins there may be too few spare blocks, and the limit may
   allow no more. Then all objects stay where they are. */
static bool collection_stays(const struct space_heap *heap) {
  return heap->spare < blocks_for(heap->bytes);
}

void gc_textbook_begin(struct textbook *base) {
  struct space_heap *heap = (struct space_heap *)base;
  const struct gc_ptrmap *pins = &base->base.pins;
  bytes_count(heap);
  heap->color ^= SPACE_COLOR;
  heap->before = 0;
  heap->from = heap->blocks;
  heap->blocks = heap->to = NULL;
  for (struct block *block = heap->from; block; block = block->next) {
    heap->before += block->objects;
    block->objects = 0;
    block->scan = block->at;
    block->stays = block->is_large || collection_stays(heap);
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
  return (object->word & SPACE_COLOR) == color ? object : NULL;
}

/* The object is in its place, but its slots still have old addresses. */
static gc_ref grey_add(struct space_heap *heap, gc_ref object,
                       struct block *block) {
  state_set(object, heap->color | SPACE_GREY);
  block->objects++;
  if (!block->is_queued) {
    block->is_queued = true;
    block->next_grey = heap->grey;
    heap->grey = block;
  }
  return object;
}

static gc_ref stay(struct space_heap *heap, gc_ref object) {
  struct block *block = block_of(object);
  char *cell = gc_object_cell(object);
  block->scan = cell < block->scan ? cell : block->scan;
  return grey_add(heap, object, block);
}

static gc_ref copy(struct space_heap *heap, gc_ref object) {
  size_t bytes = gc_object_cell_size(object);
  char *cell = bump(heap->to, bytes);
  if (cell == NULL)
    cell = bump(heap->to = spare_use(heap), bytes);
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
  return block_of(object)->stays ? stay(heap, object) : copy(heap, object);
}

/* Cheney's idea: the copies between `scan` and `at` are the list of work. Both
   pointers move on until they meet. Of objects that stay not all are grey. */
static void block_scan(struct textbook *base, struct block *block) {
  while (block->scan < block->at) {
    gc_ref object = object_at(block->scan);
    block->scan += gc_object_cell_size(object);
    if (object->word & SPACE_GREY) {
      object->word &= ~(uint32_t)SPACE_GREY;
      gc_textbook_scan(base, object);
    }
  }
}

void gc_textbook_drain(struct textbook *base) {
  struct space_heap *heap = (struct space_heap *)base;
  struct block *block;
  while ((block = heap->grey) != NULL) {
    heap->grey = block->next_grey;
    block->is_queued = false;
    block_scan(base, block);
  }
}

/* --- forgetting the old half, world stopped ------------------------------- */

/* Mutators take new blocks, so that the last block of copies counts only what
   is in it. */
size_t gc_textbook_end(struct textbook *base) {
  struct space_heap *heap = (struct space_heap *)base;
  for (struct block *next, *block = heap->from; block; block = next) {
    next = block->next;
    bool has_stayed = block->objects > 0;
    if (!has_stayed && block->is_large) {
      block_free(heap, block);
      continue;
    }
    heap->used -= !has_stayed;
    heap->spare += !has_stayed;
    block_link(has_stayed ? &heap->blocks : &heap->spares, block);
  }
  bytes_count(heap);
  while (heap->used + heap->spare > halves_for(heap->used, heap->bytes))
    block_free(heap, spare_take(heap));
  halves_grow(heap, heap->used, heap->bytes, base->base.limit);
  return heap->before - base->base.pause.objects_marked;
}

/* --- for gc_pin and the verifier ------------------------------------------ */

/* Reads the object only if it is in a block. */
static bool space_is_object(gc_heap *base, gc_ref object) {
  struct space_heap *heap = (struct space_heap *)base;
  char *at = (char *)object, *head = at - SPACE_HEAD;
  pthread_mutex_lock(&heap->base.lock);
  struct block *block = gc_ptrmap_get(&heap->known, head)
                            ?: gc_ptrmap_get(&heap->known, head - 8)
                            ?: gc_ptrmap_get(&heap->known, small_block_at(at));
  pthread_mutex_unlock(&heap->base.lock);
  return block && at >= cells_of(block) && at < block->at &&
         (object->word | TEXTBOOK_IMMORTAL) ==
             (SPACE_HEADER | TEXTBOOK_IMMORTAL | heap->color) &&
         gc_textbook_verify_object(base, object, 0, false) == NULL;
}

static const struct gc_verifier space_verifier = {
    .is_object = space_is_object,
    .object = gc_textbook_verify_object,
};

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
    .verifier = &space_verifier,
};
