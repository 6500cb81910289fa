/* SPDX-License-Identifier: MIT */
/* `moving`: copies all live objects to new addresses. Invariant: every root and
   slot holds an object of the space, or NULL. It is broken while objects are
   copied: roots and slots that have been visited hold copies, and the others
   still hold objects of the old space. Pinned objects are outside the space:
   Note [Pinned objects]. */
#include <stdlib.h>
#include <string.h>

#include "collectors/moving/moving.h"
#include "heap/external.h"
#include "heap/verify.h"
#include "heap/weak.h"

/* By default a move is due after one safepoint for each KiB that the last move
   copied, so that the cost of moving is proportional to the work of the
   program. After every MOVING_TIRES moves, the next moves wait one safepoint
   longer. So if few objects live, a move is made at each of the first hundreds
   of safepoints, and at some 22 times the root of n of the first n. */
enum { MOVING_PER_SAFEPOINT = 1024, MOVING_TIRES = 256 };

struct moving_old {
  struct moving_heap *heap;
  char *begin, *end; /* of the cells */
  char *scan;        /* the slots of copies before it have been visited */
  struct moving_outposts outposts; /* of the last move; some may be copied */
  size_t scanned; /* outposts of this move whose slots have been visited */
  /* Note [Moving ephemerons] */
  struct gc_ptrmap pending; /* key that was not copied → first ephemeron */
  gc_ref ready;             /* ephemerons whose value is to be moved */
};

static bool is_old(const struct moving_old *old, gc_ref object) {
  return ((char *)object >= old->begin && (char *)object < old->end) ||
         gc_moving_outposts_have(&old->outposts, object);
}

static bool is_gone(gc_ref object) {
  return object->word & MOVING_GONE;
}

static gc_ref new_place(gc_ref object) {
  gc_assert(is_gone(object));
  return (gc_ref)(uintptr_t)*moving_shadow(object);
}

gc_ref gc_moving_object_make(char *cell, gc_type type, size_t length) {
  gc_ref object = (gc_ref)(cell + gc_cell_prefix(type));
  if (gc_cell_prefix(type)) {
    *(size_t *)cell = length;
    *moving_shadow(cell) = moving_tally_of(cell);
  }
  object->type = type;
  *moving_shadow(object) = moving_seal_of(object);
  return object;
}

/* Note [Moving ephemerons]
   The copy of an ephemeron keeps the old addresses of key and value until its
   key has been copied. Until then it is `pending`, in a chain for its key. The
   copying of any object looks for this chain, and its ephemerons become
   `ready`. Each of them is moved once, so the time is linear in their number,
   whatever leads to their keys. Ephemerons that are still pending at the end
   have a dead key. Both lists use the field `next`. */
static void ephemeron_link(gc_ref ephemeron, gc_ref *list) {
  gc_weak_data(ephemeron)->next = *list;
  *list = ephemeron;
}

static void ephemeron_meet(struct moving_old *old, gc_ref moved) {
  gc_ref key = gc_weak_data(moved)->target;
  if (key == NULL)
    return;
  if (is_gone(key)) {
    ephemeron_link(moved, &old->ready);
    return;
  }
  void **first = gc_ptrmap_at(&old->pending, key);
  gc_assert_always(first != NULL); /* the system has no memory */
  gc_ref list = *first;
  ephemeron_link(moved, &list);
  *first = list;
}

static void key_meet(struct moving_old *old, gc_ref key) {
  gc_ref next, ephemeron = gc_ptrmap_remove(&old->pending, key);
  for (; ephemeron; ephemeron = next) {
    next = gc_weak_data(ephemeron)->next;
    ephemeron_link(ephemeron, &old->ready);
  }
}

/* The shadows of the copy's slots are written when it is scanned. */
static gc_ref copy(struct moving_heap *heap, gc_ref object) {
  size_t bytes = gc_sizeof(object);
  bool has_length = gc_cell_prefix(object->type) > 0;
  char *to = gc_moving_bump(heap, bytes);
  gc_assert_always(to != NULL); /* the system has no memory to move to */
  memcpy(to, gc_object_cell(object), bytes);
  gc_ref moved = gc_moving_object_make(to, object->type,
                                       has_length ? gc_length(object) : 0);
  gc_assert(gc_moving_is_object(heap, moved));
  return moved;
}

static gc_ref stay(struct moving_heap *heap, gc_ref object) {
  gc_moving_outposts_add(heap, object);
  return object;
}

