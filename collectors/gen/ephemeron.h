/* SPDX-License-Identifier: MIT */
/* Ephemerons while the world is stopped: Note [Ephemerons] in ephemeron.c. */
#ifndef GEN_EPHEMERON_H
#define GEN_EPHEMERON_H

#include "collectors/gen/gen.h"

/* A marker that has just reached a key or an ephemeron calls it while
   heap->resolves is true. */
void gc_gen_ephemeron_resolve(struct gen_marker *, gc_ref reached);
/* World stopped, marking done. If ephemerons are collected, begins another
   phase of marking with the values that are reachable, and returns true. */
bool gc_gen_ephemerons_begin(struct gen_heap *);
/* For the list of ephemerons: clears one whose key is dead. */
bool gc_gen_ephemeron_stays(struct gen_heap *, gc_ref ephemeron);

/* Is this known to be reached? Other markers may be running. */
GC_INLINE bool gen_is_marked(struct gen_heap *heap, gc_ref object) {
  uint8_t byte = __atomic_load_n(gen_byte_of(heap, object), __ATOMIC_RELAXED);
  uint8_t value = byte & GEN_VALUE_MASK;
  return value == heap->middle || value == heap->old;
}

/* Slots that marking follows. */
GC_INLINE size_t gen_marked_slots(struct gen_heap *heap, gc_ref object) {
  if (GC_LIKELY(!gc_type_is_special(object->type)))
    return gc_type_plain_refs(object->type);
  if (!gc_is_ephemeron(object))
    return gc_slot_count(object);
  gc_ref key = gc_weak_data(object)->target;
  return key != NULL && gen_is_marked(heap, key);
}

#endif
