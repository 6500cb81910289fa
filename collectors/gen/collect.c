/* SPDX-License-Identifier: MIT */
/* The order of a collection, and the stops of the world that make one. */
#include "collectors/shared/marking/ephemeron.h"

#include "collectors/gen/gen.h"

#include <string.h>

/* Note [Values] in gen.h. After `lost`, or without generations, every reached
   object moves to generation 2. */
static void next_value_set(struct gen_heap *heap, uint8_t value, uint8_t next) {
  gc_assert((uint8_t)(heap->marking.next_values >> 8 * value) == 0);
  heap->marking.next_values |= (uint64_t)(next | BLK_START) << 8 * value;
}

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

static size_t all_objects(const struct gen_heap *heap) {
  return heap->blocks.space.objects + heap->blocks.large.objects;
}

static void mark_frame_root(gc_root *root, void *marker) {
  gc_mark_root(marker, root->ref);
}

static void mark_roots(struct gen_heap *heap) {
  uint64_t begun = gc_phase_begin();
  struct marker *marker = &heap->marking.markers[0];
  gc_mark_begin(&heap->marking);
  gc_visit_roots(&heap->blocks.base, mark_frame_root, marker);
  gc_watch_mark_immortal(&heap->marking, marker);
  gc_gen_remembered_mark(heap, marker);
  gc_phase_end(&heap->blocks.base, GC_PHASE_ROOTS, begun);
}

static void mark(struct gen_heap *heap, gc_mutator *m) {
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

/* Renews remembered objects first, before dead ones among them are freed. */
static void sweep(struct gen_heap *heap, gc_mutator *m,
                  struct blk_block *young) {
  uint64_t begun = gc_phase_begin();
  gc_gen_remembered_renew(heap);
  gc_watch_sweep(&heap->marking);
  gc_blk_large_sweep(&heap->blocks, blk_mutator_of(m));
  gc_blk_sweep(&heap->blocks, young);
  gc_phase_end(&heap->blocks.base, GC_PHASE_SWEEP, begun);
}

/* Returns the number of dead objects. If the program asked for the collection,
   the young objects are counted by a walk over them; otherwise only dead old
   objects are counted. */
static size_t collect_generation(gc_mutator *m, int generation) {
  struct gen_heap *heap = gen_of(m->heap);
  bool all_old =
      !heap->tuned.generations ||
      (heap->is_put_off && !heap->blocks.is_asked); /* Do generations pay */
  if (atomic_exchange(&heap->lost, false) || all_old) {
    generation = 2;
    all_old = true;
  }
  gc_assert_always(generation >= 0 && generation < 3);
  heap->blocks.generation = generation;
  struct blk_block *young = gc_blk_take_young(&heap->blocks, &heap->allocating);
  if (generation == 2)
    gc_gen_share_renew(heap);
  size_t promoted = heap->blocks.base.pause.bytes_promoted;
  size_t before =
      all_objects(heap) + (heap->blocks.is_asked ? young_objects(young) : 0);
  values_turn(heap, all_old);
  gc_gen_survival_begin(heap, young);
  mark_roots(heap);
  mark(heap, m);
  sweep(heap, m, young);
  size_t after = all_objects(heap);
  size_t freed = before > after ? before - after : 0;
  heap->blocks.base.pause.objects_freed += freed;
  gc_count(m, promoted_bytes,
           heap->blocks.base.pause.bytes_promoted - promoted);
  return freed;
}

/* --- stopping the world to collect ---------------------------------------- */

const char *gc_gen_kind_of(int generation) {
  static const char *const kinds[] = {"minor", "middle", "full"};
  gc_assert_always(generation >= 0 && generation < 3);
  return kinds[generation];
}

size_t gc_gen_collect_once(gc_mutator *m, int generation, bool is_asked) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_assert_always(gc_world_is_stopped_by(m));
  heap->blocks.is_asked = is_asked;
  size_t claimed = heap->blocks.space.claimed - heap->blocks.space.external;
  size_t freed = collect_generation(m, generation);
  gc_gen_thresholds_renew(heap, claimed);
  heap->blocks.base.pause.generation = heap->blocks.generation;
  heap->blocks.base.pause.kind = gc_gen_kind_of(heap->blocks.generation);
  atomic_fetch_add(&heap->collections, 1);
  gc_assert_slow(gc_blk_heap_is_valid(&heap->blocks));
  return freed;
}

/* Without a limit, memory must not grow more than `growth` allows, even if the
   program asks only for collections of younger generations. */
size_t gc_gen_collect(gc_mutator *m, int generation, const char *cause) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_world_stop(m, gc_gen_kind_of(generation), cause);
  size_t freed = gc_gen_collect_once(m, generation, true);
  if (heap->blocks.generation < 2 && !gc_blk_is_limited(&heap->blocks) &&
      gc_gen_full_is_due(heap))
    freed += gc_gen_collect_once(m, 2, true);
  gc_verify_after_collection(m);
  gc_world_resume(m);
  return freed;
}

/* Collects for stress=N: every fourth time also generation 1, every sixteenth
   time all. */
void gc_gen_stress(gc_mutator *m) {
  struct gen_heap *heap = gen_of(m->heap);
  size_t turn = __atomic_fetch_add(&heap->stress, 1, __ATOMIC_RELAXED);
  gc_gen_collect(m, turn % 16 == 15 ? 2 : turn % 4 == 3 ? 1 : 0, "stress");
}