static gc_ref place(struct moving_old *old, gc_ref object) {
  struct moving_heap *heap = old->heap;
  gc_assert(!is_gone(object) && gc_world_is_stopped(&heap->base));
  gc_ref moved = gc_is_pinned(&heap->base, object) ? stay(heap, object)
                                                   : copy(heap, object);
  heap->objects++;
  *moving_shadow(object) = (uintptr_t)moved;
  object->word |= MOVING_GONE;
  if (gc_is_ephemeron(moved))
    ephemeron_meet(old, moved);
  if (old->pending.count > 0)
    key_meet(old, object);
  return moved;
}

static gc_ref move(struct moving_old *old, gc_ref object, const char *use) {
  if (!gc_is_object(object))
    return object;
  if (!is_old(old, object))
    gc_moving_explain(old->heap, object, use);
  if (is_gone(object))
    return new_place(object);
  if (*moving_shadow(object) != moving_seal_of(object))
    gc_moving_explain(old->heap, object, use);
  return place(old, object);
}

/* A root may be visited twice: with all roots, and again with those of its
   mutator when finalizers have been queued. */
static void move_root(gc_root *root, void *data) {
  struct moving_old *old = data;
  gc_ref object = gc_root_get(root);
  if (!gc_moving_is_object(old->heap, object))
    gc_root_put(root, move(old, object, "in a root"));
}

static void move_slots(struct moving_old *old, gc_ref object) {
  if (gc_is_ephemeron(object))
    return;
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++) {
    gc_ref value = gc_slot_load_relaxed(object, i);
    gc_ref moved = move(old, value, "in a slot");
    gc_slot_store(object, i, moved);
    *moving_slot_shadow(object, i) = moving_shadow_of(moved);
  }
}

static void ephemeron_put(gc_ref ephemeron, gc_ref key, gc_ref value) {
  *gc_weak_data(ephemeron) = (struct gc_weak){.target = key};
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, value);
  *moving_slot_shadow(ephemeron, GC_EPHEMERON_VALUE) = moving_shadow_of(value);
}

static void move_value(struct moving_old *old) {
  gc_ref ephemeron = old->ready;
  old->ready = gc_weak_data(ephemeron)->next;
  gc_ref value = gc_slot_load_relaxed(ephemeron, GC_EPHEMERON_VALUE);
  gc_ref key = new_place(gc_weak_data(ephemeron)->target);
  ephemeron_put(ephemeron, key, move(old, value, "in an ephemeron"));
}

static void move_next(struct moving_old *old) {
  gc_ref object = moving_cell_object(old->scan);
  gc_assert(gc_moving_is_object(old->heap, object));
  move_slots(old, object);
  old->scan += gc_sizeof(object);
  gc_assert_always(old->scan <= atomic_load(&old->heap->at));
}

static bool has_outposts(const struct moving_old *old) {
  return old->scanned < old->heap->outposts.count;
}

static void move_reached(struct moving_old *old) {
  while (old->scan < atomic_load(&old->heap->at) || old->ready ||
         has_outposts(old))
    if (old->ready)
      move_value(old);
    else if (has_outposts(old))
      move_slots(old, old->heap->outposts.first[old->scanned++].object);
    else
      move_next(old);
}

static void move_immortal(struct moving_old *old) {
  for (size_t i = 0; i < old->heap->immortals; i++)
    move_root(&old->heap->immortal[i], old);
}

/* --- finalizers and weak references --------------------------------------- */

static bool is_dead(gc_ref object, void *unused) {
  (void)unused;
  return !is_gone(object);
}

static gc_ref finalizable_place(gc_ref object, void *unused) {
  (void)unused;
  return new_place(object);
}

/* First all dead objects with finalizers are queued, then they are moved with
   everything that they lead to. So each is finalized while it is intact. */
static void move_finalizable(struct moving_old *old, gc_mutator *m) {
  if (gc_finalizable_queue_dead(m, is_dead, NULL) > 0)
    gc_visit_mutator_roots(m, move_root, old);
  move_reached(old);
  gc_assert(old->scan == atomic_load(&old->heap->at));
  gc_finalizable_moved(m->heap, finalizable_place, NULL);
}

/* The copy of a weak reference still has the old target. It gets the copy of
   the target, or NULL if the target died. The list of weak references is made
   anew. */
static void move_weaks(const struct moving_old *old) {
  struct moving_heap *heap = old->heap;
  gc_ref weak = heap->weaks;
  heap->weaks = NULL;
  while (weak != NULL) {
    gc_assert_always(is_old(old, weak) && gc_is_weak(weak));
    const struct gc_weak *data = gc_weak_data(weak);
    gc_assert(data->target != NULL && is_old(old, data->target));
    gc_ref next = data->next, target = data->target;
    if (is_gone(weak)) {
      gc_ref moved = new_place(weak);
      bool lives = is_gone(target);
      *gc_weak_data(moved) =
          (struct gc_weak){.target = lives ? new_place(target) : NULL,
                           .next = lives ? heap->weaks : NULL};
      if (lives)
        heap->weaks = moved;
    }
    weak = next;
  }
}

