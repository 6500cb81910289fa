/* SPDX-License-Identifier: MIT */
/* External memory: bytes outside the heap that objects keep alive, as the
   program says. They count as held, in the account of tables (heap/table.h).
   Which object holds how many is in a table. Collectors mark such objects, so
   that the death of others does not look there. */
#ifndef GC_EXTERNAL_H
#define GC_EXTERNAL_H

#include "heap/heap.h"

GC_INLINE void gc_external_require(gc_ref object) {
  gc_require(gc_is_object(object),
             "gc_external_add to NULL or an immediate: an object is required");
}

/* Has the object been given external memory, all of which may be gone? */
bool gc_external_has(gc_heap *, gc_ref object);
/* Adds bytes to the object. Returns false and changes nothing if the limit does
   not allow them, or if there is no memory for the table. */
bool gc_external_hold(gc_heap *, gc_ref object, size_t bytes);
/* The object has died: its external memory is gone. */
void gc_external_drop(gc_heap *, gc_ref object);
/* Called after every object has moved or died; `place` returns the new address,
   or NULL. World stopped. */
void gc_external_moved(gc_heap *, gc_ref (*place)(gc_ref, void *), void *data);
/* At the end of a heap. */
void gc_external_finish(gc_heap *);

GC_INLINE size_t gc_external_bytes(gc_heap *heap) {
  return atomic_load_explicit(&heap->external_bytes, memory_order_relaxed);
}

#endif
