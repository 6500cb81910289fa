/* SPDX-License-Identifier: MIT */
/* `gen`: beginning, end and identity card. */
#include "collectors/gen/gen.h"

#include "heap/sweepstakes.h"

enum { GEN_SHRUNK_NURSERY = 64 << 10 };

static void tuned_read(struct gen_heap *heap, const char *tuning) {
  uint64_t nursery = gc_tuning_get(tuning, "nursery");
  heap->tuned = (struct gen_tuned){
      .generations = gc_tuning_get(tuning, "generations") != 0,
  };
  atomic_store(&heap->threshold[0],
               heap->blocks.base.shrink ? GEN_SHRUNK_NURSERY : nursery);
  atomic_store(&heap->threshold[1], gc_tuning_get(tuning, "gen1"));
  atomic_store(&heap->threshold[2], gc_tuning_get(tuning, "growth"));
}

static void heap_start(struct gen_heap *heap) {
  heap->full_room = gc_blk_room(&heap->blocks);
  heap->blocks.space.sharers = 1;
  heap->blocks.space.nursery = gen_threshold(heap, 0);
}

static int gen_heap_init(gc_heap *base, const char *tuning) {
  struct gen_heap *heap = gen_of(base);
  tuned_read(heap, tuning);
  int error = gc_blk_heap_init(&heap->blocks);
  if (error != 0)
    return error;
  error =
      gc_marking_init(&heap->marking, &heap->blocks, heap->tuned.generations);
  if (error != 0) {
    gc_marking_finish(&heap->marking);
    gc_blk_heap_finish(&heap->blocks);
    return error;
  }
  heap_start(heap);
  return 0;
}

static void gen_heap_finish(gc_heap *base) {
  struct gen_heap *heap = gen_of(base);
  gc_assert_always(base->mutators == NULL);
  gc_marking_finish(&heap->marking);
  gc_blk_refs_finish(&heap->blocks, &heap->remembered);
  gc_blk_refs_finish(&heap->blocks, &heap->kept);
  gc_ptrmap_finish(&heap->objects);
  gc_ptrmap_finish(&heap->holders);
  gc_blk_heap_finish(&heap->blocks);
}

static int gen_mutator_init(gc_mutator *base) {
  struct blk_mutator *m = blk_mutator_of(base);
  return gc_memory_borrow(&gen_of(base->heap)->blocks.large.memory, &m->source);
}

static void gen_mutator_finish(gc_mutator *base) {
  struct gen_mutator *m = gen_mutator_of(base);
  struct gen_heap *heap = gen_of(base->heap);
  gc_blk_adopt(&heap->blocks, &m->blocks);
  gc_gen_remembered_adopt(heap, m);
  gc_assert(m->blocks.young == NULL && m->remembered.count == 0);
  gc_memory_return(&m->blocks.source);
}

static size_t gen_held_bytes(gc_heap *heap) {
  return atomic_load(&gen_of(heap)->blocks.held);
}

/* All held bytes except blocks and large objects: side bytes and records of
   blocks, mark stacks, lists, and the tables of the shared code. Not exact
   while mutators run. */
static void gen_report(gc_heap *base, struct gc_memory_figures *out) {
  struct gen_heap *heap = gen_of(base);
  gc_memory_report(out);
  out->held_peak = atomic_load(&heap->blocks.held_peak);
  pthread_mutex_lock(&heap->blocks.space.lock);
  size_t objects = heap->blocks.space.held * BLK_SIZE -
                   heap->blocks.space.lent + heap->blocks.large.live;
  pthread_mutex_unlock(&heap->blocks.space.lock);
  out->metadata = out->held > objects ? out->held - objects : 0;
}

static bool gen_table_hold(gc_heap *heap, size_t bytes, bool over_limit) {
  if (over_limit)
    gc_blk_hold_anyway(blk_heap_of(heap), bytes);
  return over_limit || gc_blk_hold_hard(blk_heap_of(heap), bytes);
}

static void gen_table_give(gc_heap *heap, size_t bytes) {
  gc_blk_unhold(blk_heap_of(heap), bytes);
}

static uint64_t gen_threshold_get(gc_heap *base, int generation) {
  return gen_threshold(gen_of(base), generation);
}

static void gen_threshold_set(gc_heap *base, int generation, uint64_t value) {
  struct gen_heap *heap = gen_of(base);
  if (generation == 0)
    gc_gen_nursery_set(heap, value);
  else
    atomic_store(&heap->threshold[generation], value);
}

static void gen_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

static void gen_global_clear(gc_mutator *m, gc_root *root) {
  gc_global_set(m, root, NULL);
}

static const struct gc_tuning_key gen_tuning[] = {
    {"nursery", 2 << 20, 32 << 10, UINT64_C(1) << 40,
     "bytes that each mutator allocates between two collections"},
    {"gen1", 10, 1, 1000000, "every Nth collection includes generation 1"},
    {"growth", 25, 1, 100000,
     "without a limit, a full collection is due when live objects have grown "
     "by this many percent"},
    {"generations", 1, 0, 1, "0: every collection is a full one"},
    {0},
};

const struct gc_collector gc_collector = {
    .name = "gen",
    .summary = "stop-the-world generational mark-sweep, three generations",
    .reclaims = true,
    .reclaims_cycles = true,
    .parallel = true,
    .precise = true,
    .scans_roots = true,
    .limits = true,
    .generations = 3,
    .promotes = true,
    .tuning = gen_tuning,
    .heap_size = sizeof(struct gen_heap),
    .mutator_size = sizeof(struct gen_mutator),
    .heap_init = gen_heap_init,
    .heap_finish = gen_heap_finish,
    .mutator_init = gen_mutator_init,
    .mutator_finish = gen_mutator_finish,
    .stress = gc_gen_stress,
    .collect = gc_gen_collect,
    .held_bytes = gen_held_bytes,
    .threshold_greatest = {SIZE_MAX, UINT32_MAX, UINT32_MAX},
    .table_hold = gen_table_hold,
    .table_give = gen_table_give,
    .threshold_get = gen_threshold_get,
    .threshold_set = gen_threshold_set,
    .root_set = gen_root_set,
    .global_clear = gen_global_clear,
    .verifier = &gc_gen_verifier,
    .array_resized = gc_blk_array_resized,
    .report = gen_report,
};