/* Called after finalizers, as move_weaks is. */
static void clear_pending(struct moving_old *old) {
  gc_assert(old->ready == NULL);
  for (size_t i = 0; i < old->pending.capacity; i++) {
    gc_ref next, ephemeron = old->pending.entries[i].value;
    for (; ephemeron; ephemeron = next) {
      next = gc_weak_data(ephemeron)->next;
      ephemeron_put(ephemeron, NULL, NULL);
    }
  }
  gc_ptrmap_finish(&old->pending);
}

static gc_ref place_or_none(gc_ref object, void *unused) {
  (void)unused;
  return is_gone(object) ? new_place(object) : NULL;
}

/* --- pinned objects, Note [Pinned objects] -------------------------------- */

static bool has_not_stayed(gc_ref object, void *unused) {
  (void)unused;
  return !is_gone(object) || new_place(object) != object;
}

/* Called when nothing more is moved. */
static void outposts_settle(struct moving_heap *heap) {
  struct moving_outposts *outposts = &heap->outposts;
  gc_pins_forget(&heap->base, has_not_stayed, NULL);
  for (size_t i = 0; i < outposts->count; i++) {
    gc_ref object = outposts->first[i].object;
    *moving_shadow(object) = moving_seal_of(object);
    object->word &= ~(uint32_t)MOVING_GONE;
  }
  gc_moving_outposts_sort(outposts);
}

/* The pages of those that are outposts no longer. */
static void outposts_leave(const struct moving_old *old) {
  for (size_t i = 0; i < old->outposts.count; i++) {
    const struct moving_outpost *out = &old->outposts.first[i];
    gc_moving_pieces(&old->heap->outposts, out->begin, out->end,
                     gc_moving_pages_drop);
  }
  free(old->outposts.first);
}

/* --- a move --------------------------------------------------------------- */

void gc_moving_due_renew(struct moving_heap *heap) {
  size_t objects = atomic_load(&heap->held), limit = heap->base.limit;
  size_t held = objects + atomic_load(&heap->base.tables);
  size_t growth = held > MOVING_KEPT ? held : MOVING_KEPT;
  heap->due = heap->every;
  if (heap->every == 0)
    heap->due = 1 + objects / MOVING_PER_SAFEPOINT + heap->moves / MOVING_TIRES;
  size_t left = held < limit ? limit - held : 0;
  heap->threshold = growth < left ? held + growth : limit;
  gc_assert(heap->threshold <= limit);
  atomic_store(&heap->passed, 0);
}

static void move_all(gc_mutator *m, struct moving_old *old) {
  uint64_t begun = gc_phase_begin();
  gc_visit_roots(m->heap, move_root, old);
  move_immortal(old);
  gc_phase_end(m->heap, GC_PHASE_ROOTS, begun);
  begun = gc_phase_begin();
  move_reached(old);
  move_finalizable(old, m);
  gc_phase_end(m->heap, GC_PHASE_MARK, begun);
}

size_t gc_moving_move(gc_mutator *m) {
  struct moving_heap *heap = moving_of(m->heap);
  size_t objects = heap->objects;
  gc_assert_always(gc_world_is_stopped_by(m));
  if (gc_moving_check(heap) > 0)
    gc_abort();
  gc_assert(atomic_load(&heap->held) ==
            (size_t)(atomic_load(&heap->at) - heap->begin) +
                heap->outposts.bytes);
  struct moving_old old = {.heap = heap,
                           .begin = heap->begin,
                           .end = atomic_load(&heap->at),
                           .outposts = heap->outposts};
  struct moving_past past = gc_moving_space_begin(heap);
  heap->outposts = (struct moving_outposts){0};
  atomic_store(&heap->held, 0);
  old.scan = heap->begin;
  move_all(m, &old);
  uint64_t begun = gc_phase_begin();
  move_weaks(&old);
  clear_pending(&old);
  gc_external_moved(&heap->base, place_or_none, NULL);
  gc_assert_always(heap->objects <= objects);
  outposts_settle(heap);
  gc_moving_space_end(heap, past);
  outposts_leave(&old);
  gc_moving_due_renew(heap);
  gc_phase_end(m->heap, GC_PHASE_SWEEP, begun);
  m->heap->pause.generation = 0;
  m->heap->pause.objects_marked += heap->objects;
  m->heap->pause.objects_freed += objects - heap->objects;
  gc_verify_after_collection(m);
  return objects - heap->objects;
}
