/* SPDX-License-Identifier: MIT */
/* What one can ask a heap; part of the public interface. */
#ifndef GC_FIGURES_H
#define GC_FIGURES_H

#include "heap/event.h"
#include "heap/mutator.h"

/* Bytes. Collectors fill in what they know; the rest is 0. */
struct gc_memory_figures {
  size_t held;      /* all that counts against the limit */
  size_t held_peak; /* the most it ever was; not what the system refused */
  /* Part of held: all but objects and the free memory between them. Tables for
     finalizers, weak references and global roots; buffers, lists, stacks for
     marking; bytes and records beside blocks. Exact while no mutator runs. */
  size_t metadata;
  size_t allocated, active, resident, retained; /* jemalloc's own words */
};
void gc_memory_figures(gc_heap *, struct gc_memory_figures *out);

/* All zero unless built with GC_STATISTICS. No mutator may run meanwhile. */
void gc_statistics(gc_heap *, struct gc_counters *out);
void gc_counters_add(struct gc_counters *sum, const struct gc_counters *part);

/* Replaces the listener; NULL takes it away. No mutator may run meanwhile. */
void gc_listen(gc_heap *, const struct gc_listener *);

/* Stops the world and shows every object that can be reached, in no order. What
   is called may store references in slots, and in roots that are empty, and
   nothing else. A root that is overwritten could let go of an object that is
   still to be shown: where one dies of it, the program stops. 0, or ENOMEM
   where there is not enough memory to know them all: then none is shown. A
   safepoint. */
int gc_visit_objects(gc_mutator *, void (*visit)(gc_ref, void *), void *data);

/* Stops the world and checks every invariant the collector can; returns how
   many are broken and writes a sentence about each to stderr. */
size_t gc_verify(gc_mutator *);

#endif
