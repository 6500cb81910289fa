/* SPDX-License-Identifier: MIT */
/* `moving`: finds programs that break the rules for references: Note [Moving
   everything]. It is not raced. Invariant: a slot and its shadow hold the same
   reference, except while a thread stores to the slot. */
#include <stdlib.h>

#include "collectors/moving/moving.h"
#include "heap/external.h"
#include "heap/figures.h"
#include "heap/verify.h"
#include "heap/weak.h"

/* --- stores --------------------------------------------------------------- */

void gc_moving_expect(gc_mutator *m, gc_ref object, const char *use) {
  if (gc_is_object(object) && !gc_moving_is_object(moving_of(m->heap), object))
    gc_moving_explain(moving_of(m->heap), object, use);
}

/* Locks the slot, with acquire order: the last store to it is visible. If
   another thread has locked it, waits for the time of two stores. */
static gc_ref slot_take(gc_ref object, size_t slot) {
  uint64_t *shadow = moving_slot_shadow(object, slot);
  uint64_t stored = __atomic_load_n(shadow, __ATOMIC_RELAXED) & ~(uint64_t)1;
  while (!__atomic_compare_exchange_n(shadow, &stored, stored | 1, false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
    stored &= ~(uint64_t)1;
    gc_spin_hint();
  }
  gc_ref value = gc_slot_load(object, slot);
  if (moving_shadow_of(value) == stored)
    return value;
  gc_moving_tell_slot(object, slot, value, stored);
  gc_abort();
}

/* Unlocks the slot; its shadow gets `value`. Other threads may be trying to
   lock it. */
static void slot_give(gc_ref object, size_t slot, gc_ref value) {
  uint64_t *shadow = moving_slot_shadow(object, slot);
  gc_assert_always(__atomic_load_n(shadow, __ATOMIC_RELAXED) & 1);
  __atomic_store_n(shadow, moving_shadow_of(value), __ATOMIC_SEQ_CST);
}

/* Both references must still be objects. A holder that is NULL causes a fault.
 */
static void expect_store(gc_mutator *m, gc_ref object, size_t slot,
                         gc_ref value) {
  gc_require_usable(m);
  gc_moving_expect(m, object, "stored to");
  gc_moving_expect(m, value, "stored in a slot");
  gc_require_slot(object, slot);
}

void gc_moving_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  expect_store(m, object, slot, value);
  slot_take(object, slot);
  gc_slot_store(object, slot, value);
  slot_give(object, slot, value);
}

bool gc_moving_cas(gc_mutator *m, gc_ref object, size_t slot, gc_ref expected,
                   gc_ref desired) {
  expect_store(m, object, slot, desired);
  gc_moving_expect(m, expected, "expected in a slot");
  gc_ref value = slot_take(object, slot);
  bool done = value == expected;
  if (done)
    gc_slot_store(object, slot, desired);
  slot_give(object, slot, done ? desired : value);
  return done;
}

/* --- when everything moves ------------------------------------------------ */

static size_t moving_collect(gc_mutator *m, int generation, const char *cause) {
  gc_assert_always(generation == 0 && m->running);
  (void)generation;
  gc_world_stop(m, "move", cause);
  size_t dead = gc_moving_move(m);
  gc_world_resume(m);
  return dead;
}

static void moving_stress(gc_mutator *m) {
  moving_collect(m, 0, "stress");
}

const char gc_moving_jumped[] =
    "a GC_FRAME was jumped over: call gc_frames_unwind before longjmp";

static bool is_on_stack(const struct gc_range *stack, const char *address) {
  return address >= stack->begin && address < stack->end;
}

/* A frame below the stack pointer is of a function that has been left. A frame
   on another stack (of a coroutine, say) is not judged. */
GC_NOINLINE void gc_moving_expect_frames(const gc_mutator *m) {
  const struct gc_range *stack = &((const struct moving_mutator *)m)->stack;
  const char *newest = (const char *)m->frames,
             *here = __builtin_frame_address(0);
  gc_require(!is_on_stack(stack, newest) || !is_on_stack(stack, here) ||
                 newest > here,
             gc_moving_jumped);
}

