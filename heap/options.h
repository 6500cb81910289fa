/* SPDX-License-Identifier: MIT */
/* How a heap is asked for; part of the public interface. */
#ifndef GC_OPTIONS_H
#define GC_OPTIONS_H

#include "heap/object.h"

/* The least limit. In it every collector can make a few hundred objects, some
   of them with finalizers and weak references. */
enum { GC_LEAST_HEAP = 64 << 10 };

struct gc_options {
  /* Limit on all a collector holds, its tables included. 0: no limit, which is
     also what more than a program can address means. */
  size_t heap_bytes;
  unsigned gc_threads; /* 0: one per core */
  const char *tuning;  /* "key=value,…" or NULL; see gc_collector.tuning */
};

/* Both return 0 or an errno value: EINVAL for a tuning string that does not
   fit or a limit under GC_LEAST_HEAP (gc_options_check says why), ENOMEM where
   there is no memory. */
int gc_heap_create(const struct gc_options *, gc_heap **out);
int gc_options_check(const struct gc_options *, char *why, size_t why_size);
/* No mutator may be attached. Runs the finalizers that have not run, each at
   most once, then frees all. What reference counting could not free because
   it hangs in cycles is told to the listener (`ended`) just before. */
void gc_heap_destroy(gc_heap *);

/* NULL: no memory. Waits while the world is stopped. A mutator belongs to the
   thread that attached it, which detaches it before it ends. A thread has one
   running mutator in a heap at most; it may have further ones that are parked,
   and mutators in other heaps. */
gc_mutator *gc_attach(gc_heap *);
/* Runs pending finalizers, hands over what is buffered. No frame may be
   open. Finalizers that make objects of their own kind without end are left to
   the other mutators, or to the end of the heap. */
void gc_detach(gc_mutator *);
/* Around calls that may block: between them the mutator touches no object,
   and nobody waits for it. Both are safepoints; gc_unpark waits while the
   world is stopped. */
void gc_park(gc_mutator *);
void gc_unpark(gc_mutator *);

/* For longjmp and other ways out of a scope that the compiler does not see, as
   those of an interpreter's errors: gc_frames_mark says which frame is the
   newest; gc_frames_unwind empties the roots of all that were entered since,
   and leaves them. Call it before the jump, while their memory is still there.
 */
struct gc_frame *gc_frames_mark(gc_mutator *);
void gc_frames_unwind(gc_mutator *, struct gc_frame *mark);

#define GC_FULL INT32_MAX /* for gc_collect: every generation */

/* Collects generations 0 to `generation` (a number over the oldest means all)
   and returns how many objects were found dead. Stops the world. Finalizers
   that became due run before it returns, but for those that finalizers made
   without end. A thread that collects again and again leaves as much time to
   others, up to ten milliseconds each time. */
size_t gc_collect(gc_mutator *, int generation);

/* When a generation is collected by itself; what the number means is the
   collector's (bytes, candidates, collections of the one before, per cent of
   growth: docs say which), and 0 turns it off. Which generations have a
   threshold never changes. Any thread may call these four at any time, attached
   or not. A value that is set counts when the collector next looks at it, at
   the latest after the next collection; setting the same value again changes
   nothing. */
bool gc_threshold_exists(gc_heap *, int generation);
/* Values go from 0 to this. 0 where there is no such threshold. */
uint64_t gc_threshold_greatest(gc_heap *, int generation);
/* 0 where there is no such threshold. */
uint64_t gc_threshold_get(gc_heap *, int generation);
/* False, and nothing is changed, where there is no such threshold or the value
   is over the greatest. */
bool gc_threshold_set(gc_heap *, int generation, uint64_t value);

#endif
