/* SPDX-License-Identifier: MIT */
/* The registry of objects that have a finalizer: a hash table of chains. The
   link of a node serves its chain first, and a mutator's queue later. So an
   object costs 16 bytes for its node, and 4 to 8 for the table. */
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

/* A node for the object, in its chain. False: no memory, nothing changed. */
bool gc_registry_add(gc_heap *, gc_ref object);
/* The node of an object that has moved. */
void gc_registry_put(struct gc_registry *, struct gc_finalizable *);
/* NULL: there is none. */
struct gc_finalizable *gc_registry_take(struct gc_registry *, gc_ref object);
/* Takes all nodes for which `wanted` is true, strung together by `next`. */
struct gc_finalizable *gc_registry_take_all(struct gc_registry *,
                                            bool (*wanted)(gc_ref, void *),
                                            void *data);
void gc_registry_free(gc_heap *, struct gc_finalizable *);
/* The heap is gone: frees all nodes, in chains or not. Nothing is counted. */
void gc_registry_finish(struct gc_registry *);

#endif