/* Another mutator may have made the move while this one waited. */
static void moving_safepoint(gc_mutator *m) {
  struct moving_heap *heap = moving_of(m->heap);
  if (atomic_fetch_add(&heap->passed, 1) + 1 < heap->due)
    return;
  gc_world_stop(m, "move", "safepoint");
  if (atomic_load(&heap->passed) >= heap->due)
    gc_moving_move(m);
  gc_world_resume(m);
}

/* --- allocating ----------------------------------------------------------- */

static size_t moving_held_bytes(gc_heap *heap) {
  return atomic_load(&moving_of(heap)->held) + atomic_load(&heap->tables);
}

/* lock is held. */
static void peak_note(struct moving_heap *heap) {
  size_t held = moving_held_bytes(&heap->base);
  gc_assert(gc_lock_is_held(&heap->lock));
  if (heap->held_peak < held)
    heap->held_peak = held;
}

static bool moving_table_hold(gc_heap *base, size_t bytes, bool over_limit) {
  struct moving_heap *heap = moving_of(base);
  (void)bytes; /* part of base->tables */
  pthread_mutex_lock(&heap->lock);
  bool fits = over_limit || moving_held_bytes(base) <= base->limit;
  if (fits)
    peak_note(heap);
  pthread_mutex_unlock(&heap->lock);
  return fits;
}

/* NULL: more than `most` would be held, or the system has no memory. There is
   no safepoint before the object is filled in. */
static gc_ref bare_try(struct moving_heap *heap, gc_type type, size_t length,
                       size_t most) {
  size_t bytes = gc_size_for(type, length);
  pthread_mutex_lock(&heap->lock);
  gc_assert_always(most <= heap->base.limit);
  size_t held = moving_held_bytes(&heap->base);
  bool fits = held <= most && bytes <= most - held;
  char *cell = fits ? gc_moving_bump(heap, bytes) : NULL;
  gc_ref object = NULL;
  if (cell != NULL) {
    object = gc_moving_object_make(cell, type, length);
    heap->objects++;
    peak_note(heap);
  }
  pthread_mutex_unlock(&heap->lock);
  return object;
}

/* If there is no memory to record the finalizer, the object is left as garbage.
 */
static gc_ref object_try(struct moving_heap *heap, gc_type type, size_t length,
                         size_t most) {
  gc_ref object = bare_try(heap, type, length, most);
  bool is_finalizable = gc_type_describe(type)->finalize != NULL;
  return object && is_finalizable && !gc_finalizable_add(&heap->base, object)
             ? NULL
             : object;
}

/* Tries first without a move, because another mutator may have moved all
   objects while this one waited to stop the world. Allocates before the world
   resumes, so that other mutators cannot take the memory. */
static gc_ref object_moving_all(gc_mutator *m, gc_type type, size_t length) {
  struct moving_heap *heap = moving_of(m->heap);
  gc_world_stop(m, "move", "allocation");
  gc_ref object = object_try(heap, type, length, heap->threshold);
  if (object == NULL) {
    gc_moving_move(m);
    object = object_try(heap, type, length, heap->base.limit);
  }
  if (object == NULL)
    gc_finalizers_gather(m);
  gc_world_resume(m);
  return object;
}

/* Further moves free the objects that finalizers have let go of. */
static gc_ref object_take(gc_mutator *m, gc_type type, size_t length) {
  struct moving_heap *heap = moving_of(m->heap);
  size_t bytes = gc_cell_size(type, length);
  if (bytes == 0 || bytes > MOVING_REGION / 8 || bytes > heap->base.limit)
    return NULL;
  gc_ref object = object_try(heap, type, length, heap->threshold);
  unsigned rounds = 0;
  if (object != NULL)
    return object;
  do
    object = object_moving_all(m, type, length);
  while (object == NULL && gc_finalizers_help(m, &rounds));
  return object;
}

