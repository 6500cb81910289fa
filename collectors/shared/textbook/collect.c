/* SPDX-License-Identifier: MIT */
/* A collection, as every tracing collector makes it. The order of its steps is
   what matters. First everything is reached from the roots. Then all dead
   objects that have a finalizer are queued, and become roots: finalizers find
   their objects intact. Only then are weak references cleared, and the rest is
   freed. Any other order gives a finalizer a broken object, or leaves a weak
   reference to freed memory. */
#include <stdio.h>
#include <stdlib.h>

#include "collectors/shared/textbook/textbook.h"
#include "heap/external.h"
#include "heap/weak.h"

/* Without a minimum, a small heap would be collected all the time. With
   `shrink` it should be. */
enum { LEAST_GROWTH = 4 << 20, SHRUNK_GROWTH = 64 << 10 };

static gc_ref reach(struct textbook *heap, gc_ref value) {
  return gc_is_object(value) ? gc_textbook_reach(heap, value) : value;
}

static gc_ref survivor(struct textbook *heap, gc_ref value) {
  return gc_is_object(value) ? gc_textbook_survivor(value, heap) : value;
}

bool gc_textbook_is_dead(gc_ref object, void *heap) {
  return gc_textbook_survivor(object, heap) == NULL;
}

static void root_reach(gc_root *root, void *heap) {
  gc_root_put(root, reach(heap, gc_root_get(root)));
}

static void roots_reach(struct textbook *heap) {
  gc_visit_roots(&heap->base, root_reach, heap);
  for (struct textbook_immortal *i = heap->immortals; i; i = i->next)
    root_reach(&i->object, heap);
}

void gc_textbook_scan(struct textbook *heap, gc_ref object) {
  gc_assert(!gc_textbook_is_dead(object, heap));
  if (gc_is_ephemeron(object))
    return;
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++)
    gc_slot_store(object, i, reach(heap, gc_slot_load_relaxed(object, i)));
}

/* --- ephemerons ----------------------------------------------------------- */

/* Reaches the value if the ephemeron and its key have been reached. False:
   there was nothing to do. */
static bool value_reach(struct textbook *heap, gc_ref weak) {
  if (!gc_is_ephemeron(weak) || !survivor(heap, weak) ||
      !survivor(heap, gc_weak_data(weak)->target))
    return false;
  gc_ref value = gc_slot_load_relaxed(weak, GC_EPHEMERON_VALUE);
  if (survivor(heap, value))
    return false;
  reach(heap, value);
  gc_textbook_drain(heap);
  return true;
}

/* Turns the list round. */
static bool values_reach(struct textbook *heap) {
  bool any = false;
  gc_ref next, weak = heap->weaks;
  heap->weaks = NULL;
  for (; weak; weak = next) {
    weak = survivor(heap, weak) ?: weak;
    any |= value_reach(heap, weak);
    next = gc_weak_data(weak)->next;
    gc_weak_data(weak)->next = heap->weaks;
    heap->weaks = weak;
  }
  return any;
}

/* A value may lead to further keys, so the list is read again, forwards and
   backwards, until nothing more is found. Of a chain, in which each value leads
   to the next key, one of the two finds all, if it was made from one end to the
   other. A chain that was made in random order may take as many turns as it has
   ephemerons: `gen` does better. */
static void all_reach(struct textbook *heap) {
  bool any = true;
  gc_textbook_drain(heap);
  while (any) {
    any = values_reach(heap);
    any |= values_reach(heap);
  }
}

/* The addresses in a weak reference are still the old ones. */
static void weak_renew(struct textbook *heap, gc_ref weak) {
  struct gc_weak *data = gc_weak_data(weak);
  gc_assert(data->target != NULL);
  data->target = survivor(heap, data->target);
  if (gc_is_ephemeron(weak)) {
    gc_ref value = gc_slot_load_relaxed(weak, GC_EPHEMERON_VALUE);
    gc_slot_store(weak, GC_EPHEMERON_VALUE,
                  data->target ? survivor(heap, value) : NULL);
  }
}

/* Those that live and still have a target stay in the list. */
static void weaks_renew(struct textbook *heap) {
  gc_ref *link = &heap->weaks;
  for (gc_ref next, weak = heap->weaks; weak; weak = next) {
    gc_ref now = survivor(heap, weak);
    next = gc_weak_data(now ? now : weak)->next;
    if (now == NULL)
      continue;
    weak_renew(heap, now);
    if (gc_weak_data(now)->target == NULL)
      continue;
    *link = now;
    link = &gc_weak_data(now)->next;
  }
  *link = NULL;
}

