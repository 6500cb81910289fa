/* SPDX-License-Identifier: MIT */
/* `gen-concurrent`: what it collects when, and its identity card. */
#include "collectors/gen-concurrent/concurrent.h"

#include "heap/sweepstakes.h"

static int concurrent_heap_init(gc_heap *base, const char *tuning) {
  struct concurrent_heap *heap = concurrent_of(base);
  const struct gen_tuned tuned = {
      .nursery = gc_tuning_get(tuning, "nursery"),
      .growth = gc_tuning_get(tuning, "growth"),
      .generations = true,
  };
  heap->cycle.is_flat = gc_tuning_get(tuning, "generations") == 0;
  heap->gen.blocks.promotes = heap->cycle.is_flat;
  heap->cycle.begin_share = 0.25;
  int error = gc_gen_heap_init(&heap->gen, &tuned);
  if (error != 0)
    return error;
  error = gc_cycle_init(heap);
  if (error != 0)
    gc_gen_heap_finish(base);
  return error;
}

static void concurrent_heap_finish(gc_heap *base) {
  gc_cycle_finish(concurrent_of(base));
  gc_gen_heap_finish(base);
}

static void concurrent_mutator_finish(gc_mutator *m) {
  gc_snapshot_hand_over(concurrent_mutator_of(m));
  gc_gen_mutator_finish(m);
}

/* Generation 1 of programs is 2 of the shared code. */
static int inner_generation(int generation) {
  return generation == 0 ? 0 : 2;
}

static uint64_t concurrent_threshold_get(gc_heap *heap, int generation) {
  return gc_gen_threshold_get(heap, inner_generation(generation));
}

static void concurrent_threshold_set(gc_heap *heap, int generation,
                                     uint64_t value) {
  gc_gen_threshold_set(heap, inner_generation(generation), value);
}

/* --- what the shared code asks of a collector ----------------------------- */

/* Objects that may be marked while the world is stopped to end a cycle. */
enum { CYCLE_REST = 512 };

static void degraded_tell(gc_mutator *m) {
  gc_pacing_ended(concurrent_of(m->heap), true);
  m->heap->pause.kind = "degraded";
  m->heap->pause.is_degraded = true;
}

static void sweep_step(gc_mutator *m, bool is_ordinary) {
  if (gc_cycle_sweep(m, is_ordinary ? 0 : SIZE_MAX) > 0)
    degraded_tell(m);
}

/* Note [Short heaps] */
static void short_collect(gc_mutator *m) {
  gc_gen_collect_once(m, 2, false);
  m->heap->pause.kind = "short";
}

static void cycle_or_short(gc_mutator *m) {
  if (concurrent_of(m->heap)->cycle.is_short)
    short_collect(m);
  else
    gc_cycle_begin(m);
}

/* After a minor collection. A full one has ended the cycle. */
static void cycle_step(gc_mutator *m, bool is_ordinary) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  if (heap->gen.blocks.generation == 2)
    return;
  if (cycle_is_sweeping(heap)) {
    sweep_step(m, is_ordinary);
  } else if (!cycle_is_on(heap)) {
    if (!is_ordinary || gc_pacing_is_due(heap))
      cycle_or_short(m);
  } else if (!is_ordinary) {
    if (gc_cycle_end(m, SIZE_MAX, true) > CYCLE_REST)
      degraded_tell(m);
  } else {
    gc_cycle_end(m, CYCLE_REST, false);
  }
}

void gc_gen_collect_due(gc_mutator *m, bool is_ordinary) {
  if (gen_of(m->heap)->is_put_off)
    short_collect(m);
  else if (blk_heap_of(m->heap)->promotes)
    gc_cycle_promote(m);
  else
    gc_gen_collect_once(m, 0, false);
  cycle_step(m, is_ordinary);
}

/* --- requests ------------------------------------------------------------- */

static size_t concurrent_collect(gc_mutator *m, int generation,
                                 const char *cause) {
  int inner = inner_generation(generation);
  gc_world_stop(m, gc_gen_kind_of(inner), cause);
  size_t freed = gc_gen_collect_once(m, inner, true);
  cycle_step(m, true);
  gc_verify_after_collection(m);
  gc_world_resume(m);
  return freed;
}

/* For stress=N. A cycle begins, gets slices of a few objects, and ends soon,
   whether it has marked all or not. */
static void stress_step(gc_mutator *m, size_t turn) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  if (heap->gen.blocks.promotes)
    gc_cycle_promote(m);
  else
    gc_gen_collect_once(m, 0, turn % 2 == 0);
  if (heap->gen.blocks.generation == 2)
    return;
  size_t most = turn % 8 == 7 ? SIZE_MAX : 1 + turn % 5;
  if (cycle_is_sweeping(heap))
    gc_cycle_sweep(m, turn % 4 == 3 ? SIZE_MAX : most);
  else if (cycle_is_on(heap))
    gc_cycle_end(m, most, true);
  else
    gc_cycle_begin(m);
}

static void concurrent_stress(gc_mutator *m) {
  size_t turn = gc_gen_stress_turn(gen_of(m->heap));
  gc_world_stop(m, gc_gen_kind_of(0), "stress");
  if (turn % 32 == 31)
    gc_gen_collect_once(m, 2, true);
  else
    stress_step(m, turn);
  gc_verify_after_collection(m);
  gc_world_resume(m);
}

/* --- the identity card ---------------------------------------------------- */

static const struct gc_tuning_key concurrent_tuning[] = {
    {"nursery", 2 << 20, 32 << 10, UINT64_C(1) << 40,
     "bytes that each mutator allocates between two collections"},
    {"growth", 25, 1, 100000,
     "without a limit, old objects are marked when live objects have grown by "
     "this many percent"},
    {"generations", 1, 0, 1, "0: no minor collections; all objects are marked"},
    {0},
};

const struct gc_collector gc_collector = {
    .name = "gen-concurrent",
    .summary = "generational mark-sweep that marks old objects while the "
               "program runs",
    .reclaims = true,
    .reclaims_cycles = true,
    .concurrent = true,
    .parallel = true,
    .precise = true,
    .scans_roots = true,
    .limits = true,
    .generations = 2,
    .promotes = true,
    .tuning = concurrent_tuning,
    .heap_size = sizeof(struct concurrent_heap),
    .mutator_size = sizeof(struct gen_concurrent_mutator),
    .heap_init = concurrent_heap_init,
    .heap_finish = concurrent_heap_finish,
    .mutator_init = gc_gen_mutator_init,
    .mutator_finish = concurrent_mutator_finish,
    .stress = concurrent_stress,
    .collect = concurrent_collect,
    .held_bytes = gc_gen_held_bytes,
    .threshold_greatest = {SIZE_MAX, UINT32_MAX},
    .table_hold = gc_gen_table_hold,
    .table_give = gc_gen_table_give,
    .threshold_get = concurrent_threshold_get,
    .threshold_set = concurrent_threshold_set,
    .root_set = gc_gen_root_set,
    .global_clear = gc_gen_global_clear,
    .verifier = &gc_gen_verifier,
    .array_resizing = gc_snapshot_array_resizing,
    .array_resized = gc_snapshot_array_resized,
    .report = gc_gen_report,
};
