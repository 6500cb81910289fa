/* SPDX-License-Identifier: MIT */
/* Trial deletion (Bacon and Rajan, ECOOP 2001), breadth first over an array
   instead of recursively over colours.

   Note [Trial deletion]
   The world is stopped and no decrement is buffered, so each count is exact.
   1. Everything that can be reached from the batch is touched once and turned
      grey. For each reference from a touched object to another one, the
      target's count is lowered by one. The rest of a count is the number of
      references from outside: from roots, and from slots of objects that were
      not touched.
   2. A grey object with a rest above zero is alive. It turns black, that is,
      RC_SEEN, and so does everything that it leads to. Each reference from a
      black object raises its target's count again, so the counts of black
      objects lack only the references from grey objects.
   3. An object that is still grey is garbage: nothing outside leads to it. Its
      references to black objects were subtracted in step 1.
   Objects of leaf types lead nowhere and are not touched, and neither are
   those whose count sticks: both count as outside. A sticky object's own
   references were never subtracted, so the objects that it holds have a rest.
   If the sum of the counts of all touched objects equals the number of
   references followed, every rest is zero and step 2 is skipped (the trick is
   from Nim's ORC).

   Note [Ephemerons in a trial]
   An ephemeron has one count of its value, and the value is reachable through
   it only if both the ephemeron and the key are alive. If either is garbage,
   this count will be given up. So step 1 subtracts the count when it touches
   the ephemeron or the key, whichever is first; `is_lowered` says that it has
   been done. In step 2, the count is added again when both are known to be
   alive, which is: not grey. An object that was not touched counts as alive. So
   the one that turns black last adds it. At the end of step 2, the count of a
   value lacks what ephemerons have of which the key or the ephemeron itself is
   garbage: as step 3 says of other references from garbage. So a value that
   leads to its key dies with it, although the ephemeron lives.
   A key leads to its values, so a key of a leaf type is touched, too, and may
   be a candidate. Which ephemerons a key has is found in the table of weak
   references.

   Finalizers (PEP 442): garbage with a finalizer that has not run turns black
   with everything that it leads to, and its finalizer is queued. Garbage that
   leads to it but cannot be reached from it is freed now. When the finalizers
   have run, letting go makes the objects candidates again, and those that were
   not resurrected die in the next pass, without a finalizer. Weak references
   are cleared just before the memory is freed, so after finalizers, as in
   Python 3.15. */
#include "collectors/shared/trial/cycle.h"

/* How many entries ahead objects are prefetched. */
enum { TRIAL_PREFETCH = 6 };

static bool is_grey(gc_ref object) {
  return (object->word & RC_COLOUR_MASK) == RC_GREY;
}

/* Does the trial follow references to it? */
static bool is_inside(gc_ref child) {
  return gc_is_object(child) &&
         (!gc_type_is_leaf(child->type) || (child->word & RC_IS_KEY)) &&
         !rc_is_sticky(child->word);
}

static void colour_set(gc_ref object, uint32_t colour) {
  object->word = (object->word & ~(uint32_t)RC_COLOUR_MASK) | colour;
}

/* The next objects of an array, a little ahead of use. */
GC_INLINE void prefetch_ahead(const struct cycle_array *array, size_t i) {
  if (i + TRIAL_PREFETCH < array->count)
    __builtin_prefetch(array->items[i + TRIAL_PREFETCH]);
}

/* The children of an object, which is in the cache. Few misses come from other
   objects, so wide ones are left out. */
enum { TRIAL_PREFETCH_SLOTS = 8 };
GC_INLINE void prefetch_children(gc_ref object) {
  gc_type type = object->type;
  size_t count = gc_type_is_special(type) ? 0 : gc_type_plain_refs(type);
  if (count > TRIAL_PREFETCH_SLOTS)
    return;
  for (size_t i = 0; i < count; i++)
    __builtin_prefetch(gc_slot_load_relaxed(object, i));
}

