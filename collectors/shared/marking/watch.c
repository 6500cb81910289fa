/* SPDX-License-Identifier: MIT */
/* Weak references, ephemerons, objects with finalizers or external memory and
   immortal objects, in a list for each generation. So a collection reads only
   the lists of the generations that it collects.

   Note [Weak references and generations]
   A weak reference is made when its target exists, and both go up one
   generation at a time. So it is never older than its target, and a target
   that dies in a collection has all its weak references in the generations
   that are collected. */
#include "collectors/shared/marking/ephemeron.h"

#include "heap/external.h"

static size_t watched_count(const struct watch_lists *watched) {
  size_t count = 0;
  for (int g = 0; g < 3; g++)
    count += watched->list[g].count;
  return count;
}

/* Reserves room for all watched objects in each list, so that moving an object
   to another list never fails. Before the call, each list has room for all
   objects but the new one, so twice its capacity is enough. */
static bool watched_reserve(struct marking *marking,
                            struct watch_lists *watched, bool over_limit) {
  size_t count = watched_count(watched);
  for (int g = 0; g < 3; g++) {
    struct blk_refs *refs = &watched->list[g];
    if (!gc_blk_refs_reserve(marking->heap, refs, count + 1 - refs->count,
                             over_limit))
      return false;
  }
  return true;
}

/* Each list keeps room for all watched objects, as in watched_reserve. */
static void watched_trim(struct marking *marking, struct watch_lists *watched) {
  size_t needed = watched_count(watched);
  for (int g = 0; g < 3; g++)
    gc_blk_refs_shrink(marking->heap, &watched->list[g], needed);
}

static void list_add(struct watch_lists *watched, int generation, gc_ref ref) {
  struct blk_refs *refs = &watched->list[generation];
  gc_assert(generation >= 0 && generation < 3);
  gc_assert_always(refs->count < refs->capacity);
  refs->items[refs->count++] = ref;
}

/* Making an object immortal cannot fail, so its entry may exceed the limit. */
bool gc_watch(struct marking *marking, enum watch_kind kind, gc_ref object) {
  struct watch_lists *watched = &marking->watched[kind];
  pthread_mutex_lock(&marking->watch_lock);
  bool ok = watched_reserve(marking, watched, kind == WATCH_IMMORTAL);
  if (ok && kind == WATCH_EPHEMERON)
    ok = gc_blk_refs_reserve(marking->heap, &marking->buckets,
                             watched_count(watched) + 1, false);
  if (ok)
    list_add(watched, blk_age_of(marking->heap, object), object);
  pthread_mutex_unlock(&marking->watch_lock);
  return ok;
}

void gc_watch_init(struct marking *marking) {
  pthread_mutex_init(&marking->watch_lock, NULL);
  for (int i = 0; i < MARK_BUCKET_LOCKS; i++)
    pthread_mutex_init(&marking->bucket_locks[i], NULL);
}

void gc_watch_finish(struct marking *marking) {
  for (int kind = 0; kind < WATCHES; kind++)
    for (int g = 0; g < 3; g++)
      gc_blk_refs_finish(marking->heap, &marking->watched[kind].list[g]);
  gc_blk_refs_finish(marking->heap, &marking->buckets);
  for (int i = 0; i < MARK_BUCKET_LOCKS; i++)
    pthread_mutex_destroy(&marking->bucket_locks[i]);
  pthread_mutex_destroy(&marking->watch_lock);
}

size_t gc_watch_bytes(const struct marking *marking) {
  size_t items = marking->buckets.capacity;
  for (int kind = 0; kind < WATCHES; kind++)
    for (int g = 0; g < 3; g++)
      items += marking->watched[kind].list[g].capacity;
  return items * sizeof(gc_ref);
}

void gc_watch_mark_immortal(struct marking *marking, struct marker *marker) {
  for (int g = 0; g <= marking->heap->generation; g++) {
    struct blk_refs *refs = &marking->watched[WATCH_IMMORTAL].list[g];
    for (size_t i = 0; i < refs->count; i++)
      gc_mark_root(marker, refs->items[i]);
  }
}

/* --- after marking -------------------------------------------------------- */

/* Moves each object for which `stays` returns true to the list of its new
   generation, and drops the others. `stays` must not mark anything. The oldest
   list is first, so that an object that has moved up is not met again. */
static void lists_renew(struct marking *marking, enum watch_kind kind,
                        bool (*stays)(struct marking *, gc_ref)) {
  struct watch_lists *watched = &marking->watched[kind];
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  for (int g = marking->heap->generation; g >= 0; g--) {
    struct blk_refs *refs = &watched->list[g];
    size_t count = refs->count;
    gc_assert(count <= refs->capacity);
    refs->count = 0;
    for (size_t i = 0; i < count; i++)
      if (stays(marking, refs->items[i]))
        list_add(watched, blk_age_of(marking->heap, refs->items[i]),
                 refs->items[i]);
  }
}

static bool queue_if_dead(struct marking *marking, gc_ref object) {
  if (blk_is_reached(marking->heap, object))
    return true;
  struct gc_finalizable *node =
      gc_finalizable_take(&marking->heap->base, object);
  if (node)
    gc_finalizable_queue(marking->heap->base.stopper, node);
  return false;
}

/* All dead objects with finalizers are queued before any of them is marked, so
   that objects which only other queued objects reach are queued in the same
   collection.
 */
size_t gc_watch_finalize(struct marking *marking, gc_mutator *m) {
  struct gc_finalizable *last = m->finalize_last;
  gc_assert_always(m == marking->heap->base.stopper);
  lists_renew(marking, WATCH_FINALIZABLE, queue_if_dead);
  struct gc_finalizable *first = last ? last->next : m->finalize_first;
  size_t queued = 0;
  for (; first; first = first->next, queued++)
    gc_mark_root(&marking->markers[0], first->self.ref);
  return queued;
}

static bool weak_stays(struct marking *marking, gc_ref weak) {
  struct gc_weak *data = gc_weak_data(weak);
  if (!blk_is_reached(marking->heap, weak) || data->target == NULL)
    return false;
  if (blk_is_reached(marking->heap, data->target))
    return true;
  data->target = NULL;
  return false;
}

static bool external_stays(struct marking *marking, gc_ref object) {
  bool stays = blk_is_reached(marking->heap, object);
  if (!stays)
    gc_external_drop(&marking->heap->base, object);
  return stays;
}

static bool immortal_stays(struct marking *marking, gc_ref object) {
  return blk_is_reached(marking->heap, object);
}

void gc_watch_sweep(struct marking *marking) {
  lists_renew(marking, WATCH_WEAK, weak_stays);
  lists_renew(marking, WATCH_EPHEMERON, gc_ephemeron_stays);
  lists_renew(marking, WATCH_EXTERNAL, external_stays);
  lists_renew(marking, WATCH_IMMORTAL, immortal_stays);
  for (int kind = 0; marking->heap->generation == 2 && kind < WATCHES; kind++)
    watched_trim(marking, &marking->watched[kind]);
  if (marking->heap->generation == 2)
    gc_blk_refs_shrink(marking->heap, &marking->buckets,
                       watched_count(&marking->watched[WATCH_EPHEMERON]));
}