gc_ref gc_moving_new(gc_mutator *m, gc_root *out, gc_type type, size_t length) {
  gc_ref object = object_take(m, type, length);
  if (object == NULL)
    return NULL;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_sizeof(object));
  gc_assert(gc_moving_is_object(moving_of(m->heap), object));
  gc_root_put(out, object);
  return object;
}

/* --- weak references, ephemerons ------------------------------------------ */

/* The target is kept in a root, because allocating is a safepoint. */
gc_ref gc_weak_new(gc_mutator *m, gc_root *out, gc_ref target) {
  gc_weak_require(target);
  struct moving_heap *heap = moving_of(m->heap);
  GC_FRAME(m, f, target);
  gc_root_set(m, &f.target, target);
  gc_safepoint(m);
  gc_ref weak = gc_moving_new(m, out, gc_weak_type(), 0);
  if (weak == NULL)
    return NULL;
  pthread_mutex_lock(&heap->lock);
  *gc_weak_data(weak) =
      (struct gc_weak){.target = gc_root_get(&f.target), .next = heap->weaks};
  gc_assert(gc_moving_is_object(heap, gc_weak_data(weak)->target));
  heap->weaks = weak;
  pthread_mutex_unlock(&heap->lock);
  return weak;
}

/* A target dies, or moves, only while the world is stopped. */
gc_ref gc_weak_get(gc_mutator *m, gc_root *out, gc_ref weak) {
  gc_moving_expect(m, weak, "read as a weak reference");
  gc_weak_require_weak(weak);
  gc_ref target = gc_weak_data(weak)->target;
  gc_root_set(m, out, target);
  return target;
}

gc_ref gc_ephemeron_new(gc_mutator *m, gc_root *out, gc_ref key, gc_ref value) {
  gc_ephemeron_require(key, value);
  GC_FRAME(m, f, key, value);
  gc_root_set(m, &f.key, key);
  gc_root_set(m, &f.value, value);
  gc_safepoint(m);
  gc_ref ephemeron = gc_moving_new(m, out, gc_ephemeron_type(), 0);
  if (ephemeron == NULL)
    return NULL;
  gc_weak_data(ephemeron)->target = gc_root_get(&f.key);
  gc_moving_set(m, ephemeron, GC_EPHEMERON_VALUE, gc_root_get(&f.value));
  return ephemeron;
}

/* A key dies only while the world is stopped. */
gc_ref gc_ephemeron_get(gc_mutator *m, gc_root *out, gc_ref ephemeron) {
  gc_moving_expect(m, ephemeron, "read as an ephemeron");
  gc_ephemeron_require_ephemeron(ephemeron);
  gc_ref value = gc_ephemeron_value(ephemeron);
  gc_root_set(m, out, value);
  return value;
}

/* --- external memory ------------------------------------------------------ */

static bool external_moving_all(gc_mutator *m, const gc_root *object,
                                size_t bytes) {
  gc_world_stop(m, "move", "limit");
  gc_moving_move(m);
  bool ok = gc_external_hold(m->heap, gc_root_get(object), bytes);
  if (!ok)
    gc_finalizers_gather(m);
  gc_world_resume(m);
  return ok;
}

/* Further moves drop what finalizers have let go of. */
bool gc_external_add(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_external_require(object);
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, object);
  gc_safepoint(m);
  bool ok = gc_external_hold(m->heap, gc_root_get(&f.object), bytes);
  unsigned rounds = 0;
  if (ok)
    return true;
  do
    ok = external_moving_all(m, &f.object, bytes);
  while (!ok && gc_finalizers_help(m, &rounds));
  return ok;
}

/* --- immortal objects ------------------------------------------------------
 */

static void immortals_reserve(struct moving_heap *heap) {
  if (heap->immortals < heap->immortal_room)
    return;
  heap->immortal_room = heap->immortal_room * 2 + 16;
  heap->immortal =
      realloc(heap->immortal, heap->immortal_room * sizeof *heap->immortal);
  gc_assert_always(heap->immortal != NULL);
}

/* An immortal object moves like any other. The program is stopped if there is
   no memory to remember the object, because it could not be kept alive. */
