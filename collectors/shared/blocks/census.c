/* SPDX-License-Identifier: MIT */
/* The census of a block: clears the side bytes of dead objects and counts the
   live ones. */
#include "collectors/shared/blocks/blocks.h"

#include <string.h>

typedef uint8_t blk_vector __attribute__((vector_size(16)));
typedef uint64_t blk_halves __attribute__((vector_size(16)));
enum { BLK_VECTORS = BLK_GRANULES / sizeof(blk_vector) };
_Static_assert(BLK_VECTORS <= 255, "counts by lane fit in a byte");

/* Note [Counting later]: a marker may be storing bytes. The halves are joined
   in a register: a load of both from memory waits for their stores to end. */
GC_INLINE blk_vector bytes_load(const blk_vector *at) {
  const blk_word_alias *words = (const blk_word_alias *)at;
  if (!MARK_WHILE_RUNNING)
    return *at;
  return (blk_vector)(blk_halves){__atomic_load_n(words, __ATOMIC_RELAXED),
                                  __atomic_load_n(words + 1, __ATOMIC_RELAXED)};
}

/* Note [Sweeping later]: mutators may be reading bytes of live objects. */
GC_INLINE void bytes_store(blk_vector *at, blk_vector bytes,
                           blk_vector before) {
  blk_word_alias *words = (blk_word_alias *)at;
  blk_halves after = (blk_halves)bytes, was = (blk_halves)before;
  for (unsigned i = 0; i < 2; i++)
    if (after[i] != was[i])
      __atomic_store_n(words + i, after[i], __ATOMIC_RELAXED);
}

/* Adds pairs of bytes first, then all sums of pairs at once. */
static uint32_t lanes_sum(blk_vector v) {
  const uint64_t pairs = UINT64_C(0x00ff00ff00ff00ff);
  uint64_t half[2];
  memcpy(half, &v, sizeof half);
  uint64_t sums = (half[0] & pairs) + (half[0] >> 8 & pairs) +
                  (half[1] & pairs) + (half[1] >> 8 & pairs);
  return (uint32_t)(sums * UINT64_C(0x0001000100010001) >> 48);
}

/* The bytes before those of `here`: all but the first are there, too. In
   halves, because x86-64 without extensions cannot shuffle single bytes. */
GC_INLINE blk_vector bytes_before(blk_vector last, blk_vector here) {
  blk_halves halves = (blk_halves)here;
  blk_halves former = {((blk_halves)last)[1], halves[0]};
  return (blk_vector)(halves << 8 | former >> 56);
}

/* A run begins at a byte that is 0 after one that is not 0, or at the block's
   first byte. The byte before that one belongs to another block, whose census
   another marker may be taking. */
static uint32_t count_runs(const uint8_t *bytes) {
  blk_vector runs = {0}, last = (blk_vector){0} + BLK_START;
  for (size_t i = 0; i < BLK_GRANULES; i += sizeof(blk_vector)) {
    blk_vector here = bytes_load((const blk_vector *)(bytes + i));
    blk_vector before = bytes_before(last, here);
    runs -= (blk_vector)(here == 0) & (blk_vector)(before != 0);
    last = here;
  }
  return lanes_sum(runs);
}

/* The granules of the longest free run. A run of more than 14 contains eight
   bytes, at a multiple of eight, that are all 0. Shorter runs may be missed. */
static size_t longest_run(const uint8_t *bytes) {
  size_t longest = 1, end;
  for (size_t i = 0; i < BLK_GRANULES; i = end + 8) {
    for (end = i; end < BLK_GRANULES && blk_word(bytes + end) == 0;)
      end += 8;
    if (end == i)
      continue;
    size_t run = end - i;
    if (i > 0)
      run += (size_t)__builtin_clzll(blk_word(bytes + i - 8)) / 8;
    if (end < BLK_GRANULES)
      run += (size_t)__builtin_ctzll(blk_word(bytes + end)) / 8;
    longest = run > longest ? run : longest;
  }
  return longest;
}

void gc_blk_runs_renew(struct blk_block *block) {
  const uint8_t *bytes = gc_blk_byte(blk_start(block));
  size_t free = blk_free(block);
  bool is_one = free == 0 || free == BLK_GRANULES;
  block->runs = is_one ? free > 0 : count_runs(bytes);
  block->longest = (uint32_t)(is_one ? free : longest_run(bytes));
  gc_assert((block->runs == 0) == (free == 0));
  gc_assert(block->longest <= free);
}

