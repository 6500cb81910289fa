/* SPDX-License-Identifier: MIT */
/* The order of a collection. */
#include "collectors/shared/marking/ephemeron.h"

#include "collectors/shared/generational/generational.h"

#include <string.h>

/* Note [Values] in blocks.h. After `lost`, or without generations, every
   reached object moves to generation 2. */
static void next_value_set(struct gen_heap *heap, uint8_t value, uint8_t next) {
  gc_assert((uint8_t)(heap->marking.next_values >> 8 * value) == 0);
  heap->marking.next_values |= (uint64_t)(next | BLK_START) << 8 * value;
}

/* While old objects are marked in the background, a minor collection leaves
   that to the marker: whatever is not young counts as reached. */
static void values_turn(struct gen_heap *heap, bool all_old) {
  uint8_t middle = heap->blocks.middle, old = heap->blocks.old;
  heap->marking.next_values = 0;
  heap->blocks.middle ^= heap->blocks.generation >= 1;
  heap->blocks.old ^= heap->blocks.generation == 2;
  if (heap->blocks.generation >= 1)
    next_value_set(heap, middle, heap->blocks.old);
  if (heap->blocks.generation == 2)
    next_value_set(heap, old, heap->blocks.old);
  gc_assert((heap->blocks.middle & ~1) == BLK_MIDDLE &&
            (heap->blocks.old & ~1) == BLK_OLD);
  next_value_set(heap, BLK_FREE,
                 all_old ? heap->blocks.old : heap->blocks.middle);
  heap->blocks.reached = blk_old_values(&heap->blocks);
}

/* --- the order of a collection, world stopped ----------------------------- */

static void count_one(gc_ref object, void *data) {
  (void)object;
  ++*(size_t *)data;
}

static size_t young_objects(struct blk_block *young) {
  size_t count = 0;
  for (; young; young = young->next)
    gc_blk_visit_young(young, count_one, &count);
  return count;
}

size_t gc_gen_objects(const struct gen_heap *heap) {
  return heap->blocks.space.objects + heap->blocks.large.objects;
}

static void mark_frame_root(gc_root *root, void *marker) {
  gc_mark_root(marker, root->ref);
}

/* Note [Work in turns]: marks the roots of one mutator. */
static bool mark_some_roots(struct marker *marker, void *data) {
  struct gen_heap *heap = data;
  gc_mutator *m = atomic_load(&heap->roots);
  while (m && !atomic_compare_exchange_weak(&heap->roots, &m, m->next))
    gc_spin_hint();
  if (m == NULL)
    return false;
  gc_visit_mutator_roots(m, mark_frame_root, marker);
  gc_gen_remembered_mark_of(gen_mutator_of(m), marker);
  return true;
}

static void mark_roots(struct gen_heap *heap) {
  uint64_t begun = gc_phase_begin();
  struct marker *marker = &heap->marking.markers[0];
  atomic_store(&heap->roots, heap->blocks.base.mutators);
  gc_mark_begin_with(&heap->marking, mark_some_roots, heap);
  gc_mark_turns(&heap->marking);
  gc_visit_heap_roots(&heap->blocks.base, mark_frame_root, marker);
  gc_watch_mark_immortal(&heap->marking, marker);
  gc_gen_remembered_mark(heap, marker);
  gc_phase_end(&heap->blocks.base, GC_PHASE_ROOTS, begun);
}

void gc_gen_mark(struct gen_heap *heap, gc_mutator *m) {
  uint64_t begun = gc_phase_begin();
  gc_assert(heap->blocks.base.stopper == m);
  gc_mark_all(&heap->marking);
  if (gc_ephemerons_begin(&heap->marking))
    gc_mark_all(&heap->marking);
  gc_mark_begin(&heap->marking);
  gc_watch_finalize(&heap->marking, m);
  gc_mark_all(&heap->marking);
  heap->marking.resolves = false;
  gc_phase_end(&heap->blocks.base, GC_PHASE_MARK, begun);
}

void gc_gen_dead_forget(struct gen_heap *heap) {
  gc_gen_remembered_renew(heap);
  gc_watch_sweep(&heap->marking);
}

static bool sweep_some(struct marker *marker, void *data) {
  struct gen_heap *heap = data;
  return gc_blk_sweep_some(&heap->blocks, &marker->tally);
}

