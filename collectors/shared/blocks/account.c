/* SPDX-License-Identifier: MIT */
/* The account of held bytes, which the limit bounds. */
#include "collectors/shared/blocks/blocks.h"

/* Bytes up to the limit. */
static size_t left_of(const struct blk_heap *heap, size_t held) {
  return held < heap->base.limit ? heap->base.limit - held : 0;
}

size_t gc_blk_left(const struct blk_heap *heap) {
  return left_of(heap, atomic_load(&heap->held));
}

bool gc_blk_hold(struct blk_heap *heap, size_t bytes) {
  size_t held = atomic_load_explicit(&heap->held, memory_order_relaxed);
  do {
    if (bytes > left_of(heap, held))
      return false;
  } while (!atomic_compare_exchange_weak(&heap->held, &held, held + bytes));
  gc_assert(held + bytes <= heap->base.limit);
  gc_memory_peak(&heap->held_peak, held + bytes);
  return true;
}

void gc_blk_hold_anyway(struct blk_heap *heap, size_t bytes) {
  gc_memory_peak(&heap->held_peak,
                 atomic_fetch_add(&heap->held, bytes) + bytes);
}

bool gc_blk_hold_prepare(struct blk_heap *heap, size_t bytes) {
  return bytes <= gc_blk_left(heap) || gc_blk_release(heap, bytes);
}

bool gc_blk_hold_hard(struct blk_heap *heap, size_t bytes) {
  return gc_blk_hold(heap, bytes) ||
         (gc_blk_hold_prepare(heap, bytes) && gc_blk_hold(heap, bytes));
}

void gc_blk_unhold(struct blk_heap *heap, size_t bytes) {
  gc_assert_always(bytes <= atomic_load(&heap->held));
  atomic_fetch_sub(&heap->held, bytes);
}