/* Tables in which addresses are keys. */
static void tables_renew(struct textbook *heap) {
  gc_finalizable_moved(&heap->base, gc_textbook_survivor, heap);
  gc_external_moved(&heap->base, gc_textbook_survivor, heap);
  gc_pins_forget(&heap->base, gc_textbook_is_dead, heap);
}

/* --- a collection --------------------------------------------------------- */

static void threshold_renew(struct textbook *heap) {
  size_t own = atomic_load(&heap->held), limit = heap->base.limit;
  size_t held = own + atomic_load(&heap->base.tables);
  size_t left = held < limit ? limit - held : 0;
  size_t least = heap->base.shrink ? SHRUNK_GROWTH : LEAST_GROWTH;
  size_t growth = own / 100 * heap->growth;
  if (growth < least)
    growth = least;
  heap->threshold = growth < left ? held + growth : limit;
  gc_assert(heap->threshold <= limit);
}

size_t gc_textbook_stopped_collect(gc_mutator *m) {
  struct textbook *heap = (struct textbook *)m->heap;
  gc_assert_always(gc_world_is_stopped_by(m));
  uint64_t begun = gc_phase_begin();
  gc_textbook_begin(heap);
  roots_reach(heap);
  gc_phase_end(m->heap, GC_PHASE_ROOTS, begun);
  begun = gc_phase_begin();
  all_reach(heap);
  if (gc_finalizable_queue_dead(m, gc_textbook_is_dead, heap) > 0) {
    gc_visit_mutator_roots(m, root_reach, heap);
    all_reach(heap);
  }
  gc_phase_end(m->heap, GC_PHASE_MARK, begun);
  begun = gc_phase_begin();
  weaks_renew(heap);
  if (gc_collector.moves)
    tables_renew(heap);
  size_t dead = gc_textbook_end(heap);
  threshold_renew(heap);
  gc_phase_end(m->heap, GC_PHASE_SWEEP, begun);
  m->heap->pause.generation = 0;
  m->heap->pause.objects_freed += dead;
  gc_verify_after_collection(m);
  return dead;
}

size_t gc_textbook_collect(gc_mutator *m, int generation, const char *cause) {
  gc_assert(generation == 0); /* there is one */
  (void)generation;
  gc_world_stop(m, "full", cause);
  size_t dead = gc_textbook_stopped_collect(m);
  gc_world_resume(m);
  return dead;
}

void gc_textbook_stress(gc_mutator *m) {
  gc_textbook_collect(m, 0, "stress");
}

const char *gc_textbook_verify_object(gc_heap *heap, gc_ref object,
                                      size_t found, bool all) {
  (void)heap;
  (void)found;
  (void)all;
  bool is_defined = gc_type_info(object->type)->type == object->type;
  return is_defined ? NULL : "its type is not defined";
}

size_t gc_textbook_verify_rest(gc_mutator *m) {
  struct textbook *heap = (struct textbook *)m->heap;
  if (gc_textbook_bytes(heap) == atomic_load(&heap->held))
    return 0;
  fputs("sweepstakes: verifier: the account of bytes is wrong\n", stderr);
  return 1;
}

/* --- life cycle ----------------------------------------------------------- */

const struct gc_tuning_key gc_textbook_tuning[] = {
    {"growth", 100, 1, 10000,
     "collect when the heap has grown by this many percent"},
    {0},
};

int gc_textbook_init(gc_heap *base, const char *tuning) {
  struct textbook *heap = (struct textbook *)base;
  pthread_mutex_init(&heap->lock, NULL);
  pthread_mutex_init(&heap->account_lock, NULL);
  heap->growth = gc_tuning_get(tuning, "growth");
  threshold_renew(heap);
  return 0;
}

void gc_textbook_finish(gc_heap *base) {
  struct textbook *heap = (struct textbook *)base;
  for (struct textbook_immortal *next, *i = heap->immortals; i; i = next) {
    next = i->next;
    free(i);
  }
  pthread_mutex_destroy(&heap->account_lock);
  pthread_mutex_destroy(&heap->lock);
}

int gc_textbook_mutator_init(gc_mutator *m) {
  (void)m;
  return 0;
}

void gc_textbook_mutator_finish(gc_mutator *m) {
  (void)m;
}
