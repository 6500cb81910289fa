/* SPDX-License-Identifier: MIT */
/* `rc-biased`: the card of rc-cycle with counts in two halves. */
#include "collectors/rc-biased/owner.h"

static const struct gc_tuning_key biased_tuning[] = {
    CYCLE_TUNING_KEYS,
    {"cycles", 1, 0, 1, "0: dead cycles are not looked for, as in rc"},
    {0},
};

static int biased_heap_init(gc_heap *heap, const char *tuning) {
  struct biased_heap *biased = biased_heap_of(heap);
  int error = gc_cycle_heap_init(heap, tuning);
  if (error != 0)
    return error;
  biased->makes_candidates = gc_tuning_get(tuning, "cycles") != 0;
  pthread_mutex_init(&biased->owners_lock, NULL);
  return 0;
}

static void biased_heap_finish(gc_heap *heap) {
  gc_biased_owners_finish(biased_heap_of(heap));
  gc_cycle_heap_finish(heap);
}

static int biased_mutator_init(gc_mutator *m) {
  int error = gc_cycle_mutator_init(m);
  if (error != 0)
    return error;
  rc_of(m)->makes_candidates = biased_heap_of(m->heap)->makes_candidates;
  error = gc_biased_owner_begin(m);
  if (error != 0)
    gc_cycle_mutator_finish(m);
  return error;
}

/* What is merged at the end may make candidates, and free cells. */
static void biased_mutator_finish(gc_mutator *m) {
  gc_biased_owner_end(m);
  gc_cycle_mutator_finish(m);
}

static void biased_safepoint(gc_mutator *m) {
  struct rc_mutator *rc = rc_of(m);
  gc_biased_take_home(rc->owner);
  if (atomic_load_explicit(&rc->owner->queued, memory_order_relaxed) > 0)
    gc_biased_merge(m, rc->owner);
  gc_cycle_safepoint(m);
  gc_biased_send_home(rc);
}

static void biased_park(gc_mutator *m) {
  gc_rc_defer_park(m);
  gc_biased_owner_leave(m);
}

const struct gc_collector gc_collector = {
    .name = "rc-biased",
    .summary = "counts without atomics for the owner, and trial deletion",
    CYCLE_CARD_COMMON,
    .park = biased_park,
    .unpark = gc_biased_owner_return,
    .tuning = biased_tuning,
    .heap_size = sizeof(struct biased_heap),
    .mutator_size = sizeof(struct cycle_mutator),
    .heap_init = biased_heap_init,
    .heap_finish = biased_heap_finish,
    .mutator_init = biased_mutator_init,
    .mutator_finish = biased_mutator_finish,
    .safepoint = biased_safepoint,
};