struct trial {
  gc_mutator *m;
  struct cycle_array *touched, *black;
  uint64_t left; /* the sum of the rests of all counts */
  uint64_t patience;
  bool is_full; /* there is no room to touch more */
  /* Has the trial met objects of special or leaf types? If not, it skips the
     loops over garbage for them. */
  bool has_special, has_leaves;
  uint32_t flags;
};

/* --- 1: grey -------------------------------------------------------------- */

static void touch(struct trial *t, gc_ref object) {
  if (is_grey(object) || rc_is_sticky(object->word))
    return;
  if (GC_UNLIKELY(t->touched->count == t->touched->capacity)) {
    t->is_full = true;
    return;
  }
  gc_assert((object->word & RC_COLOUR_MASK) != RC_HUSK);
  t->flags |= object->word;
  t->has_special |= gc_type_is_special(object->type);
  colour_set(object, RC_GREY);
  t->left += rc_count_of(object->word);
  cycle_push(t->touched, object);
}

/* Returns true if the child's count was lowered. */
GC_INLINE bool child_lower(struct trial *t, gc_ref child) {
  if (!is_inside(child)) {
    t->has_leaves |= gc_is_object(child);
    return false;
  }
  touch(t, child);
  gc_assert_always(rc_count_of(child->word) > 0);
  gc_assert(t->is_full || (is_grey(child) && t->left > 0));
  child->word -= RC_ONE;
  t->left--;
  return true;
}

/* Calls `visit` for the object, if it is an ephemeron, and for all ephemerons
   of which it is the key: Note [Ephemerons in a trial]. */
static GC_NOINLINE void ephemerons_visit(struct trial *t, gc_ref object,
                                         void (*visit)(struct trial *,
                                                       gc_ref)) {
  if (gc_is_ephemeron(object))
    visit(t, object);
  if ((object->word & RC_IS_KEY) == 0)
    return;
  struct gc_weak_table *table = &rc_heap_of(t->m->heap)->weak;
  gc_ref weak = gc_weak_first(table, object);
  for (; weak; weak = gc_weak_data(weak)->next)
    if (gc_is_ephemeron(weak))
      visit(t, weak);
}

/* Slots whose counts the holder alone decides about. */
GC_INLINE size_t own_slots(gc_ref object) {
  return gc_is_ephemeron(object) ? 0 : gc_slot_count(object);
}

GC_INLINE bool has_ephemerons(gc_ref object) {
  return (object->word & RC_IS_KEY) || gc_is_ephemeron(object);
}

static void value_lower(struct trial *t, gc_ref ephemeron) {
  if (!gc_ephemeron_is_lowered(ephemeron) &&
      child_lower(t, gc_slot_load_relaxed(ephemeron, GC_EPHEMERON_VALUE)))
    gc_ephemeron_lowered_set(ephemeron, true);
}

static void children_lower(struct trial *t, gc_ref object) {
  for (size_t i = 0, n = own_slots(object); i < n; i++)
    child_lower(t, gc_slot_load_relaxed(object, i));
  if (GC_UNLIKELY(has_ephemerons(object)))
    ephemerons_visit(t, object, value_lower);
}

static void value_restore(struct trial *t, gc_ref ephemeron) {
  (void)t;
  if (!gc_ephemeron_is_lowered(ephemeron))
    return;
  gc_slot_load_relaxed(ephemeron, GC_EPHEMERON_VALUE)->word += RC_ONE;
  gc_ephemeron_lowered_set(ephemeron, false);
}

/* Raises the counts that the first `done` touched objects lowered. */
static void undo(struct trial *t, size_t done) {
  for (size_t i = 0; i < done; i++) {
    gc_ref object = t->touched->items[i];
    for (size_t k = 0, n = own_slots(object); k < n; k++) {
      gc_ref child = gc_slot_load_relaxed(object, k);
      if (is_inside(child))
        child->word += RC_ONE;
    }
    if (has_ephemerons(object))
      ephemerons_visit(t, object, value_restore);
  }
  for (size_t i = 0; i < t->touched->count; i++)
    colour_set(t->touched->items[i], RC_SEEN);
}

