/* SPDX-License-Identifier: MIT */
/* `rc`: pure reference counting with atomic counts. The invariant is in
   counting.h. Dead cycles are never found; their bytes are reported when the
   heap is destroyed. */
#include "collectors/shared/counting/rc_heap.h"

const char gc_rc_pause_kind[] = "drain";

/* A stop of the world can only apply the entries that wait for a grace period.
 */
void gc_rc_collect_stopped(gc_mutator *m, int generation) {
  gc_assert_always(gc_world_is_stopped_by(m) && generation == 0);
  (void)generation;
  uint64_t begun = gc_phase_begin();
  gc_rc_defer_drain_world(m);
  gc_phase_end(m->heap, GC_PHASE_DRAIN, begun);
}

const struct gc_collector gc_collector = {
    .name = "rc",
    .summary = "atomic reference counts, grace periods; leaks cycles",
    RC_CARD_COMMON,
    .generations = 1,
    .park = gc_rc_defer_park,
    .heap_size = sizeof(struct rc_heap),
    .mutator_size = sizeof(struct rc_mutator),
    .heap_init = gc_rc_heap_init,
    .heap_finish = gc_rc_heap_finish,
    .mutator_init = gc_rc_mutator_init,
    .mutator_finish = gc_rc_mutator_finish,
    .safepoint = gc_rc_defer_safepoint,
};
