/* SPDX-License-Identifier: MIT */
/* The inline half of a collector that stops the world and traces all objects.
   Nothing happens between collections, so stores need no barrier. The
   collector.h that includes this file defines gc_textbook_size. */
#ifndef TEXTBOOK_INLINE_H
#define TEXTBOOK_INLINE_H

#include "heap/check.h"
#include "heap/memory.h"
#include "heap/mutator.h"
#include "heap/object.h"
#include "heap/uncounted.h"

GC_PUBLIC_BEGIN

gc_ref gc_textbook_new(gc_mutator *, gc_root *out, gc_type, size_t length);

/* Bytes that the allocator uses for a cell of so many bytes. */
GC_INLINE size_t gc_textbook_size(size_t cell_bytes);

GC_INLINE size_t gc_size_for(gc_type type, size_t length) {
  return gc_textbook_size(gc_cell_size(type, length));
}

GC_INLINE size_t gc_sizeof(gc_ref object) {
  return gc_textbook_size(gc_object_cell_size(object));
}

GC_INLINE void gc_safepoint(gc_mutator *m) {
  if (gc_poll_is_set(m))
    gc_safepoint_slow(m);
}

GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  gc_check_root(m, out);
  gc_type_require_fixed(type);
  gc_safepoint(m);
  return gc_textbook_new(m, out, type, 0);
}

GC_INLINE gc_ref gc_new_array(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  gc_check_root(m, out);
  gc_type_require_array(type);
  gc_safepoint(m);
  return gc_textbook_new(m, out, type, length);
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

GC_INLINE int gc_generation_of(gc_ref object) {
  (void)object;
  return 0;
}

GC_PUBLIC_END

#endif
