/* SPDX-License-Identifier: MIT */
/* The inline functions of `moving`. They have no fast paths, because this
   collector finds mistakes and need not be fast. Every safepoint takes the slow
   path, and every store calls a function that also writes the slot's shadow:
   Note [Moving everything].

   The word of an object's header is 0 or MOVING_IMMORTAL. In an object that has
   been copied, MOVING_GONE is set, too. The word is written with the heap's
   lock held, or while the world is stopped. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "heap/check.h"
#include "heap/mutator.h"
#include "heap/object.h"

GC_PUBLIC_BEGIN

enum { MOVING_IMMORTAL = 1, MOVING_GONE = 2 };

gc_ref gc_moving_new(gc_mutator *, gc_root *out, gc_type, size_t length);
void gc_moving_set(gc_mutator *, gc_ref object, size_t slot, gc_ref value);
bool gc_moving_cas(gc_mutator *, gc_ref object, size_t slot, gc_ref expected,
                   gc_ref desired);
/* The sentence about a GC_FRAME that was not left. */
extern const char gc_moving_jumped[];
/* Stops the program if the newest frame is of a function that has been left.
   Called at the depth of the program's function, with no other between. */
void gc_moving_expect_frames(const gc_mutator *);
/* Stops the program if the reference is not an object, or no longer one. `use`
   says in the report how it was used. */
void gc_moving_expect(gc_mutator *, gc_ref, const char *use);

GC_INLINE void gc_safepoint(gc_mutator *m) {
  gc_moving_expect_frames(m);
  gc_safepoint_slow(m);
}

GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  gc_check_root(m, out);
  gc_type_require_fixed(type);
  gc_safepoint(m);
  return gc_moving_new(m, out, type, 0);
}

GC_INLINE gc_ref gc_new_array(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  gc_check_root(m, out);
  gc_type_require_array(type);
  gc_safepoint(m);
  return gc_moving_new(m, out, type, length);
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_count(m, ref_stores, 1);
  gc_moving_set(m, object, slot, value);
}

GC_INLINE gc_ref gc_new_with(gc_mutator *m, gc_root *out, gc_type type,
                             size_t first, const gc_root *values,
                             size_t count) {
  gc_check_new_with(m, out, type, first, values, count);
  gc_ref object = gc_new(m, out, type);
  for (size_t i = 0; object != NULL && i < count; i++)
    gc_set(m, object, first + i, gc_root_get(&values[i]));
  return object;
}

GC_INLINE void gc_set_move(gc_mutator *m, gc_ref object, size_t slot,
                           gc_root *from) {
  gc_check_root(m, from);
  gc_set(m, object, slot, gc_root_get(from));
  gc_root_put(from, NULL);
}

GC_INLINE bool gc_cas(gc_mutator *m, gc_ref object, size_t slot,
                      gc_ref expected, gc_ref desired) {
  gc_count(m, ref_stores, 1);
  bool done = gc_moving_cas(m, object, slot, expected, desired);
  if (!done)
    gc_count(m, failed_cas, 1);
  return done;
}

GC_INLINE void gc_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_check_root(m, root);
  gc_moving_expect(m, value, "put in a root");
  gc_root_put(root, value);
}

GC_INLINE void gc_root_move(gc_mutator *m, gc_root *to, gc_root *from) {
  gc_ref value = gc_root_get(from);
  gc_check_root(m, from);
  gc_root_put(from, NULL);
  gc_root_set(m, to, value);
}

GC_INLINE void gc_root_clear(gc_mutator *m, gc_root *root) {
  gc_check_root(m, root);
  (void)m;
  gc_root_put(root, NULL);
}

GC_INLINE void gc_global_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

/* Scopes are left in the order in which they were entered, the last first. */
GC_INLINE void gc_scope_leave(const struct gc_scope *scope) {
  gc_require(scope->mutator->frames == scope->frame, gc_moving_jumped);
  scope->mutator->frames = scope->frame->prev;
}

GC_INLINE size_t gc_refcount(gc_ref object) {
  (void)object;
  return 0;
}

GC_INLINE size_t gc_size_for(gc_type type, size_t length) {
  return gc_cell_size(type, length);
}

GC_INLINE size_t gc_sizeof(gc_ref object) {
  return gc_object_cell_size(object);
}

GC_INLINE int gc_generation_of(gc_ref object) {
  (void)object;
  return 0;
}

GC_PUBLIC_END

#endif
