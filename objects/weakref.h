/* SPDX-License-Identifier: MIT */
/* Weak references to instances whose class is GC_PY_WEAKLY, and, without
   callbacks, to closures and classes.

   Note [Watches]
   The weak references of the interface have no callbacks; the only functions
   that it calls for dead objects are finalizers. So an instance with a callback
   holds a watch, an object that has a finalizer and that only the instance
   holds. When the instance is freed, the watch dies, and its finalizer calls
   the callbacks. With reference counting this is after the instance's own
   finalizer. If both die in one cycle, either finalizer may run first; then the
   weak reference reads as dead from its callback on, even if the instance's
   finalizer resurrects it, as in CPython. A watch holds its weak references
   weakly, the newest first. The callback of a weak reference that died earlier
   is not called.

   A watch whose finalizer has begun is spent: it never calls callbacks again. A
   resurrected instance still holds its spent watch; the next weak reference
   replaces it. A weak reference that the instance's own finalizer creates
   before that is called back with the others.

   Each weak reference has a watcher in the list of its watch. The list is
   swept, which removes the watchers of dead weak references, when it has twice
   as many watchers as the last sweep left, plus WATCHERS_LEAST. So the list is
   never longer than that, and each addition costs about two steps of sweeping.
   Weak references that no collection has found dead count as alive. Watchers
   that are dead after the last addition are removed by gc_py_weakref_count, or
   die with the target. */
#ifndef GC_PY_WEAKREF_H
#define GC_PY_WEAKREF_H

#include "objects/instance.h"

GC_PUBLIC_BEGIN

enum { GC_PY_WEAKREF_WEAK, GC_PY_WEAKREF_CALLBACK, GC_PY_WEAKREF_SLOTS };
enum { GC_PY_WATCH_FIRST, GC_PY_WATCH_SLOTS }; /* the first watcher */
struct gc_py_watch {
  struct gc_py_home home; /* constant */
  /* Any thread, with the lock in weakref.c, as is the list of watchers: */
  size_t watchers;
  size_t most; /* the number of watchers at which the list is swept */
  bool is_spent;
};
/* The weak reference, held weakly, and the next watcher. */
enum { GC_PY_WATCHER_WEAK, GC_PY_WATCHER_NEXT, GC_PY_WATCHER_SLOTS };

/* Creates a weak reference. `callback` holds a closure, which is called with
   the weak reference as its argument, or is empty or NULL. GC_PY_WRONG_KIND:
   there can be no weak references to the target. */
enum gc_py_status gc_py_weakref(const struct gc_py *, gc_root *out,
                                const gc_root *target, const gc_root *callback);
/* Stores the target in *out and returns it. Once the target has died, empties
 *out and returns NULL. */
gc_ref gc_py_weakref_get(const struct gc_py *, gc_root *out, gc_ref weakref);
/* The number of weak references to this target that have a callback. */
size_t gc_py_weakref_count(const struct gc_py *, const gc_root *target);

/* The finalizer of watches. */
void gc_py_watch_finalize(gc_mutator *, const gc_root *self);

GC_PUBLIC_END

#endif