/* False: gave up, nothing changed. */
static bool mark_grey(struct trial *t, const struct cycle_array *batch) {
  for (size_t i = 0; i < batch->count; i++) {
    prefetch_ahead(batch, i);
    touch(t, batch->items[i]);
  }
  for (size_t i = 0; i < t->touched->count; i++) {
    prefetch_ahead(t->touched, i + TRIAL_PREFETCH);
    if (i + TRIAL_PREFETCH < t->touched->count)
      prefetch_children(t->touched->items[i + TRIAL_PREFETCH]);
    children_lower(t, t->touched->items[i]);
    if (t->touched->count > t->patience || t->is_full) {
      undo(t, i + 1);
      return false;
    }
  }
  return true;
}

/* --- 2: black ------------------------------------------------------------- */

GC_INLINE void child_raise(struct trial *t, gc_ref child) {
  child->word += RC_ONE;
  if (!is_grey(child))
    return;
  colour_set(child, RC_SEEN);
  cycle_push(t->black, child);
  cycle_array_note(t->black);
}

static void value_raise(struct trial *t, gc_ref ephemeron) {
  if (!gc_ephemeron_is_lowered(ephemeron) || is_grey(ephemeron) ||
      is_grey(gc_weak_data(ephemeron)->target))
    return;
  gc_ephemeron_lowered_set(ephemeron, false);
  child_raise(t, gc_slot_load_relaxed(ephemeron, GC_EPHEMERON_VALUE));
}

static void blacken(struct trial *t, gc_ref alive) {
  gc_assert(is_grey(alive) && t->black->capacity >= t->touched->count);
  colour_set(alive, RC_SEEN);
  t->black->count = 0;
  cycle_push(t->black, alive);
  while (t->black->count > 0) {
    gc_ref object = t->black->items[--t->black->count];
    prefetch_children(object);
    for (size_t i = 0, n = own_slots(object); i < n; i++) {
      gc_ref child = gc_slot_load_relaxed(object, i);
      if (is_inside(child))
        child_raise(t, child);
    }
    if (GC_UNLIKELY(has_ephemerons(object)))
      ephemerons_visit(t, object, value_raise);
  }
}

/* Keeps only grey objects in the array. The counts of the others are final. */
static void keep_grey(struct cycle_array *array) {
  size_t kept = 0;
  for (size_t i = 0; i < array->count; i++) {
    prefetch_ahead(array, i);
    if (is_grey(array->items[i]))
      array->items[kept++] = array->items[i];
    else
      rc_settle_lowered(array->items[i]);
  }
  array->count = kept;
}

static void scan(struct trial *t) {
  for (size_t i = 0; i < t->touched->count; i++) {
    gc_ref object = t->touched->items[i];
    prefetch_ahead(t->touched, i);
    if (is_grey(object) && rc_count_of(object->word) > 0)
      blacken(t, object);
  }
}

/* --- 3: garbage ----------------------------------------------------------- */

static bool has_finalizer(gc_ref object) {
  return gc_type_is_special(object->type) &&
         gc_type_info(object->type)->desc.finalize != NULL;
}

/* The queue holds one count of each object. */
static size_t queue_finalizers(struct trial *t) {
  size_t queued = 0;
  if (!t->has_special)
    return 0;
  for (size_t i = 0; i < t->touched->count; i++) {
    gc_ref object = t->touched->items[i];
    if (!has_finalizer(object))
      continue;
    gc_assert(!rc_is_sticky(object->word));
    struct gc_finalizable *node = gc_finalizable_take(t->m->heap, object);
    if (node == NULL)
      continue;
    if (is_grey(object))
      blacken(t, object);
    object->word += RC_ONE;
    gc_finalizable_queue(t->m, node);
    queued++;
  }
  return queued;
}

