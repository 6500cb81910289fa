/* SPDX-License-Identifier: MIT */
/* `rc`: pure reference counting with atomic counts. The invariant stands in
   counting.h; what dies in cycles is never found, and is told at the end. */
#include "collectors/rc/rc_heap.h"

static size_t rc_collect(gc_mutator *m, int generation, const char *cause) {
  gc_heap *heap = m->heap;
  gc_world_stop(m, "drain", cause);
  uint64_t before = gc_rc_released(heap), begun = gc_phase_begin();
  gc_rc_settle(m);
  gc_phase_end(heap, GC_PHASE_DRAIN, begun);
  size_t dead = gc_rc_released(heap) - before;
  heap->pause.generation = generation;
  heap->pause.objects_freed = dead;
  gc_verify_after_collection(m);
  gc_world_resume(m);
  return dead;
}

const struct gc_collector gc_collector = {
    .name = "rc",
    .summary = "atomic reference counts, grace periods; leaks cycles",
    RC_CARD_COMMON,
    .generations = 1,
    .heap_size = sizeof(struct rc_heap),
    .mutator_size = sizeof(struct rc_mutator),
    .heap_init = gc_rc_heap_init,
    .heap_finish = gc_rc_heap_finish,
    .mutator_init = gc_rc_mutator_init,
    .mutator_finish = gc_rc_mutator_finish,
    .safepoint = gc_rc_defer_safepoint,
    .collect = rc_collect,
};