/* Comparisons give -1 where they are true, hence the subtractions. */
void gc_blk_census(struct blk_heap *heap, struct blk_block *block) {
  blk_vector *at = (blk_vector *)gc_blk_byte(blk_start(block));
  const uint8_t generation = heap->keeps_former ? 6 : BLK_VALUE_MASK;
  const blk_vector mask = (blk_vector){0} + generation;
  const uint8_t middle_byte = heap->middle & generation;
  const uint8_t old_byte = heap->old & generation;
  const blk_vector middle_value = (blk_vector){0} + middle_byte;
  const blk_vector old_value = (blk_vector){0} + old_byte;
  blk_vector middle = {0}, old = {0}, middle_starts = {0}, old_starts = {0};
  for (size_t i = 0; i < BLK_VECTORS; i++) {
    blk_vector bytes = bytes_load(at + i), value = bytes & mask;
    blk_vector is_middle = (blk_vector)(value == middle_value);
    blk_vector is_old = (blk_vector)(value == old_value);
    blk_vector is_start = (blk_vector)(bytes > BLK_VALUE_MASK);
    blk_vector is_lent = (blk_vector)(bytes == BLK_LENT);
    if (MARK_WHILE_RUNNING)
      bytes_store(at + i, bytes & (is_middle | is_old | is_lent), bytes);
    else
      at[i] = bytes & (is_middle | is_old | is_lent);
    middle -= is_middle;
    old -= is_old;
    middle_starts -= is_start & is_middle;
    old_starts -= is_start & is_old;
  }
  block->middle = lanes_sum(middle);
  block->old = lanes_sum(old);
  block->middle_objects = lanes_sum(middle_starts);
  block->old_objects = lanes_sum(old_starts);
  gc_blk_runs_renew(block);
  gc_assert(block->middle_objects <= block->middle);
  gc_assert(block->old_objects <= block->old);
}

/* Bytes of young objects that survived. If generation 1 was collected, all
   objects that are in it now were young. */
static size_t survived(const struct blk_heap *heap,
                       const struct blk_block *before,
                       const struct blk_block *after) {
  size_t granules = after->middle;
  if (heap->generation == 0)
    granules = blk_free(before) - blk_free(after);
  gc_assert(granules <= BLK_GRANULES);
  return granules * BLK_GRANULE;
}

static size_t promoted(const struct blk_heap *heap,
                       const struct blk_block *before,
                       const struct blk_block *after) {
  size_t bytes = survived(heap, before, after);
  if (heap->generation > 0 && after->old > before->old)
    bytes += (size_t)(after->old - before->old) * BLK_GRANULE;
  return bytes;
}

static size_t promoted_objects(const struct blk_heap *heap,
                               const struct blk_block *before,
                               const struct blk_block *after) {
  size_t objects = after->middle_objects;
  if (heap->generation == 0)
    objects += (size_t)after->old_objects - before->middle_objects -
               before->old_objects;
  else if (after->old_objects > before->old_objects)
    objects += after->old_objects - before->old_objects;
  return objects;
}

struct blk_block gc_blk_recount(struct blk_heap *heap, struct blk_block *block,
                                struct blk_tally *tally) {
  /* Not the whole record: a marker may be taking its note. */
  struct blk_block before = {.middle = block->middle,
                             .old = block->old,
                             .middle_objects = block->middle_objects,
                             .old_objects = block->old_objects,
                             .lent = block->lent};
  gc_assert(!block->is_released);
  gc_blk_census(heap, block);
  block->has_survivors = false;
  tally->objects += block->middle_objects + block->old_objects -
                    (size_t)before.middle_objects - before.old_objects;
  tally->live += (blk_free(&before) - blk_free(block)) * (size_t)BLK_GRANULE;
  tally->middle += ((size_t)block->middle - before.middle) * BLK_GRANULE;
  return before;
}

void gc_blk_recount_stopped(struct blk_heap *heap, struct blk_block *block,
                            struct blk_tally *tally) {
  struct blk_block before = gc_blk_recount(heap, block, tally);
  gc_assert(gc_world_is_stopped(&heap->base));
  tally->promoted += promoted(heap, &before, block);
  tally->survived += survived(heap, &before, block);
  tally->promoted_objects += promoted_objects(heap, &before, block);
}

void gc_blk_tally_add(struct blk_heap *heap, const struct blk_tally *tally) {
  struct blk_space *space = &heap->space;
  gc_assert(gc_lock_is_held(&space->lock));
  space->objects += tally->objects;
  space->live += tally->live;
  space->middle += tally->middle;
  gc_assert(space->middle <= space->live);
}
