/* SPDX-License-Identifier: MIT */
/* Beginning and end of a generational heap, its figures and thresholds. */
#include "collectors/shared/generational/generational.h"

#include "heap/sweepstakes.h"

enum { GEN_SHRUNK_NURSERY = 64 << 10 };

static void tuned_apply(struct gen_heap *heap, const struct gen_tuned *tuned) {
  bool shrink = heap->blocks.base.shrink;
  heap->tuned = *tuned;
  atomic_store(&heap->threshold[0],
               shrink ? GEN_SHRUNK_NURSERY : tuned->nursery);
  atomic_store(&heap->threshold[1], tuned->middle);
  atomic_store(&heap->threshold[2], tuned->growth);
}

static void heap_start(struct gen_heap *heap) {
  heap->full_room = gc_blk_room(&heap->blocks);
  heap->blocks.space.sharers = 1;
  gc_gen_nursery_set(heap, gen_threshold(heap, 0));
}

int gc_gen_heap_init(struct gen_heap *heap, const struct gen_tuned *tuned) {
  tuned_apply(heap, tuned);
  int error = gc_blk_heap_init(&heap->blocks);
  if (error != 0)
    return error;
  unsigned count =
      gc_marking_count(&heap->blocks, heap->blocks.base.gc_threads);
  heap->blocks.base.gc_threads = count;
  error = gc_marking_init(&heap->marking, &heap->blocks, count,
                          tuned->generations, BLK_NOTE_STOPPED);
  if (error == 0)
    error = gc_marking_start_workers(&heap->marking);
  if (error != 0) {
    gc_marking_finish(&heap->marking);
    gc_blk_heap_finish(&heap->blocks);
    return error;
  }
  heap_start(heap);
  return 0;
}

void gc_gen_heap_finish(gc_heap *base) {
  struct gen_heap *heap = gen_of(base);
  gc_assert_always(base->mutators == NULL);
  gc_marking_finish(&heap->marking);
  gc_blk_refs_finish(&heap->blocks, &heap->remembered);
  gc_blk_refs_finish(&heap->blocks, &heap->kept);
  gc_ptrmap_finish(&heap->objects);
  gc_ptrmap_finish(&heap->holders);
  gc_blk_heap_finish(&heap->blocks);
}

int gc_gen_mutator_init(gc_mutator *base) {
  struct blk_mutator *m = blk_mutator_of(base);
  return gc_memory_borrow(&gen_of(base->heap)->blocks.large.memory, &m->source);
}

void gc_gen_mutator_finish(gc_mutator *base) {
  struct gen_mutator *m = gen_mutator_of(base);
  struct gen_heap *heap = gen_of(base->heap);
  gc_blk_adopt(&heap->blocks, &m->blocks);
  gc_gen_remembered_adopt(heap, m);
  gc_assert(m->blocks.young == NULL && m->remembered.count == 0);
  gc_memory_return(&m->blocks.source);
}

size_t gc_gen_held_bytes(gc_heap *heap) {
  return atomic_load(&gen_of(heap)->blocks.held);
}

/* All held bytes except blocks and large objects: side bytes and records of
   blocks, mark stacks, lists, and the tables of the shared code. Not exact
   while mutators run. */
void gc_gen_report(gc_heap *base, struct gc_memory_figures *out) {
  struct gen_heap *heap = gen_of(base);
  gc_memory_report(out);
  out->held_peak = atomic_load(&heap->blocks.held_peak);
  pthread_mutex_lock(&heap->blocks.space.lock);
  size_t objects = heap->blocks.space.held * BLK_SIZE -
                   heap->blocks.space.lent + heap->blocks.large.live;
  pthread_mutex_unlock(&heap->blocks.space.lock);
  out->metadata = out->held > objects ? out->held - objects : 0;
}

bool gc_gen_table_hold(gc_heap *heap, size_t bytes, bool over_limit) {
  if (over_limit)
    gc_blk_hold_anyway(blk_heap_of(heap), bytes);
  return over_limit || gc_blk_hold_hard(blk_heap_of(heap), bytes);
}

void gc_gen_table_give(gc_heap *heap, size_t bytes) {
  gc_blk_unhold(blk_heap_of(heap), bytes);
}

uint64_t gc_gen_threshold_get(gc_heap *base, int generation) {
  return gen_threshold(gen_of(base), generation);
}

void gc_gen_threshold_set(gc_heap *base, int generation, uint64_t value) {
  struct gen_heap *heap = gen_of(base);
  if (generation == 0)
    gc_gen_nursery_set(heap, value);
  else
    atomic_store(&heap->threshold[generation], value);
}

void gc_gen_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

void gc_gen_global_clear(gc_mutator *m, gc_root *root) {
  gc_global_set(m, root, NULL);
}
