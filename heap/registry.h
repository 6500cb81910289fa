/* SPDX-License-Identifier: MIT */
/* The registry of objects that have a finalizer: a chained hash table. The link
   of a node serves its chain first, and a mutator's queue later. So an object
   costs 16 bytes for its node, and 4 to 8 bytes of the table. */
#ifndef GC_REGISTRY_H
#define GC_REGISTRY_H

#include <stdbool.h>

#include "heap/object.h"

struct gc_finalizable {
  gc_root self; /* a root while queued; a plain address before */
  struct gc_finalizable *next;
};

struct gc_node_page;

/* All fields: heap->finalizable_lock. */
struct gc_registry {
  struct gc_finalizable **chains;
  size_t capacity; /* a power of two, or 0 */
  size_t count;    /* nodes in chains */
  /* Where nodes come from; pages with free nodes first. */
  struct gc_node_page *first, *last;
};

/* heap->finalizable_lock is held in all of these. */

/* Adds a node for the object. False: no memory, nothing changed. */
bool gc_registry_add(gc_heap *, gc_ref object);
/* Puts a node back that was taken, after its object has moved. */
void gc_registry_put(struct gc_registry *, struct gc_finalizable *);
/* Takes the node of an object; NULL if it has none. */
struct gc_finalizable *gc_registry_take(struct gc_registry *, gc_ref object);
/* Takes all nodes for which `wanted` returns true, as a list linked by `next`.
 */
struct gc_finalizable *gc_registry_take_all(struct gc_registry *,
                                            bool (*wanted)(gc_ref, void *),
                                            void *data);
void gc_registry_free(gc_heap *, struct gc_finalizable *);
/* At the end of the heap: frees all nodes, in chains or not, without telling
   the collector's account of memory. */
void gc_registry_finish(struct gc_registry *);

#endif
