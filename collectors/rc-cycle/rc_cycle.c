/* SPDX-License-Identifier: MIT */
/* `rc-cycle`: the card of rc with the cycle collector of
 * collectors/shared/trial.
 */
#include "collectors/shared/trial/cycle.h"

static const struct gc_tuning_key cycle_tuning[] = {CYCLE_TUNING_KEYS, {0}};

const struct gc_collector gc_collector = {
    .name = "rc-cycle",
    .summary = "atomic reference counts, and trial deletion for cycles",
    CYCLE_CARD_COMMON,
    .tuning = cycle_tuning,
    .park = gc_rc_defer_park,
    .heap_size = sizeof(struct cycle_heap),
    .mutator_size = sizeof(struct cycle_mutator),
    .heap_init = gc_cycle_heap_init,
    .heap_finish = gc_cycle_heap_finish,
    .mutator_init = gc_cycle_mutator_init,
    .mutator_finish = gc_cycle_mutator_finish,
    .safepoint = gc_cycle_safepoint,
};
