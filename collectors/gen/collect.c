/* SPDX-License-Identifier: MIT */
/* The order of a collection, and the stops of the world that make one. */
#include "collectors/gen/ephemeron.h"

#include <string.h>

/* Note [Values] in gen.h. After `lost`, or without generations, every reached
   object moves to generation 2. */
static void next_value_set(struct gen_heap *heap, uint8_t value, uint8_t next) {
  gc_assert((uint8_t)(heap->next_values >> 8 * value) == 0);
  heap->next_values |= (uint64_t)(next | GEN_START) << 8 * value;
}

static void values_turn(struct gen_heap *heap, bool all_old) {
  uint8_t middle = heap->middle, old = heap->old;
  heap->next_values = 0;
  heap->middle ^= heap->generation >= 1;
  heap->old ^= heap->generation == 2;
  if (heap->generation >= 1)
    next_value_set(heap, middle, heap->old);
  if (heap->generation == 2)
    next_value_set(heap, old, heap->old);
  gc_assert((heap->middle & ~1) == GEN_MIDDLE && (heap->old & ~1) == GEN_OLD);
  next_value_set(heap, GEN_FREE, all_old ? heap->old : heap->middle);
}

/* --- the order of a collection, world stopped ----------------------------- */

static struct gen_block *list_join(struct gen_block *a, struct gen_block *b) {
  while (a) {
    struct gen_block *next = a->next;
    a->next = b;
    b = a;
    a = next;
  }
  return b;
}

/* All blocks in which objects were allocated since the last collection. */
static struct gen_block *take_young(struct gen_heap *heap) {
  struct gen_block *young = heap->young;
  gc_assert_always(gc_world_is_stopped(&heap->base));
  heap->young = NULL;
  heap->allocating = 0;
  for (gc_mutator *m = heap->base.mutators; m; m = m->next) {
    gc_gen_rooms_leave(gen_mutator_of(m));
    gc_gen_larges_leave(heap, gen_mutator_of(m));
    heap->allocating += gen_mutator_of(m)->young != NULL;
    young = list_join(gen_mutator_of(m)->young, young);
    gen_mutator_of(m)->young = NULL;
  }
  return young;
}

static void count_one(gc_ref object, void *data) {
  (void)object;
  ++*(size_t *)data;
}

static size_t young_objects(struct gen_block *young) {
  size_t count = 0;
  for (; young; young = young->next)
    gc_gen_visit_young(young, count_one, &count);
  return count;
}

static size_t all_objects(const struct gen_heap *heap) {
  return heap->space.objects + heap->large.objects;
}

static void mark_frame_root(gc_root *root, void *marker) {
  gc_gen_mark_root(marker, root->ref);
}

static void mark_roots(struct gen_heap *heap) {
  uint64_t begun = gc_phase_begin();
  struct gen_marker *marker = &heap->markers[0];
  gc_gen_mark_begin(heap);
  gc_visit_roots(&heap->base, mark_frame_root, marker);
  gc_gen_watch_mark_immortal(heap, marker);
  gc_gen_remembered_mark(heap, marker);
  gc_phase_end(&heap->base, GC_PHASE_ROOTS, begun);
}

static void mark(struct gen_heap *heap, gc_mutator *m) {
  uint64_t begun = gc_phase_begin();
  gc_assert(heap->base.stopper == m);
  gc_gen_mark_all(heap);
  if (gc_gen_ephemerons_begin(heap))
    gc_gen_mark_all(heap);
  gc_gen_mark_begin(heap);
  gc_gen_watch_finalize(heap, m);
  gc_gen_mark_all(heap);
  heap->resolves = false;
  gc_phase_end(&heap->base, GC_PHASE_MARK, begun);
}

/* Renews remembered objects first, before dead ones among them are freed. */
static void sweep(struct gen_heap *heap, gc_mutator *m,
                  struct gen_block *young) {
  uint64_t begun = gc_phase_begin();
  gc_gen_remembered_renew(heap);
  gc_gen_watch_sweep(heap);
  gc_gen_large_sweep(heap, gen_mutator_of(m));
  gc_gen_sweep(heap, young);
  gc_phase_end(&heap->base, GC_PHASE_SWEEP, begun);
}

/* Returns the number of dead objects. If the program asked for the collection,
   the young objects are counted by a walk over them; otherwise only dead old
   objects are counted. */
static size_t collect_generation(gc_mutator *m, int generation) {
  struct gen_heap *heap = gen_of(m->heap);
  bool all_old = !heap->tuned.generations ||
                 (heap->is_put_off && !heap->is_asked); /* Do generations pay */
  if (atomic_exchange(&heap->lost, false) || all_old) {
    generation = 2;
    all_old = true;
  }
  gc_assert_always(generation >= 0 && generation < 3);
  heap->generation = generation;
  struct gen_block *young = take_young(heap);
  if (generation == 2)
    gc_gen_share_renew(heap);
  size_t promoted = heap->base.pause.bytes_promoted;
  size_t before =
      all_objects(heap) + (heap->is_asked ? young_objects(young) : 0);
  values_turn(heap, all_old);
  mark_roots(heap);
  mark(heap, m);
  sweep(heap, m, young);
  size_t after = all_objects(heap);
  size_t freed = before > after ? before - after : 0;
  heap->base.pause.objects_freed += freed;
  gc_count(m, promoted_bytes, heap->base.pause.bytes_promoted - promoted);
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
  heap->is_asked = is_asked;
  size_t claimed = heap->space.claimed - heap->space.external;
  size_t freed = collect_generation(m, generation);
  gc_gen_thresholds_renew(heap, claimed);
  heap->base.pause.generation = heap->generation;
  heap->base.pause.kind = gc_gen_kind_of(heap->generation);
  atomic_fetch_add(&heap->collections, 1);
  gc_assert_slow(gc_gen_heap_is_valid(heap));
  return freed;
}

/* Without a limit, memory must not grow more than `growth` allows, even if the
   program asks only for collections of younger generations. */
size_t gc_gen_collect(gc_mutator *m, int generation, const char *cause) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_world_stop(m, gc_gen_kind_of(generation), cause);
  size_t freed = gc_gen_collect_once(m, generation, true);
  if (heap->generation < 2 && !gc_gen_is_limited(heap) &&
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
