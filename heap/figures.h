/* SPDX-License-Identifier: MIT */
/* Figures of a heap, its listener and its verifier; part of the public
   interface. */
#ifndef GC_FIGURES_H
#define GC_FIGURES_H

#include "heap/event.h"
#include "heap/mutator.h"

GC_PUBLIC_BEGIN

/* All in bytes. Fields that a collector does not know are 0. */
struct gc_memory_figures {
  size_t held;      /* all memory that counts against the heap limit */
  size_t held_peak; /* the greatest value of held so far */
  /* The part of held that is neither objects nor free memory between them nor
     external memory:
     tables for finalizers, weak references and global roots; buffers, lists,
     mark stacks; side bytes and records of blocks. Exact while no mutator
     runs. */
  size_t metadata;
  size_t external; /* the part of held that gc_external_add has added */
  /* jemalloc's statistics of the same names, for the whole process. */
  size_t allocated, active, resident, retained;
};
void gc_memory_figures(gc_heap *, struct gc_memory_figures *out);

/* Sums the counters of all mutators, detached ones included. All zero unless
   built with GC_STATISTICS. No mutator may run during the call. */
void gc_statistics(gc_heap *, struct gc_counters *out);
/* Adds `part` to `sum`; of peaks, keeps the greater. */
void gc_counters_add(struct gc_counters *sum, const struct gc_counters *part);

/* Replaces the listener by a copy of this one; NULL removes it. No mutator may
   run during the call. */
void gc_listen(gc_heap *, const struct gc_listener *);

/* Stops the world and calls `visit` for every reachable object, in no
   particular order. `visit` may store references in slots and in empty roots,
   and may do nothing else with the heap. Overwriting a root could free an
   object that has not been visited yet; if an object dies meanwhile, the
   program stops with a message. Returns 0, or ENOMEM, without any call of
   `visit`, if there is no memory to list the objects. A safepoint. */
int gc_visit_objects(gc_mutator *, void (*visit)(gc_ref, void *), void *data);

/* Stops the world and checks the collector's invariants. Returns how many are
   broken, and writes one line about each to stderr. A safepoint. */
size_t gc_verify(gc_mutator *);

GC_PUBLIC_END

#endif