static void clear_weak(struct trial *t) {
  if ((t->flags & RC_HAS_WEAK) == 0)
    return;
  for (size_t i = 0; i < t->touched->count; i++) {
    gc_ref object = t->touched->items[i];
    if ((object->word & RC_HAS_WEAK) == 0)
      continue;
    if (gc_is_weak(object)) /* an ephemeron, or a key of one */
      gc_weak_unbind(&rc_heap_of(t->m->heap)->weak, object);
    gc_rc_tables_leave(t->m, object);
  }
}

/* The trial did not lower the counts of leaves. Leaves that die here are freed
   at once. They hold no objects, so there is no cascade. */
static void drop_leaves(struct trial *t) {
  if (!t->has_leaves)
    return;
  for (size_t i = 0; i < t->touched->count; i++) {
    gc_ref object = t->touched->items[i];
    prefetch_ahead(t->touched, i);
    for (size_t k = 0, n = gc_slot_count(object); k < n; k++) {
      gc_ref child = gc_slot_load_relaxed(object, k);
      if (gc_is_object(child) && gc_type_is_leaf(child->type) &&
          !is_inside(child) && rc_let_go(t->m, child))
        gc_rc_release(t->m, child);
    }
  }
}

/* A candidate that waits for a later pass becomes a husk. */
static void free_all(struct trial *t) {
  for (size_t i = 0; i < t->touched->count; i++) {
    gc_ref object = t->touched->items[i];
    size_t bytes = gc_object_cell_size(object);
    prefetch_ahead(t->touched, i);
    gc_assert(is_grey(object) && rc_count_of(object->word) == 0);
    gc_count(t->m, objects_freed, 1);
    gc_count(t->m, bytes_freed, gc_memory_class(bytes));
    gc_count(t->m, cyclic_freed, 1);
    if (object->word & RC_BUFFERED)
      colour_set(object, RC_HUSK);
    else
      rc_cell_put(rc_of(t->m), gc_object_cell(object), bytes);
  }
}

/* All headers stay unchanged until the last step, because garbage objects are
   still asked whether they are leaves. */
static size_t garbage_free(struct trial *t) {
  clear_weak(t);
  drop_leaves(t);
  free_all(t);
  rc_of(t->m)->released += t->touched->count;
  return t->touched->count;
}

/* --- the batch ------------------------------------------------------------ */

/* The live candidates of the batch grow older by one. Called before anything is
   freed, because dead objects must not be read later. */
static void grow_older(const struct cycle_array *batch) {
  for (size_t i = 0; i < batch->count; i++) {
    gc_ref object = batch->items[i];
    uint32_t age = (uint32_t)cycle_age(object);
    gc_assert((object->word & RC_BUFFERED) == 0);
    if (!is_grey(object) && age < CYCLE_AGES - 1)
      object->word += 1 << RC_AGE_SHIFT;
  }
}

struct cycle_result gc_cycle_trial(gc_mutator *m, uint64_t patience) {
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  struct trial t = {.m = m,
                    .touched = &heap->touched,
                    .black = &heap->black,
                    .patience = patience};
  struct cycle_result result = {0};
  t.touched->count = 0;
  gc_assert_always(gc_world_is_stopped_by(m));
  gc_assert_always(cycle_array_is_valid(&heap->batch));
  bool is_done = mark_grey(&t, &heap->batch);
  cycle_array_note(t.touched);
  if (!is_done) {
    result.touched = t.touched->count;
    result.gave_up = true;
    gc_cycle_batch_keep(m);
    return result;
  }
  result.touched = t.touched->count;
  gc_assert(result.touched <= t.touched->capacity);
  gc_count(m, traced, result.touched);
  if (t.left > 0)
    scan(&t);
  grow_older(&heap->batch);
  if (t.left > 0)
    keep_grey(t.touched);
  result.finalizers = queue_finalizers(&t);
  if (result.finalizers > 0)
    keep_grey(t.touched);
  result.freed = garbage_free(&t);
  return result;
}
