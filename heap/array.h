/* SPDX-License-Identifier: MIT */
/* Arrays that change their length. Part of the public interface. */
#ifndef GC_ARRAY_H
#define GC_ARRAY_H

#include <string.h>

#include "heap/mutator.h"

/* The rest of gc_array_resize: copies what fits to a new array. */
static inline gc_ref gc_array_copy(gc_mutator *m, gc_root *array,
                                   size_t length) {
  GC_FRAME(m, f, fresh);
  gc_type type = gc_type_of(gc_root_get(array));
  gc_ref fresh = gc_new_array(m, &f.fresh, type, length);
  if (fresh == NULL)
    return NULL;
  gc_ref old = gc_root_get(array);
  bool grows = gc_length(old) < length;
  for (size_t i = 0, n = gc_slot_count(grows ? old : fresh); i < n; i++)
    gc_set(m, fresh, i, gc_get(old, i));
  memcpy(gc_bytes(fresh), gc_bytes(old),
         gc_array_common_bytes(type, gc_length(grows ? old : fresh)));
  gc_root_move(m, array, &f.fresh);
  return gc_root_get(array);
}

/* Gives the array in this root of the mutator another length and returns it.
   The first elements and the fixed part keep their values; new elements are
   NULL or zero. Where an array of the new length takes the same cell, the array
   is changed in place, except by a collector that moves objects. Otherwise it
   is copied to a new array, the root gets the new one, and all other references
   still lead to the old one, which is unchanged. So no other reference to the
   array should exist, and no other thread may use it meanwhile. Returns NULL
   and changes nothing if there is no memory. A safepoint. */
static inline gc_ref gc_array_resize(gc_mutator *m, gc_root *array,
                                     size_t length) {
  gc_ref object = gc_root_get(array);
  gc_array_require(object);
  if (!gc_array_stays(object, length, gc_sizeof(object),
                      gc_size_for(gc_type_of(object), length)))
    return gc_array_copy(m, array, length);
  if (gc_type_tail(gc_type_of(object)) == GC_REF_TAIL &&
      length < gc_length(object)) {
    size_t end = gc_slot_count(object);
    for (size_t i = end - (gc_length(object) - length); i < end; i++)
      gc_set(m, object, i, NULL);
  }
  gc_array_relength(m, object, length);
  return object;
}

#endif
