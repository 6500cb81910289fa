/* SPDX-License-Identifier: MIT */
/* Root operations of collectors that do not count references: a plain store is
   all that they need. The collector.h of such a collector includes this file.
 */
#ifndef GC_UNCOUNTED_H
#define GC_UNCOUNTED_H

#include "heap/check.h"
#include "heap/mutator.h"

GC_PUBLIC_BEGIN

GC_INLINE void gc_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_check_root(m, root);
  gc_check_value(value);
  (void)m;
  gc_root_put(root, value);
}

GC_INLINE void gc_root_move(gc_mutator *m, gc_root *to, gc_root *from) {
  gc_ref value = gc_root_get(from);
  gc_check_root(m, to);
  gc_check_root(m, from);
  (void)m;
  gc_root_put(from, NULL);
  gc_root_put(to, value);
}

GC_INLINE void gc_root_clear(gc_mutator *m, gc_root *root) {
  gc_root_set(m, root, NULL);
}

GC_INLINE gc_ref gc_new(gc_mutator *, gc_root *out, gc_type);
GC_INLINE void gc_set(gc_mutator *, gc_ref object, size_t slot, gc_ref value);

/* The value needs no root until the next safepoint: nothing is freed before. */
GC_INLINE void gc_set_move(gc_mutator *m, gc_ref object, size_t slot,
                           gc_root *from) {
  gc_ref value = gc_root_get(from);
  gc_check_root(m, from);
  gc_root_put(from, NULL);
  gc_set(m, object, slot, value);
}

GC_INLINE gc_ref gc_new_with(gc_mutator *m, gc_root *out, gc_type type,
                             size_t first, const gc_root *values,
                             size_t count) {
  gc_check_new_with(m, out, type, first, values, count);
  gc_ref object = gc_new(m, out, type);
  if (GC_UNLIKELY(object == NULL))
    return NULL;
  for (size_t i = 0; i < count; i++)
    gc_set(m, object, first + i, gc_root_get(&values[i]));
  return object;
}

GC_INLINE void gc_global_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

GC_INLINE size_t gc_refcount(gc_ref object) {
  (void)object;
  return 0;
}

GC_INLINE void gc_scope_leave(const struct gc_scope *scope) {
  gc_scope_check(scope);
  scope->mutator->frames = scope->frame->prev;
}

GC_PUBLIC_END

#endif
