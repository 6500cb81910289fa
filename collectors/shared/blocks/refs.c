/* SPDX-License-Identifier: MIT */
/* Growable lists of references, whose bytes count as held. */
#include <stdlib.h>

#include "collectors/shared/blocks/blocks.h"

enum { BLK_REFS_FIRST = 64 };

static bool refs_resize(struct blk_refs *refs, size_t capacity) {
  gc_assert(refs->count <= capacity && capacity > 0);
  gc_ref *bigger = realloc(refs->items, capacity * sizeof *bigger);
  if (bigger == NULL)
    return false;
  refs->items = bigger;
  refs->capacity = capacity;
  return true;
}

static bool refs_hold(struct blk_heap *heap, size_t bytes, bool over_limit) {
  if (over_limit)
    gc_blk_hold_anyway(heap, bytes);
  return over_limit || gc_blk_hold_hard(heap, bytes);
}

bool gc_blk_refs_reserve(struct blk_heap *heap, struct blk_refs *refs,
                         size_t more, bool over_limit) {
  if (more <= refs->capacity - refs->count)
    return true;
  size_t capacity = refs->capacity ? refs->capacity * 2 : BLK_REFS_FIRST;
  gc_assert_always(more <= capacity - refs->count);
  size_t bytes = (capacity - refs->capacity) * sizeof *refs->items;
  if (!refs_hold(heap, bytes, over_limit))
    return false;
  bool ok = refs_resize(refs, capacity);
  if (!ok)
    gc_blk_unhold(heap, bytes);
  return ok;
}

void gc_blk_refs_finish(struct blk_heap *heap, struct blk_refs *refs) {
  gc_blk_unhold(heap, refs->capacity * sizeof *refs->items);
  free(refs->items);
  *refs = (struct blk_refs){0};
}

void gc_blk_refs_shrink(struct blk_heap *heap, struct blk_refs *refs,
                        size_t needed) {
  size_t capacity = refs->capacity;
  gc_assert_always(refs->count <= needed);
  if (needed == 0)
    gc_blk_refs_finish(heap, refs);
  else if (needed < capacity / 4 && refs_resize(refs, needed))
    gc_blk_unhold(heap, (capacity - needed) * sizeof *refs->items);
}
