/* SPDX-License-Identifier: MIT */
/* The invariants of blocks and of a heap, for assertions of level 3. */
#include "collectors/gen/gen.h"

/* A block that never had a census is empty and has counted no run. */
bool gc_gen_block_is_valid(const struct gen_block *block) {
  size_t used = (size_t)block->middle + block->old + block->lent;
  size_t free = GEN_BLOCK_GRANULES - used;
  return used <= GEN_BLOCK_GRANULES && block->middle_objects <= block->middle &&
         block->old_objects <= block->old && block->runs <= free &&
         block->longest <= free &&
         (block->runs > 0 || used == 0 || free == 0) &&
         (!block->is_released || used == 0);
}

struct totals {
  size_t held, lent, live, middle, objects;
};

static bool block_add(struct totals *t, const struct gen_block *block) {
  t->held += !block->is_released;
  t->lent += (size_t)block->lent * GEN_GRANULE;
  t->live += ((size_t)block->middle + block->old) * GEN_GRANULE;
  t->middle += (size_t)block->middle * GEN_GRANULE;
  t->objects += (size_t)block->middle_objects + block->old_objects;
  return !block->has_survivors && !block->must_rescan;
}

bool gc_gen_heap_is_valid(struct gen_heap *heap) {
  const struct gen_space *space = &heap->space;
  struct totals t = {0};
  for (size_t i = 0; i < space->blocks; i++) {
    const struct gen_block *block = gc_gen_block(space, i);
    if (!gc_gen_block_is_valid(block) || !block_add(&t, block))
      return false;
  }
  return t.held == space->held && t.lent == space->lent &&
         t.live == space->live && t.middle == space->middle &&
         t.objects == space->objects &&
         atomic_load(&heap->held) + t.lent >= t.held * GEN_BLOCK_COST;
}
