/* SPDX-License-Identifier: MIT */
/* Weak references, ephemerons, objects with finalizers or external memory and
   immortal objects, in a list for each generation. So a collection reads only
   the lists of the generations that it collects.

   Note [Weak references and generations]
   A weak reference is made when its target exists, and both go up one
   generation at a time. So it is never older than its target, and a target
   that dies in a collection has all its weak references in the generations
   that are collected. */
#include "collectors/gen/ephemeron.h"

#include "heap/external.h"

static size_t watched_count(const struct gen_watched *watched) {
  size_t count = 0;
  for (int g = 0; g < 3; g++)
    count += watched->list[g].count;
  return count;
}

/* Reserves room for all watched objects in each list, so that moving an object
   to another list never fails. Before the call, each list has room for all
   objects but the new one, so twice its capacity is enough. */
static bool watched_reserve(struct gen_heap *heap, struct gen_watched *watched,
                            bool over_limit) {
  size_t count = watched_count(watched);
  for (int g = 0; g < 3; g++) {
    struct gen_refs *refs = &watched->list[g];
    if (!gc_gen_refs_reserve(heap, refs, count + 1 - refs->count, over_limit))
      return false;
  }
  return true;
}

/* Each list keeps room for all watched objects, as in watched_reserve. */
static void watched_trim(struct gen_heap *heap, struct gen_watched *watched) {
  size_t needed = watched_count(watched);
  for (int g = 0; g < 3; g++)
    gc_gen_refs_shrink(heap, &watched->list[g], needed);
}

static void list_add(struct gen_watched *watched, int generation, gc_ref ref) {
  struct gen_refs *refs = &watched->list[generation];
  gc_assert(generation >= 0 && generation < 3);
  gc_assert_always(refs->count < refs->capacity);
  refs->items[refs->count++] = ref;
}

/* Making an object immortal cannot fail, so its entry may exceed the limit. */
bool gc_gen_watch(struct gen_heap *heap, enum gen_watch kind, gc_ref object) {
  struct gen_watched *watched = &heap->watched[kind];
  pthread_mutex_lock(&heap->watch_lock);
  bool ok = watched_reserve(heap, watched, kind == GEN_IMMORTAL);
  if (ok && kind == GEN_EPHEMERON)
    ok = gc_gen_refs_reserve(heap, &heap->buckets, watched_count(watched) + 1,
                             false);
  if (ok)
    list_add(watched, gen_age(*gen_byte_of(heap, object)), object);
  pthread_mutex_unlock(&heap->watch_lock);
  return ok;
}

void gc_gen_watch_finish(struct gen_heap *heap) {
  for (int kind = 0; kind < GEN_WATCHES; kind++)
    for (int g = 0; g < 3; g++)
      gc_gen_refs_finish(heap, &heap->watched[kind].list[g]);
  gc_gen_refs_finish(heap, &heap->buckets);
}

size_t gc_gen_watch_bytes(const struct gen_heap *heap) {
  size_t items = heap->buckets.capacity;
  for (int kind = 0; kind < GEN_WATCHES; kind++)
    for (int g = 0; g < 3; g++)
      items += heap->watched[kind].list[g].capacity;
  return items * sizeof(gc_ref);
}

void gc_gen_watch_mark_immortal(struct gen_heap *heap,
                                struct gen_marker *marker) {
  for (int g = 0; g <= heap->generation; g++) {
    struct gen_refs *refs = &heap->watched[GEN_IMMORTAL].list[g];
    for (size_t i = 0; i < refs->count; i++)
      gc_gen_mark_root(marker, refs->items[i]);
  }
}

/* --- after marking -------------------------------------------------------- */

/* Moves each object for which `stays` returns true to the list of its new
   generation, and drops the others. `stays` must not mark anything. The oldest
   list is first, so that an object that has moved up is not met again. */
static void lists_renew(struct gen_heap *heap, enum gen_watch kind,
                        bool (*stays)(struct gen_heap *, gc_ref)) {
  struct gen_watched *watched = &heap->watched[kind];
  gc_assert_always(gc_world_is_stopped(&heap->base));
  for (int g = heap->generation; g >= 0; g--) {
    struct gen_refs *refs = &watched->list[g];
    size_t count = refs->count;
    gc_assert(count <= refs->capacity);
    refs->count = 0;
    for (size_t i = 0; i < count; i++)
      if (stays(heap, refs->items[i]))
        list_add(watched, gen_age(*gen_byte_of(heap, refs->items[i])),
                 refs->items[i]);
  }
}

static bool queue_if_dead(struct gen_heap *heap, gc_ref object) {
  if (gen_is_reached(heap, object))
    return true;
  struct gc_finalizable *node = gc_finalizable_take(&heap->base, object);
  if (node)
    gc_finalizable_queue(heap->base.stopper, node);
  return false;
}

/* All dead objects with finalizers are queued before any of them is marked, so
   that objects which only other queued objects reach are queued in the same
   collection.
 */
size_t gc_gen_watch_finalize(struct gen_heap *heap, gc_mutator *m) {
  struct gc_finalizable *last = m->finalize_last;
  gc_assert_always(m == heap->base.stopper);
  lists_renew(heap, GEN_FINALIZABLE, queue_if_dead);
  struct gc_finalizable *first = last ? last->next : m->finalize_first;
  size_t queued = 0;
  for (; first; first = first->next, queued++)
    gc_gen_mark_root(&heap->markers[0], first->self.ref);
  return queued;
}

static bool weak_stays(struct gen_heap *heap, gc_ref weak) {
  struct gc_weak *data = gc_weak_data(weak);
  if (!gen_is_reached(heap, weak) || data->target == NULL)
    return false;
  if (gen_is_reached(heap, data->target))
    return true;
  data->target = NULL;
  return false;
}

static bool external_stays(struct gen_heap *heap, gc_ref object) {
  bool stays = gen_is_reached(heap, object);
  if (!stays)
    gc_external_drop(&heap->base, object);
  return stays;
}

void gc_gen_watch_sweep(struct gen_heap *heap) {
  lists_renew(heap, GEN_WEAK, weak_stays);
  lists_renew(heap, GEN_EPHEMERON, gc_gen_ephemeron_stays);
  lists_renew(heap, GEN_EXTERNAL, external_stays);
  lists_renew(heap, GEN_IMMORTAL, gen_is_reached);
  for (int kind = 0; heap->generation == 2 && kind < GEN_WATCHES; kind++)
    watched_trim(heap, &heap->watched[kind]);
  if (heap->generation == 2)
    gc_gen_refs_shrink(heap, &heap->buckets,
                       watched_count(&heap->watched[GEN_EPHEMERON]));
}
