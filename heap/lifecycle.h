/* SPDX-License-Identifier: MIT */
/* The life of a heap and of its mutators: how they are made, parked and ended,
   and when the heap is collected. Part of the public interface. */
#ifndef GC_LIFECYCLE_H
#define GC_LIFECYCLE_H

#include "heap/object.h"

GC_PUBLIC_BEGIN

/* The smallest heap limit, in bytes. Every collector can create a few hundred
   objects within it, some of them with finalizers and weak references. */
enum { GC_LEAST_HEAP = 64 << 10 };

struct gc_options {
  /* The heap limit: how many bytes the collector may hold, its own tables
     included. 0, or more than a program can address: no limit. */
  size_t heap_bytes;
  unsigned gc_threads; /* 0: one per core */
  const char *tuning;  /* "key=value,…" or NULL; see gc_collector.tuning */
  /* Finalizers run in gc_finalizers_serve and gc_heap_destroy, and nowhere
     else. */
  bool serves_finalizers;
};

/* Creates a heap, which the caller owns, and stores it in *out. Options that
   are NULL are all zero. Returns 0 or an errno value: EINVAL if the tuning
   string is invalid or the limit is under GC_LEAST_HEAP, ENOMEM if there is no
   memory. On an error *out is unchanged. */
int gc_heap_create(const struct gc_options *, gc_heap **out);
/* Checks options without creating a heap. Returns 0, or EINVAL and writes the
   reason to `why`. */
int gc_options_check(const struct gc_options *, char *why, size_t why_size);
/* Destroys a heap that has no mutator attached. Runs the finalizers that have
   not run, each at most once, then reports to the listener (`ended`) how many
   bytes reference counting could not free because of cycles, then frees all.
   If finalizers keep creating objects with finalizers, it gives up after 16
   rounds. */
void gc_heap_destroy(gc_heap *);

/* Attaches the calling thread. Returns NULL if there is no memory. Waits while
   the world is stopped. A mutator belongs to the thread that attached it, which
   must detach it before the thread ends. Of one heap, a thread has at most one
   running mutator; others of that heap must be parked. It may have mutators in
   other heaps. */
gc_mutator *gc_attach(gc_heap *);
/* Detaches and frees a running mutator whose frames have all been left. Runs
   pending finalizers first; if these keep creating objects with finalizers, the
   rest is left to the other mutators, or to gc_heap_destroy. */
void gc_detach(gc_mutator *);
/* Park around calls that may block. While a mutator is parked, it must not use
   the heap, and the world stops without waiting for it. Both are safepoints.
   gc_unpark waits while the world is stopped. */
void gc_park(gc_mutator *);
void gc_unpark(gc_mutator *);

/* For longjmp and other jumps out of scopes that the compiler does not see,
   such as the error handling of an interpreter. gc_frames_mark returns the
   newest frame, or NULL. gc_frames_unwind empties the roots of all frames that
   were entered after `mark`, and removes these frames. Call it before the jump,
   while the memory of the frames is still valid. */
struct gc_frame *gc_frames_mark(gc_mutator *);
void gc_frames_unwind(gc_mutator *, struct gc_frame *mark);

/* For foreign calls: until the last gc_unpin of an object, it stays where it
   is, and references to it and to its bytes stay valid over safepoints, also
   while the mutator is parked. Pins nest, and any mutator may undo one. A pin
   does not keep the object alive: a root or slot must. A collector that never
   moves objects has nothing to do. Neither is a safepoint. */
void gc_pin(gc_mutator *, gc_ref object);
void gc_unpin(gc_mutator *, gc_ref object);

#define GC_FULL INT32_MAX /* for gc_collect: every generation */

/* Collects generations 0 to `generation` (a number above the oldest means all)
   and returns how many objects were found dead. Stops the world. Finalizers
   that became due run before it returns, up to the number of objects with a
   finalizer that had not run yet. A thread that collects repeatedly first waits
   as long as its last stop took, at most ten milliseconds, so that mutators
   which that stop held up can run. */
size_t gc_collect(gc_mutator *, int generation);

/* The threshold of a generation decides when the collector collects it without
   being asked; 0 turns that off. The unit is the collector's: bytes,
   candidates, collections of the younger generation, per cent of growth (see
   its page in docs). Any thread may call these four functions at any time,
   attached or not. A new value takes effect when the collector next reads it,
   at the latest after the next collection. Setting the current value changes
   nothing. */

/* Does the generation have a threshold? The answer never changes. */
bool gc_threshold_exists(gc_heap *, int generation);
/* The greatest valid value; 0 if there is no such threshold. */
uint64_t gc_threshold_greatest(gc_heap *, int generation);
/* The current value; 0 if there is no such threshold. */
uint64_t gc_threshold_get(gc_heap *, int generation);
/* Returns false and changes nothing if there is no such threshold or the value
   is above the greatest. */
bool gc_threshold_set(gc_heap *, int generation, uint64_t value);

GC_PUBLIC_END

#endif
