/* SPDX-License-Identifier: MIT */
/* Weak references to instances whose class is GC_PY_WEAKLY, and to closures
   and classes where no callback is asked for.

   Note [Watches]
   The interface's weak references have no callbacks; finalizers are what it
   calls when something dies. So an instance that has a callback on it holds a
   watch, an object that nobody else holds and that has a finalizer: when the
   instance is gone the watch dies, and its finalizer calls back. That is after
   the instance's own finalizer where death is by count, and in either order
   where both die in one cycle: then the weak reference reads dead from its
   callback on, even if the finalizer brings the instance back, as in CPython.
   A watch knows its weak references weakly, the newest first; one that died
   before is not called back.

   A watch whose finalizer has begun is spent: it never calls back again. An
   instance that was brought back still holds it, and the next weak reference
   puts a fresh one in its place. One that is made between, by the instance's
   own finalizer, is called back with the others.

   Each weak reference has a watcher in the list of its watch. When that list
   is twice as long as what lived when it was last looked through, the watchers
   of dead weak references are taken out: so there are never more than twice as
   many as lived then, and a few, and each newcomer costs the looks of two. Weak
   references that no collection has found dead count as living. What is dead
   after the last newcomer is taken out by gc_py_weakref_count, or goes with the
   target. */
#ifndef GC_PY_WEAKREF_H
#define GC_PY_WEAKREF_H

#include "objects/instance.h"

enum { GC_PY_WEAKREF_WEAK, GC_PY_WEAKREF_CALLBACK, GC_PY_WEAKREF_SLOTS };
enum { GC_PY_WATCH_FIRST, GC_PY_WATCH_SLOTS }; /* the first watcher */
struct gc_py_watch {
  struct gc_py_home home; /* constant */
  /* Any thread, with the lock in weakref.c, as the list of watchers: */
  size_t watchers;
  size_t most; /* watchers before they are looked through */
  bool is_spent;
};
/* The weak reference, held weakly, and the next watcher. */
enum { GC_PY_WATCHER_WEAK, GC_PY_WATCHER_NEXT, GC_PY_WATCHER_SLOTS };

/* `callback` is a closure, called with the weak reference as its argument, or
   empty, or NULL. GC_PY_WRONG_KIND where the target cannot be referred to
   weakly. */
enum gc_py_status gc_py_weakref(const struct gc_py *, gc_root *out,
                                const gc_root *target, const gc_root *callback);
/* The target, rooted; NULL, and an empty root, once it died. */
gc_ref gc_py_weakref_get(const struct gc_py *, gc_root *out, gc_ref weakref);
/* Those of them with a callback, to this target. */
size_t gc_py_weakref_count(const struct gc_py *, const gc_root *target);

/* The finalizer of watches. */
void gc_py_watch_finalize(gc_mutator *, const gc_root *self);

#endif
