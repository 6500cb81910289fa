/* SPDX-License-Identifier: MIT */
/* Weak references: the object itself, and for collectors that count the table
   that finds the weak references of a dying object.

   Note [Weak reads and death]
   A weak reference holds its target's address without a count. The target's
   count may reach zero at any moment on another thread. One lock per stripe
   of target addresses orders the two: a reader reads the address and tries to
   raise the count under the lock, and may raise it only from a value above
   zero; the dying object's thread takes the lock, clears all addresses, and
   only then gives the memory back. So a reader that finds an address finds
   memory that is still an object; if its count is zero already, the target is
   dead and the reader answers NULL.

   The table finds the first weak reference to a target; the others are linked
   to it both ways, so that one that dies is taken out in constant time, however
   many there are. The links of a bound weak reference are read and written
   under the stripe's lock; those of one whose target has died mean nothing.

   Tests: tests/stress/, "weak reads racing with death"; models/weak.pml. */
#ifndef GC_WEAK_H
#define GC_WEAK_H

#include <pthread.h>

#include "heap/object.h"
#include "heap/ptrmap.h"

/* The data of a weak reference. `target` is NULL once it has died. */
struct gc_weak {
  gc_ref target;
  /* Other weak references to the same target: made before, and after. */
  gc_ref next, prev;
};

GC_INLINE bool gc_is_weak(gc_ref object) {
  return gc_type_is_special(object->type) &&
         gc_type_info(object->type)->is_weak;
}

GC_INLINE void gc_weak_require(gc_ref target) {
  gc_require(target != NULL, "gc_weak_new of NULL: there is nothing to watch");
}

GC_INLINE void gc_weak_require_weak(gc_ref weak) {
  gc_require(weak != NULL && gc_is_weak(weak),
             "gc_weak_get of what is no weak reference: it takes what "
             "gc_weak_new has made");
}

GC_INLINE struct gc_weak *gc_weak_data(gc_ref weak) {
  return gc_bytes(weak);
}

enum { GC_WEAK_STRIPES = 64 };

struct gc_weak_stripe {
  pthread_mutex_t lock;
  struct gc_ptrmap targets; /* lock: target → first weak reference */
} __attribute__((aligned(64)));

struct gc_weak_table {
  gc_heap *heap; /* constant: it counts what the table takes */
  struct gc_weak_stripe stripes[GC_WEAK_STRIPES];
};

void gc_weak_table_init(struct gc_weak_table *, gc_heap *);
void gc_weak_table_finish(struct gc_weak_table *);
struct gc_weak_stripe *gc_weak_stripe_of(struct gc_weak_table *, gc_ref target);
/* Points a new weak reference at a target that the caller keeps alive.
   False: no memory, or the limit does not allow it; nothing changed. */
bool gc_weak_bind(struct gc_weak_table *, gc_ref weak, gc_ref target);
/* A weak reference dies before its target, or after. */
void gc_weak_unbind(struct gc_weak_table *, gc_ref weak);
/* The target dies: all that point at it read NULL from now on. */
void gc_weak_clear(struct gc_weak_table *, gc_ref target);

#endif
