/* SPDX-License-Identifier: MIT */
/* Ephemerons while the world is stopped: Note [Ephemerons] in ephemeron.c. */
#ifndef MARKING_EPHEMERON_H
#define MARKING_EPHEMERON_H

#include "collectors/shared/marking/marking.h"

/* A marker that has just reached a key or an ephemeron calls it while
   marking->resolves is true. */
void gc_ephemeron_resolve(struct marker *, gc_ref reached);
/* World stopped, marking done. If ephemerons are collected, begins another
   phase of marking with the values that are reachable, and returns true. */
bool gc_ephemerons_begin(struct marking *);
/* For the list of ephemerons: clears one whose key is dead. */
bool gc_ephemeron_stays(struct marking *, gc_ref ephemeron);

/* Slots that marking follows. */
GC_INLINE size_t mark_slots(struct marking *marking, gc_ref object) {
  if (GC_LIKELY(!gc_type_is_special(object->type)))
    return gc_type_plain_refs(object->type);
  if (gc_type_tail(object->type) != GC_NO_TAIL || !gc_is_ephemeron(object))
    return gc_slot_count(object);
  gc_ref key = gc_weak_data(object)->target;
  return key != NULL && blk_is_marked(marking->heap, key);
}

#endif
