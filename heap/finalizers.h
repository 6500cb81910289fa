/* SPDX-License-Identifier: MIT */
/* When and where finalizers run, and locks of the program; part of the public
   interface. docs/interface.md says when to use which. */
#ifndef GC_FINALIZERS_H
#define GC_FINALIZERS_H

#include <pthread.h>

#include "heap/object.h"

GC_PUBLIC_BEGIN

/* Until gc_finalizers_resume has been called as often as
   gc_finalizers_defer, no finalizer runs on this mutator; those that become due
   wait. Objects that wait for their finalizers keep their memory. A mutator
   that parks or detaches leaves those that wait to other mutators. Neither call
   is a safepoint: after the last gc_finalizers_resume, the finalizers run at
   the next one. */
void gc_finalizers_defer(gc_mutator *);
void gc_finalizers_resume(gc_mutator *);

/* In a heap with gc_options.serves_finalizers, one or several threads of the
   program serve the finalizers of all:
     while (gc_finalizers_wait(m))
       gc_finalizers_serve(m); */

/* Waits, parked, until finalizers are due, and returns true; or until
   gc_finalizers_stop is called, and returns false. A safepoint. */
bool gc_finalizers_wait(gc_mutator *);
/* Runs the finalizers that are due in the heap, and returns how many. It does
   not wait. A safepoint. */
size_t gc_finalizers_serve(gc_mutator *);
/* From now on gc_finalizers_wait returns false at once, on every thread, even
   if finalizers are due. Any thread may call it, attached or not. */
void gc_finalizers_stop(gc_heap *);

/* Locks a mutex of the program. Where it is free, this is pthread_mutex_lock
   and nothing more. Where it is held, the mutator waits parked, so that the
   holder can stop the world. So it may be a safepoint, and ends the validity of
   raw references. Returns what pthread_mutex_lock returns. Unlock it with
   pthread_mutex_unlock. */
int gc_lock(gc_mutator *, pthread_mutex_t *);

GC_PUBLIC_END

#endif