void gc_immortalize(gc_mutator *m, gc_ref object) {
  struct moving_heap *heap = moving_of(m->heap);
  gc_require(gc_is_object(object), "gc_immortalize of NULL or an immediate");
  gc_moving_expect(m, object, "made immortal");
  pthread_mutex_lock(&heap->lock);
  gc_assert((object->word & MOVING_GONE) == 0);
  if (object->word == 0) {
    immortals_reserve(heap);
    gc_assert_always(heap->immortals < heap->immortal_room);
    heap->immortal[heap->immortals++].ref = object;
    object->word = MOVING_IMMORTAL;
  }
  pthread_mutex_unlock(&heap->lock);
}

/* --- callbacks of the verifier -------------------------------------------- */

static bool moving_verify_is_object(gc_heap *heap, gc_ref object) {
  return gc_moving_is_object(moving_of(heap), object);
}

static const char *moving_verify_object(gc_heap *heap, gc_ref object,
                                        size_t found, bool all) {
  (void)heap;
  (void)found;
  (void)all;
  return object->word & MOVING_GONE ? "it has been moved away" : NULL;
}

static size_t moving_verify_rest(gc_mutator *m) {
  return gc_moving_check(moving_of(m->heap));
}

static const struct gc_verifier moving_verifier = {
    .is_object = moving_verify_is_object,
    .object = moving_verify_object,
    .rest = moving_verify_rest,
};

/* --- beginning, end and identity card ------------------------------------- */

static int moving_heap_init(gc_heap *base, const char *tuning) {
  struct moving_heap *heap = moving_of(base);
  int error = gc_moving_region_init(heap);
  if (error != 0)
    return error;
  pthread_mutex_init(&heap->lock, NULL);
  heap->every = gc_tuning_get(tuning, "every");
  gc_moving_due_renew(heap);
  gc_moving_watch(heap);
  return 0;
}

static void moving_heap_finish(gc_heap *base) {
  struct moving_heap *heap = moving_of(base);
  gc_moving_unwatch(heap);
  gc_moving_region_finish(heap);
  free(heap->immortal);
  free(heap->outposts.first);
  pthread_mutex_destroy(&heap->lock);
}

static int moving_mutator_init(gc_mutator *m) {
  ((struct moving_mutator *)m)->stack = gc_thread_stack();
  return 0;
}

static void moving_mutator_finish(gc_mutator *m) {
  (void)m;
}

static void moving_report(gc_heap *base, struct gc_memory_figures *out) {
  struct moving_heap *heap = moving_of(base);
  pthread_mutex_lock(&heap->lock);
  out->held_peak = heap->held_peak;
  out->metadata = atomic_load(&base->tables);
  pthread_mutex_unlock(&heap->lock);
}

static void moving_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

static void moving_global_clear(gc_mutator *m, gc_root *root) {
  gc_global_set(m, root, NULL);
}

static const struct gc_tuning_key moving_tuning[] = {
    {"every", 0, 0, UINT32_MAX,
     "move at every Nth safepoint; 0: less often if many objects live"},
    {0},
};

const struct gc_collector gc_collector = {
    .name = "moving",
    .summary = "moves all objects often, to find programs that break rules",
    .reclaims = true,
    .reclaims_cycles = true,
    .moves = true,
    .precise = true,
    .scans_roots = true,
    .limits = true,
    .generations = 1,
    .restless = true,
    .tuning = moving_tuning,
    .heap_size = sizeof(struct moving_heap),
    .mutator_size = sizeof(struct moving_mutator),
    .heap_init = moving_heap_init,
    .heap_finish = moving_heap_finish,
    .mutator_init = moving_mutator_init,
    .mutator_finish = moving_mutator_finish,
    .safepoint = moving_safepoint,
    .stress = moving_stress,
    .collect = moving_collect,
    .held_bytes = moving_held_bytes,
    .table_hold = moving_table_hold,
    .root_set = moving_root_set,
    .global_clear = moving_global_clear,
    .verifier = &moving_verifier,
    .report = moving_report,
};
