/* SPDX-License-Identifier: MIT */
/* Weak references and ephemerons: the layout of the objects, and the table in
   which collectors find the weak references of a dying object and the
   ephemerons of a key.

   An ephemeron is a weak reference to its key that has one slot, for its value.
   Key and value are stored when it is created. Later they change once, when the
   key dies: then both become NULL. A collector does not follow the slot like
   others: the value is reachable through it only if both the ephemeron and the
   key are (Hayes, "Ephemerons: a new finalization mechanism", OOPSLA 1997).

   Note [Weak reads and death]
   A weak reference holds its target's address without a count. The target's
   count may reach zero at any moment on another thread. Target addresses are
   divided into stripes, and the lock of the stripe orders the two threads. The
   reader, under the lock, reads the address and raises the count, but only from
   a value above zero. The thread on which the target dies takes the lock,
   clears all addresses, and frees the memory only after that. So an address
   that a reader finds is that of an object which has not been freed. If its
   count is zero, the target is dead and the reader returns NULL.

   The table maps a target to its first weak reference. The others follow in a
   doubly linked list, so that a dying weak reference is removed in constant
   time. The links of a bound weak reference are read and written under the
   stripe's lock. Once the target has died, the links mean nothing.

   Tests: tests/stress/, "weak reads racing with death"; models/weak.pml. */
#ifndef GC_WEAK_H
#define GC_WEAK_H

#include <pthread.h>

#include "heap/object.h"
#include "heap/ptrmap.h"

/* The data of a weak reference. `target` is NULL once the target has died. */
struct gc_weak {
  gc_ref target;
  /* Other weak references to the same target: the next older, next newer. */
  gc_ref next, prev;
};

/* The data of an ephemeron; its value is in the slot. */
struct gc_ephemeron {
  struct gc_weak key;
  bool is_lowered; /* rc-cycle, world stopped: Note [Ephemerons in a trial] */
};
enum { GC_EPHEMERON_VALUE = 0 }; /* the slot */

/* An ephemeron is one, too. */
GC_INLINE bool gc_is_weak(gc_ref object) {
  return gc_type_is_special(object->type) &&
         gc_type_info(object->type)->is_weak;
}

GC_INLINE bool gc_is_ephemeron(gc_ref object) {
  return gc_type_is_special(object->type) &&
         gc_type_info(object->type)->is_ephemeron;
}

GC_INLINE void gc_weak_require(gc_ref target) {
  gc_require(gc_is_object(target),
             "gc_weak_new of NULL or an immediate: a target is required");
}

GC_INLINE void gc_weak_require_weak(gc_ref weak) {
  gc_require(gc_is_object(weak) && gc_is_weak(weak),
             "gc_weak_get of what is no weak reference: it takes what "
             "gc_weak_new has made");
}

GC_INLINE void gc_ephemeron_require(gc_ref key, gc_ref value) {
  gc_require(gc_is_object(key),
             "gc_ephemeron_new of NULL or an immediate as key: a key is "
             "required");
  gc_require(value != NULL,
             "gc_ephemeron_new without a value: a value is required");
}

GC_INLINE void gc_ephemeron_require_ephemeron(gc_ref ephemeron) {
  gc_require(gc_is_object(ephemeron) && gc_is_ephemeron(ephemeron),
             "gc_ephemeron_get of what is no ephemeron: it takes what "
             "gc_ephemeron_new has made");
}

GC_INLINE struct gc_weak *gc_weak_data(gc_ref weak) {
  return gc_bytes(weak);
}

/* Where the key cannot die meanwhile: the value; NULL if the key has died. */
GC_INLINE gc_ref gc_ephemeron_value(gc_ref ephemeron) {
  return gc_weak_data(ephemeron)->target
             ? gc_slot_load(ephemeron, GC_EPHEMERON_VALUE)
             : NULL;
}

enum { GC_WEAK_STRIPES = 64 };

struct gc_weak_stripe {
  pthread_mutex_t lock;
  struct gc_ptrmap targets; /* lock: target → first weak reference */
} __attribute__((aligned(64)));

struct gc_weak_table {
  gc_heap *heap; /* constant: the heap that the table's memory counts for */
  struct gc_weak_stripe stripes[GC_WEAK_STRIPES];
};

void gc_weak_table_init(struct gc_weak_table *, gc_heap *);
void gc_weak_table_finish(struct gc_weak_table *);
struct gc_weak_stripe *gc_weak_stripe_of(struct gc_weak_table *, gc_ref target);
/* Points a new weak reference at a target that the caller keeps alive. Returns
   false and changes nothing if there is no memory or the limit does not allow
   it. */
bool gc_weak_bind(struct gc_weak_table *, gc_ref weak, gc_ref target);
/* Removes a dying weak reference from the table, if it is still there. */
void gc_weak_unbind(struct gc_weak_table *, gc_ref weak);
/* The target dies: its weak references read NULL from now on. With the stripe's
   lock held, calls `cleared` for each of its ephemerons, before the address of
   the key is overwritten. */
void gc_weak_clear(struct gc_weak_table *, gc_ref target,
                   void (*cleared)(gc_ref ephemeron, void *), void *data);
/* The first weak reference to the target, or NULL; gc_weak_data(weak)->next is
   the one after it. The stripe's lock is held, or the world is stopped and
   nobody else changes the table. */
gc_ref gc_weak_first(struct gc_weak_table *, gc_ref target);

#endif
