/* SPDX-License-Identifier: MIT */
/* Ephemerons.

   Note [Ephemerons]
   Marking from roots follows the slot of an ephemeron only if the key has been
   reached already. When it is done, the stopper looks at each ephemeron of the
   generations that are collected. If it and its key have been reached, the
   value is marked. If only the ephemeron has been reached, it waits: it goes
   into the bucket of its key. From then on `resolves` is true. A marker that
   reaches an ephemeron marks the value, or lets the ephemeron wait. A marker
   that reaches a key marks the values of the ephemerons that wait for it. So
   each object is looked at once, and a chain in which each value leads to the
   next key takes linear time.
   There is a bucket for each ephemeron that exists, so a bucket has few of
   them. Memory for buckets is reserved when ephemerons are made; they are empty
   except while the world is stopped. So making an ephemeron costs no more than
   an entry in a list.
   No value is missed. A marker stores the byte of the object that it has
   reached, then takes the lock of the key's bucket, and reads the other byte or
   the bucket. If one marker reaches the key and another one the ephemeron, let
   the marker of the key take the lock first. Then the other one sees the byte
   that it stored. Otherwise the marker of the key finds the ephemeron in the
   bucket. If a value does not fit on the stack, the ephemeron is noted as in
   Note [Overflow]. Its slot is followed when the note is taken, because its key
   has been reached.
   Finalizers are next. The objects that they keep alive are marked with
   `resolves` still true, so they keep the values of their keys. Then ephemerons
   whose keys are dead are cleared, at the same time as weak references.

   An ephemeron is made when key and value exist, and all three go up one
   generation at a time. So it is never older than the other two. If it is in an
   older generation than those that are collected, its value is, too: no barrier
   and no remembered set is needed. A key that dies has all its ephemerons in
   the generations that are collected, as in Note [Weak references and
   generations]. */
#include "collectors/shared/marking/ephemeron.h"

#include <string.h>

/* --- marking -------------------------------------------------------------- */

static void value_push(struct marker *k, gc_ref ephemeron) {
  gc_ref value = gc_slot_load_relaxed(ephemeron, GC_EPHEMERON_VALUE);
  if (!gc_is_object(value))
    return;
  if (k->top == k->capacity)
    gc_mark_note_overflow(k, ephemeron);
  else
    gc_mark_push(k, value);
}

static size_t bucket_of(const struct marking *marking, gc_ref key) {
  uint64_t hash = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
  gc_assert(marking->buckets.capacity > 0);
  return (size_t)((hash >> 32) * marking->buckets.capacity >> 32);
}

static pthread_mutex_t *lock_of(struct marking *marking, size_t bucket) {
  return &marking->bucket_locks[bucket % MARK_BUCKET_LOCKS];
}

/* `prev` says that an ephemeron waits: two markers may reach it at the same
   time, and it must not get into the bucket twice. */
static void wait_in(struct marking *marking, size_t bucket, gc_ref ephemeron) {
  struct gc_weak *data = gc_weak_data(ephemeron);
  if (data->prev == ephemeron)
    return;
  data->prev = ephemeron;
  data->next = marking->buckets.items[bucket];
  marking->buckets.items[bucket] = ephemeron;
}

/* The ephemeron has been reached. */
static void resolve_ephemeron(struct marker *k, gc_ref ephemeron) {
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (key == NULL)
    return;
  size_t bucket = bucket_of(k->marking, key);
  pthread_mutex_lock(lock_of(k->marking, bucket));
  if (blk_is_marked(k->marking->heap, key))
    value_push(k, ephemeron);
  else
    wait_in(k->marking, bucket, ephemeron);
  pthread_mutex_unlock(lock_of(k->marking, bucket));
}

static void resolve_key(struct marker *k, gc_ref key) {
  size_t bucket = bucket_of(k->marking, key);
  pthread_mutex_lock(lock_of(k->marking, bucket));
  gc_ref ephemeron = k->marking->buckets.items[bucket];
  for (; ephemeron; ephemeron = gc_weak_data(ephemeron)->next)
    if (gc_weak_data(ephemeron)->target == key)
      value_push(k, ephemeron);
  pthread_mutex_unlock(lock_of(k->marking, bucket));
}

void gc_ephemeron_resolve(struct marker *k, gc_ref reached) {
  gc_assert(k->marking->resolves && marker_is_valid(k));
  gc_shake();
  if (gc_is_ephemeron(reached))
    resolve_ephemeron(k, reached);
  if (__atomic_load_n(&reached->word, __ATOMIC_RELAXED) & BLK_IS_KEY)
    resolve_key(k, reached);
}

static bool is_any_collected(const struct marking *marking) {
  for (int g = 0; g <= marking->heap->generation; g++)
    if (marking->watched[WATCH_EPHEMERON].list[g].count > 0)
      return true;
  return false;
}

static void begin_with(struct marker *k, gc_ref ephemeron) {
  if (!blk_is_marked(k->marking->heap, ephemeron))
    return;
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (key != NULL && blk_is_marked(k->marking->heap, key))
    gc_mark_root(k, gc_ephemeron_value(ephemeron));
  else
    resolve_ephemeron(k, ephemeron);
}

bool gc_ephemerons_begin(struct marking *marking) {
  struct blk_refs *buckets = &marking->buckets;
  gc_assert_always(gc_world_is_stopped(&marking->heap->base) &&
                   !marking->resolves);
  if (!is_any_collected(marking))
    return false;
  memset(buckets->items, 0, buckets->capacity * sizeof *buckets->items);
  marking->resolves = true;
  gc_mark_begin(marking);
  for (int g = 0; g <= marking->heap->generation; g++) {
    const struct blk_refs *refs = &marking->watched[WATCH_EPHEMERON].list[g];
    for (size_t i = 0; i < refs->count; i++)
      begin_with(&marking->markers[0], refs->items[i]);
  }
  return true;
}

/* --- after marking -------------------------------------------------------- */

bool gc_ephemeron_stays(struct marking *marking, gc_ref ephemeron) {
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (key == NULL || !blk_is_reached(marking->heap, ephemeron))
    return false;
  gc_weak_data(ephemeron)->prev = NULL;
  if (blk_is_reached(marking->heap, key))
    return true;
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, NULL);
  gc_weak_data(ephemeron)->target = NULL;
  return false;
}
