/* SPDX-License-Identifier: MIT */
/* The census of a block: clears the side bytes of dead objects and counts the
   live ones. */
#include "collectors/gen/gen.h"

#include <string.h>

typedef uint8_t gen_vector __attribute__((vector_size(16)));
enum { GEN_VECTORS = GEN_BLOCK_GRANULES / sizeof(gen_vector) };
_Static_assert(GEN_VECTORS <= 255, "counts by lane fit in a byte");

/* Adds pairs of bytes first, then all sums of pairs at once. */
static uint32_t lanes_sum(gen_vector v) {
  const uint64_t pairs = UINT64_C(0x00ff00ff00ff00ff);
  uint64_t half[2];
  memcpy(half, &v, sizeof half);
  uint64_t sums = (half[0] & pairs) + (half[0] >> 8 & pairs) +
                  (half[1] & pairs) + (half[1] >> 8 & pairs);
  return (uint32_t)(sums * UINT64_C(0x0001000100010001) >> 48);
}

/* A run begins at a byte that is 0 after one that is not 0. The byte before a
   block's first one is not part of the block. */
static uint32_t count_runs(const uint8_t *bytes) {
  gen_vector runs = {0};
  for (size_t i = 0; i < GEN_BLOCK_GRANULES; i += sizeof(gen_vector)) {
    gen_vector here, before;
    memcpy(&here, bytes + i, sizeof here);
    memcpy(&before, bytes + i - 1, sizeof before);
    runs -= (gen_vector)(here == 0) & (gen_vector)(before != 0);
  }
  return lanes_sum(runs) + (bytes[0] == 0 && bytes[-1] == 0);
}

/* The granules of the longest free run. A run that lies within eight bytes may
   be missed, so only lengths over 14 are exact. */
static size_t longest_run(const uint8_t *bytes) {
  size_t run = 0, longest = 1;
  for (size_t i = 0; i < GEN_BLOCK_GRANULES; i += 8) {
    uint64_t word = gen_word(bytes + i);
    size_t more = word ? (size_t)__builtin_ctzll(word) / 8 : 8;
    run += more;
    longest = run > longest ? run : longest;
    if (word)
      run = (size_t)__builtin_clzll(word) / 8;
  }
  return longest;
}

void gc_gen_runs_renew(struct gen_block *block) {
  const uint8_t *bytes = gc_gen_byte(gen_block_start(block));
  size_t free = gen_block_free(block);
  block->runs = count_runs(bytes);
  block->longest = (uint32_t)(free ? longest_run(bytes) : 0);
  gc_assert((block->runs == 0) == (free == 0));
  gc_assert(block->longest <= free);
}

/* Comparisons give -1 where they are true, hence the subtractions. */
void gc_gen_census(struct gen_heap *heap, struct gen_block *block) {
  gen_vector *at = (gen_vector *)gc_gen_byte(gen_block_start(block));
  const gen_vector middle_value = (gen_vector){0} + heap->middle;
  const gen_vector old_value = (gen_vector){0} + heap->old;
  gen_vector middle = {0}, old = {0}, middle_starts = {0}, old_starts = {0};
  for (size_t i = 0; i < GEN_VECTORS; i++) {
    gen_vector bytes = at[i], value = bytes & GEN_VALUE_MASK;
    gen_vector is_middle = (gen_vector)(value == middle_value);
    gen_vector is_old = (gen_vector)(value == old_value);
    gen_vector is_start = (gen_vector)(bytes > GEN_VALUE_MASK);
    gen_vector is_lent = (gen_vector)(bytes == GEN_LENT);
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
  gc_gen_runs_renew(block);
  gc_assert(block->middle_objects <= block->middle);
  gc_assert(block->old_objects <= block->old);
}

/* Bytes of young objects that survived. If generation 1 was collected, all
   objects that are in it now were young. */
static size_t survived(const struct gen_heap *heap,
                       const struct gen_block *before,
                       const struct gen_block *after) {
  size_t granules = after->middle;
  gc_assert(heap->generation > 0 || after->middle >= before->middle);
  if (heap->generation == 0)
    granules -= before->middle;
  return granules * GEN_GRANULE;
}

static size_t promoted(const struct gen_heap *heap,
                       const struct gen_block *before,
                       const struct gen_block *after) {
  size_t bytes = survived(heap, before, after);
  if (heap->generation > 0 && after->old > before->old)
    bytes += (size_t)(after->old - before->old) * GEN_GRANULE;
  return bytes;
}

static size_t promoted_objects(const struct gen_heap *heap,
                               const struct gen_block *before,
                               const struct gen_block *after) {
  size_t objects = after->middle_objects;
  if (heap->generation == 0)
    objects -= before->middle_objects;
  else if (after->old_objects > before->old_objects)
    objects += after->old_objects - before->old_objects;
  return objects;
}

/* Takes a census and updates the totals. */
void gc_gen_recount(struct gen_heap *heap, struct gen_block *block) {
  struct gen_space *space = &heap->space;
  struct gen_block before = *block;
  gc_assert(gc_world_is_stopped(&heap->base));
  gc_assert(gc_lock_is_held(&space->lock));
  gc_assert(!block->is_released);
  gc_gen_census(heap, block);
  block->has_survivors = false;
  space->objects += block->middle_objects + block->old_objects -
                    (size_t)before.middle_objects - before.old_objects;
  space->live +=
      (gen_block_free(&before) - gen_block_free(block)) * (size_t)GEN_GRANULE;
  space->middle += ((size_t)block->middle - before.middle) * GEN_GRANULE;
  gc_assert(space->middle <= space->live);
  heap->base.pause.bytes_promoted += promoted(heap, &before, block);
  gc_count(heap->base.stopper, survived_bytes, survived(heap, &before, block));
  gc_count(heap->base.stopper, promoted_objects,
           promoted_objects(heap, &before, block));
}
