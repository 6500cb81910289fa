/* SPDX-License-Identifier: MIT */
/* `gen`: what it collects when, and its identity card. */
#include "collectors/shared/generational/generational.h"

#include "heap/sweepstakes.h"

static int gen_heap_init(gc_heap *base, const char *tuning) {
  const struct gen_tuned tuned = {
      .nursery = gc_tuning_get(tuning, "nursery"),
      .middle = gc_tuning_get(tuning, "gen1"),
      .growth = gc_tuning_get(tuning, "growth"),
      .generations = gc_tuning_get(tuning, "generations") != 0,
  };
  return gc_gen_heap_init(gen_of(base), &tuned);
}

/* --- what the shared code asks of a collector ----------------------------- */

void gc_gen_collect_due(gc_mutator *m, bool is_ordinary) {
  struct gen_heap *heap = gen_of(m->heap);
  (void)is_ordinary;
  gc_gen_collect_once(m, gc_gen_generation_due(heap), false);
  if (heap->blocks.generation < 2 && gc_blk_is_limited(&heap->blocks) &&
      gc_gen_full_is_due(heap))
    gc_gen_collect_once(m, 2, false);
}

/* --- requests ------------------------------------------------------------- */

/* Without a limit, memory must not grow more than `growth` allows, even if the
   program asks only for collections of younger generations. */
static size_t gen_collect(gc_mutator *m, int generation, const char *cause) {
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
static void gen_stress(gc_mutator *m) {
  size_t turn = gc_gen_stress_turn(gen_of(m->heap));
  gen_collect(m, turn % 16 == 15 ? 2 : turn % 4 == 3 ? 1 : 0, "stress");
}

/* --- the identity card ---------------------------------------------------- */

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
    .heap_finish = gc_gen_heap_finish,
    .mutator_init = gc_gen_mutator_init,
    .mutator_finish = gc_gen_mutator_finish,
    .stress = gen_stress,
    .collect = gen_collect,
    .held_bytes = gc_gen_held_bytes,
    .threshold_greatest = {SIZE_MAX, UINT32_MAX, UINT32_MAX},
    .table_hold = gc_gen_table_hold,
    .table_give = gc_gen_table_give,
    .threshold_get = gc_gen_threshold_get,
    .threshold_set = gc_gen_threshold_set,
    .root_set = gc_gen_root_set,
    .global_clear = gc_gen_global_clear,
    .verifier = &gc_gen_verifier,
    .array_resized = gc_blk_array_resized,
    .report = gc_gen_report,
};
