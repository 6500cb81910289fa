/* SPDX-License-Identifier: MIT */
/* Ephemerons.

   Note [Ephemerons]
   Marking from roots follows the slot of an ephemeron only if the key has been
   reached already. When it is done, the stopper looks at each ephemeron of the
   generations that are collected. If it and its key have been reached, the
   value is marked. From then on `resolves` is true: each marker that reaches a
   key or an ephemeron looks whether the other one has been reached, and if so
   marks the value. So each object is looked at once, and a chain in which each
   value leads to the next key takes linear time.
   No value is missed. A marker stores the byte of the object that it has
   reached, then takes the lock of the key's stripe, and reads the other byte.
   If one marker reaches the key and another one the ephemeron, the one that
   takes the lock last sees the byte that the other one stored. If a value does
   not fit on the stack, the ephemeron is noted as in Note [Overflow]. Its slot
   is followed when the note is taken, because its key has been reached.
   Finalizers are next. The objects that they keep alive are marked with
   `resolves` still true, so they keep the values of their keys. Then ephemerons
   whose keys are dead are cleared, at the same time as weak references.

   An ephemeron is made when key and value exist, and all three go up one
   generation at a time. So it is never older than the other two. If it is in an
   older generation than those that are collected, its value is, too: no barrier
   and no remembered set is needed. A key that dies has all its ephemerons in
   the generations that are collected, as in Note [Weak references and
   generations]. */
#include "collectors/gen/ephemeron.h"

#include "heap/sweepstakes.h"

/* --- marking -------------------------------------------------------------- */

static void value_push(struct gen_marker *k, gc_ref ephemeron) {
  gc_ref value = gc_slot_load_relaxed(ephemeron, GC_EPHEMERON_VALUE);
  if (!gc_is_object(value))
    return;
  if (k->top == k->capacity)
    gc_gen_note_overflow(k, ephemeron);
  else
    k->stack[k->top++] = value;
}

static void value_push_if(struct gen_marker *k, gc_ref ephemeron) {
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (gen_is_marked(k->heap, ephemeron) && gen_is_marked(k->heap, key))
    value_push(k, ephemeron);
}

static void resolve_ephemeron(struct gen_marker *k, gc_ref ephemeron) {
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (key == NULL)
    return;
  struct gc_weak_stripe *stripe = gc_weak_stripe_of(&k->heap->ephemerons, key);
  pthread_mutex_lock(&stripe->lock);
  value_push_if(k, ephemeron);
  pthread_mutex_unlock(&stripe->lock);
}

static void resolve_key(struct gen_marker *k, gc_ref key) {
  struct gc_weak_table *table = &k->heap->ephemerons;
  struct gc_weak_stripe *stripe = gc_weak_stripe_of(table, key);
  pthread_mutex_lock(&stripe->lock);
  gc_ref ephemeron = gc_weak_first(table, key);
  for (; ephemeron; ephemeron = gc_weak_data(ephemeron)->next)
    value_push_if(k, ephemeron);
  pthread_mutex_unlock(&stripe->lock);
}

void gc_gen_ephemeron_resolve(struct gen_marker *k, gc_ref reached) {
  gc_assert(k->heap->resolves && gen_marker_is_valid(k));
  gc_shake();
  if (gc_is_ephemeron(reached))
    resolve_ephemeron(k, reached);
  if (__atomic_load_n(&reached->word, __ATOMIC_RELAXED) & GEN_IS_KEY)
    resolve_key(k, reached);
}

static bool is_any_collected(const struct gen_heap *heap) {
  for (int g = 0; g <= heap->generation; g++)
    if (heap->watched[GEN_EPHEMERON].list[g].count > 0)
      return true;
  return false;
}

static void mark_value(struct gen_heap *heap, gc_ref ephemeron) {
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (gen_is_marked(heap, ephemeron) && gen_is_marked(heap, key))
    gc_gen_mark_root(&heap->markers[0], gc_ephemeron_value(ephemeron));
}

bool gc_gen_ephemerons_begin(struct gen_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->base) && !heap->resolves);
  if (!is_any_collected(heap))
    return false;
  heap->resolves = true;
  gc_gen_mark_begin(heap);
  for (int g = 0; g <= heap->generation; g++) {
    const struct gen_refs *refs = &heap->watched[GEN_EPHEMERON].list[g];
    for (size_t i = 0; i < refs->count; i++)
      mark_value(heap, refs->items[i]);
  }
  return true;
}

/* --- after marking -------------------------------------------------------- */

static void value_clear(gc_ref ephemeron, void *unused) {
  (void)unused;
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, NULL);
}

bool gc_gen_ephemeron_stays(struct gen_heap *heap, gc_ref ephemeron) {
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (key == NULL)
    return false;
  if (!gen_is_reached(heap, ephemeron)) {
    gc_weak_unbind(&heap->ephemerons, ephemeron);
    return false;
  }
  if (gen_is_reached(heap, key))
    return true;
  gc_weak_clear(&heap->ephemerons, key, value_clear, NULL);
  return false;
}

/* --- the interface -------------------------------------------------------- */

struct ephemeron_request {
  gc_ref ephemeron, key; /* in roots */
};

static bool ephemeron_attempt(gc_mutator *m, void *data) {
  struct gen_heap *heap = gen_of(m->heap);
  struct ephemeron_request *r = data;
  if (!gc_weak_bind(&heap->ephemerons, r->ephemeron, r->key))
    return false;
  if (gc_gen_watch(heap, GEN_EPHEMERON, r->ephemeron))
    return true;
  gc_weak_unbind(&heap->ephemerons, r->ephemeron);
  gc_weak_data(r->ephemeron)->target = NULL;
  return false;
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
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, value);
  __atomic_fetch_or(&key->word, GEN_IS_KEY, __ATOMIC_RELAXED);
  struct ephemeron_request r = {ephemeron, key};
  if (!ephemeron_attempt(m, &r) && !gc_gen_make_room(m, ephemeron_attempt, &r))
    return NULL;
  gc_root_move(m, out, &f.ephemeron);
  return ephemeron;
}

/* A key dies only while the world is stopped. */
gc_ref gc_ephemeron_get(gc_mutator *m, gc_root *out, gc_ref ephemeron) {
  gc_ephemeron_require_ephemeron(ephemeron);
  gc_ref value = gc_ephemeron_value(ephemeron);
  gc_root_set(m, out, value);
  return value;
}
