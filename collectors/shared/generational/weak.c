/* SPDX-License-Identifier: MIT */
/* Weak references and ephemerons are made. */
#include "collectors/shared/generational/generational.h"

#include "heap/sweepstakes.h"
#include "heap/weak.h"

static bool weak_attempt(gc_mutator *m, void *weak) {
  return gc_watch(&gen_of(m->heap)->marking, WATCH_WEAK, gc_root_get(weak));
}

static bool watch_weak(gc_mutator *m, gc_root *weak) {
  return weak_attempt(m, weak) || gc_gen_make_room(m, weak_attempt, weak);
}

/* The target is kept in a root, because allocating is a safepoint. */
gc_ref gc_weak_new(gc_mutator *m, gc_root *out, gc_ref target) {
  gc_weak_require(target);
  GC_FRAME(m, f, target, weak);
  gc_root_set(m, &f.target, target);
  gc_ref weak = gc_gen_new_slow(m, &f.weak, gc_weak_type());
  if (weak == NULL || !watch_weak(m, &f.weak))
    return NULL;
  gc_weak_data(weak)->target = gc_root_get(&f.target);
  gc_root_move(m, out, &f.weak);
  return weak;
}

/* A target dies only while the world is stopped. */
gc_ref gc_weak_get(gc_mutator *m, gc_root *out, gc_ref weak) {
  gc_weak_require_weak(weak);
  gc_ref target = gc_weak_data(weak)->target;
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_shade(m, target);
  gc_root_set(m, out, target);
  return target;
}

static bool ephemeron_attempt(gc_mutator *m, void *ephemeron) {
  return gc_watch(&gen_of(m->heap)->marking, WATCH_EPHEMERON, ephemeron);
}

/* Key and value are kept in roots, because allocating is a safepoint. */
gc_ref gc_ephemeron_new(gc_mutator *m, gc_root *out, gc_ref key, gc_ref value) {
  gc_ephemeron_require(key, value);
  GC_FRAME(m, f, key, value, ephemeron);
  gc_root_set(m, &f.key, key);
  gc_root_set(m, &f.value, value);
  gc_ref ephemeron = gc_gen_new_slow(m, &f.ephemeron, gc_ephemeron_type());
  if (ephemeron == NULL)
    return NULL;
  gc_weak_data(ephemeron)->target = key;
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, value);
  gc_gen_flag(gen_of(m->heap), key, BLK_IS_KEY);
  if (!ephemeron_attempt(m, ephemeron) &&
      !gc_gen_make_room(m, ephemeron_attempt, ephemeron))
    return NULL;
  gc_root_move(m, out, &f.ephemeron);
  return ephemeron;
}

/* A key dies only while the world is stopped. */
gc_ref gc_ephemeron_get(gc_mutator *m, gc_root *out, gc_ref ephemeron) {
  gc_ephemeron_require_ephemeron(ephemeron);
  gc_ref value = gc_ephemeron_value(ephemeron);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_shade(m, value);
  gc_root_set(m, out, value);
  return value;
}