static void tallies_add(struct gen_heap *heap, gc_mutator *m) {
  pthread_mutex_lock(&heap->blocks.space.lock);
  for (unsigned i = 0; i < heap->marking.count; i++) {
    struct blk_tally *tally = &heap->marking.markers[i].tally;
    gc_blk_tally_add(&heap->blocks, tally);
    heap->blocks.base.pause.bytes_promoted += tally->promoted;
    gc_count(m, survived_bytes, tally->survived);
    gc_count(m, promoted_objects, tally->promoted_objects);
    *tally = (struct blk_tally){0};
  }
  pthread_mutex_unlock(&heap->blocks.space.lock);
}

/* A census of a block takes as long as marking so many objects. */
enum { GEN_CENSUS = 64 };

static void sweep(struct gen_heap *heap, gc_mutator *m,
                  struct blk_block *young) {
  uint64_t begun = gc_phase_begin();
  gc_gen_dead_forget(heap);
  size_t blocks = gc_blk_sweep_begin(&heap->blocks, young);
  gc_mark_begin_with(&heap->marking, sweep_some, heap);
  if (gc_mark_is_a_lot(&heap->marking, blocks * GEN_CENSUS))
    gc_mark_wake(&heap->marking);
  gc_blk_large_sweep(&heap->blocks, blk_mutator_of(m));
  gc_mark_all(&heap->marking);
  tallies_add(heap, m);
  gc_blk_sweep_end(&heap->blocks, young);
  gc_phase_end(&heap->blocks.base, GC_PHASE_SWEEP, begun);
}

/* Returns the number of dead old objects. */
static size_t reclaim(gc_mutator *m, struct blk_block *young, size_t before) {
  struct gen_heap *heap = gen_of(m->heap);
  size_t promoted = heap->blocks.base.pause.bytes_promoted;
  gc_gen_mark(heap, m);
  sweep(heap, m, young);
  if (gc_blk_counts_later(&heap->blocks))
    heap->blocks.base.pause.bytes_promoted +=
        heap->marking.recent + heap->marking.large;
  size_t after = gc_gen_objects(heap);
  size_t freed = before > after ? before - after : 0;
  heap->blocks.base.pause.objects_freed += freed;
  gc_count(m, promoted_bytes,
           heap->blocks.base.pause.bytes_promoted - promoted);
  return freed;
}

/* Returns the number of dead objects. If the program asked for the collection,
   the young objects are counted by a walk over them; otherwise only dead old
   objects are counted. */
static size_t collect_generation(gc_mutator *m, int generation) {
  struct gen_heap *heap = gen_of(m->heap);
  bool all_old =
      !heap->tuned.generations ||
      (heap->is_put_off && !heap->blocks.is_asked); /* Do generations pay */
  if (atomic_exchange(&heap->lost, false) || all_old || heap->blocks.promotes) {
    generation = 2;
    all_old = true;
  }
  gc_assert_always(generation >= 0 && generation < 3);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_hold(heap, generation);
  heap->blocks.generation = generation;
  struct blk_block *young = gc_blk_take_young(&heap->blocks, &heap->allocating);
  heap->claimed =
      blk_new_bytes(&heap->blocks.space) - heap->blocks.space.external;
  if (generation == 2)
    gc_gen_share_renew(heap);
  size_t before =
      gc_gen_objects(heap) + (heap->blocks.is_asked ? young_objects(young) : 0);
  values_turn(heap, all_old || !GEN_HAS_MIDDLE);
  gc_gen_survival_begin(heap, young);
  mark_roots(heap);
  return reclaim(m, young, before);
}

/* --- stopping the world to collect ---------------------------------------- */

const char *gc_gen_kind_of(int generation) {
  static const char *const kinds[] = {"minor", "middle", "full"};
  gc_assert_always(generation >= 0 && generation < 3);
  return kinds[generation];
}

void gc_gen_collected(gc_mutator *m, size_t claimed) {
  struct gen_heap *heap = gen_of(m->heap);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_measure(heap, claimed);
  gc_gen_thresholds_renew(heap, claimed);
  heap->blocks.base.pause.generation =
      heap->blocks.generation == 2 ? GC_OLDEST : heap->blocks.generation;
  heap->blocks.base.pause.kind = gc_gen_kind_of(heap->blocks.generation);
  atomic_fetch_add(&heap->collections, 1);
  gc_assert_slow(gc_blk_heap_is_valid(&heap->blocks));
}

size_t gc_gen_collect_once(gc_mutator *m, int generation, bool is_asked) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_assert_always(gc_world_is_stopped_by(m));
  heap->blocks.is_asked = is_asked;
  size_t freed = collect_generation(m, generation);
  gc_gen_collected(m, heap->claimed);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_release(heap);
  return freed;
}

size_t gc_gen_stress_turn(struct gen_heap *heap) {
  return __atomic_fetch_add(&heap->stress, 1, __ATOMIC_RELAXED);
}
