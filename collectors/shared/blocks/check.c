/* SPDX-License-Identifier: MIT */
/* The invariants of blocks: for the verifier, and for assertions of level 3. */
#include <stdio.h>

#include "collectors/shared/blocks/blocks.h"

/* --- for the verifier ----------------------------------------------------- */

bool gc_blk_is_old_object(const struct blk_heap *heap, gc_ref object) {
  uint8_t byte = __atomic_load_n(gc_blk_byte(object), __ATOMIC_RELAXED);
  return (byte & BLK_START) &&
         (blk_old_values(heap) >> (byte & BLK_VALUE_MASK) & 1);
}

static size_t complain(const struct blk_block *block, const char *what) {
  fprintf(stderr, "sweepstakes: verifier: block %p: %s\n",
          (void *)blk_start(block), what);
  return 1;
}

static gc_ref object_at(char *cell) {
  bool is_array = *(uint32_t *)cell < UINT32_C(1) << GC_TYPE_WORDS_SHIFT;
  return (gc_ref)(cell + (is_array ? sizeof(size_t) : 0));
}

/* How many granules from `i` on belong to the object that starts there. With
   `keeps_former`, a marker may have claimed it and not visited it yet. */
static size_t granules_of(const struct blk_heap *heap, const uint8_t *bytes,
                          size_t i) {
  uint8_t mask = heap->keeps_former ? 0xfe : 0xff;
  uint8_t value = bytes[i] & BLK_VALUE_MASK & mask;
  size_t n = 1;
  while (i + n < BLK_GRANULES && (bytes[i + n] & mask) == value)
    n++;
  return n;
}

/* A block that is still to be swept has dead objects. */
static bool is_current(const struct blk_heap *heap,
                       const struct blk_block *block, uint8_t byte) {
  bool is_unswept =
      MARK_WHILE_RUNNING && gc_blk_is_unswept(&heap->space, block);
  uint8_t values = is_unswept ? 3 << BLK_OLD : blk_old_values(heap);
  return (byte & BLK_START) && (values >> (byte & BLK_VALUE_MASK) & 1);
}

static size_t check_cells(struct blk_heap *heap, struct blk_block *block) {
  char *start = blk_start(block);
  const uint8_t *bytes = gc_blk_byte(start);
  for (size_t i = 0; i < BLK_GRANULES;) {
    if (bytes[i] == BLK_FREE || bytes[i] == BLK_LENT) {
      i++;
      continue;
    }
    char *cell = start + i * BLK_GRANULE;
    if (!is_current(heap, block, bytes[i]))
      return complain(block, "a byte has a value that is not current");
    size_t bytes_of_cell = gc_blk_round(gc_object_cell_size(object_at(cell)));
    if (granules_of(heap, bytes, i) != bytes_of_cell / BLK_GRANULE)
      return complain(block, "an object's bytes do not fit its size");
    i += bytes_of_cell / BLK_GRANULE;
  }
  return 0;
}

static size_t check_counts(struct blk_heap *heap, struct blk_block *block) {
  struct blk_block before = *block;
  if (MARK_WHILE_RUNNING &&
      (gc_blk_is_unswept(&heap->space, block) || block->has_survivors))
    return 0;
  gc_blk_census(heap, block);
  if (before.middle != block->middle || before.old != block->old ||
      before.middle_objects != block->middle_objects ||
      before.old_objects != block->old_objects ||
      (before.runs > 0 && before.longest != block->longest))
    return complain(block, "its counts do not agree with its bytes");
  return 0;
}

static size_t report(const char *what) {
  fprintf(stderr, "sweepstakes: verifier: %s\n", what);
  return 1;
}

/* The mutators have left their large objects, and no quota is out. */
static size_t check_large(const struct blk_heap *heap) {
  const struct blk_larges *large = &heap->large;
  size_t bytes = 0, objects = 0;
  for (int g = 0; g < BLK_LARGE_LISTS; g++)
    for (const struct blk_large *l = large->list[g]; l; l = l->next) {
      bytes += l->bytes;
      objects++;
      if (l->bytes != gc_blk_sizeof((gc_ref)&l->object) ||
          (l->must_rescan & BLK_NOTE_STOPPED))
        return report("the record of a large object does not fit the object");
    }
  return bytes == large->live && objects == large->objects
             ? 0
             : report(
                   "the counts of large objects do not agree with the lists");
}

size_t gc_blk_check(struct blk_heap *heap, size_t tables) {
  size_t broken = check_large(heap), blocks = 0;
  for (size_t i = 0; i < heap->space.blocks; i++) {
    struct blk_block *block = gc_blk_at(&heap->space, i);
    blocks += !block->is_released;
    broken += check_cells(heap, block);
    broken += check_counts(heap, block);
  }
  if (atomic_load(&heap->held) + heap->space.lent ==
      blocks * BLK_COST + heap->large.live + tables)
    return broken;
  return broken + report("the bytes held are not the sum of blocks, large "
                         "objects and tables");
}

/* --- for assertions ------------------------------------------------------- */

/* A block that never had a census is empty and has counted no run. */
bool gc_blk_is_valid(const struct blk_block *block) {
  size_t used = (size_t)block->middle + block->old + block->lent;
  size_t free = BLK_GRANULES - used;
  return used <= BLK_GRANULES && block->middle_objects <= block->middle &&
         block->old_objects <= block->old && block->runs <= free &&
         block->longest <= free &&
         (block->runs > 0 || used == 0 || free == 0) &&
         (!block->is_released || used == 0);
}

struct totals {
  size_t held, lent, live, middle, objects;
};

static bool block_add(struct totals *t, const struct blk_block *block) {
  t->held += !block->is_released;
  t->lent += (size_t)block->lent * BLK_GRANULE;
  t->live += ((size_t)block->middle + block->old) * BLK_GRANULE;
  t->middle += (size_t)block->middle * BLK_GRANULE;
  t->objects += (size_t)block->middle_objects + block->old_objects;
  return (MARK_WHILE_RUNNING || !block->has_survivors) &&
         !(block->must_rescan & BLK_NOTE_STOPPED);
}

bool gc_blk_heap_is_valid(struct blk_heap *heap) {
  const struct blk_space *space = &heap->space;
  struct totals t = {0};
  for (size_t i = 0; i < space->blocks; i++) {
    const struct blk_block *block = gc_blk_at(space, i);
    if (!gc_blk_is_valid(block) || !block_add(&t, block))
      return false;
  }
  return t.held == space->held && t.lent == space->lent &&
         t.live == space->live && t.middle == space->middle &&
         t.objects == space->objects &&
         atomic_load(&heap->held) + t.lent >= t.held * BLK_COST;
}
