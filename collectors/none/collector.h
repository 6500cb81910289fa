/* SPDX-License-Identifier: MIT */
/* The fast paths of `none`: bump allocation in memory that was faulted in
   before; it never frees. Its cost is the floor for all other collectors. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "heap/check.h"
#include "heap/mutator.h"
#include "heap/object.h"
#include "heap/uncounted.h"

GC_PUBLIC_BEGIN

/* The memory from `at` to `end` is zero and belongs to this mutator alone. */
struct none_mutator {
  gc_mutator base;
  char *at, *end;
};

gc_ref gc_none_new_slow(gc_mutator *, gc_root *out, gc_type);
gc_ref gc_none_new_array_slow(gc_mutator *, gc_root *out, gc_type,
                              size_t length);

enum { NONE_CELL = 8 }; /* cells begin at multiples of it */

GC_INLINE size_t gc_none_round(size_t cell_bytes) {
  return (cell_bytes + NONE_CELL - 1) / NONE_CELL * NONE_CELL;
}

GC_INLINE void gc_safepoint(gc_mutator *m) {
  if (gc_poll_is_set(m))
    gc_safepoint_slow(m);
}

GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  struct none_mutator *none = (struct none_mutator *)m;
  size_t size = gc_type_plain_size(type);
  gc_check_new(m, out, type);
  gc_safepoint(m);
  if (GC_UNLIKELY(gc_type_is_special(type) ||
                  size > (size_t)(none->end - none->at)))
    return gc_none_new_slow(m, out, type);
  gc_ref object = (gc_ref)none->at;
  none->at += size;
  object->type = type;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, size);
  gc_root_put(out, object);
  return object;
}

GC_INLINE gc_ref gc_new_array(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  gc_check_new_array(m, out, type);
  gc_safepoint(m);
  return gc_none_new_array_slow(m, out, type, length);
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_check_store(m, object, slot, value);
  gc_count(m, ref_stores, 1);
  (void)m;
  gc_slot_store(object, slot, value);
}

GC_INLINE bool gc_cas(gc_mutator *m, gc_ref object, size_t slot,
                      gc_ref expected, gc_ref desired) {
  gc_check_store(m, object, slot, desired);
  gc_count(m, ref_stores, 1);
  (void)m;
  return gc_slot_cas(object, slot, expected, desired);
}

GC_INLINE size_t gc_size_for(gc_type type, size_t length) {
  return gc_none_round(gc_cell_size(type, length));
}

GC_INLINE size_t gc_sizeof(gc_ref object) {
  return gc_none_round(gc_object_cell_size(object));
}

GC_INLINE int gc_generation_of(gc_ref object) {
  (void)object;
  return 0;
}

GC_PUBLIC_END

#endif
