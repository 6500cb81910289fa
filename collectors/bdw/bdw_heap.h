/* SPDX-License-Identifier: MIT */
/* The data and functions that the slow paths of `bdw` and its binding to the
   library share. */
#ifndef BDW_HEAP_H
#define BDW_HEAP_H

#include <collector.h>

#include "heap/heap.h"

/* Keeps an immortal object alive. It comes from malloc, because a full heap has
   no cell for it. */
struct bdw_keeper {
  struct bdw_keeper *next;
  gc_root root;
};

/* The library has one heap in a process, and all of ours share it. */
struct bdw_heap {
  gc_heap base;
  struct bdw_heap *next;       /* allocation lock: the one made before */
  uintptr_t id;                /* never the id of another heap */
  struct bdw_keeper *immortal; /* globals_lock: a chain */
  _Atomic size_t held_peak;    /* allocation lock */
  /* External memory: external.c. */
  pthread_mutex_t watches_lock;
  struct bdw_watch *watches;       /* watches_lock */
  size_t watched_in;               /* watches_lock: the last collection seen */
  _Atomic size_t external_claimed; /* bytes added since; any thread */
  bool has_marks; /* allocation lock: marks are those of this heap's roots */
};

GC_INLINE struct bdw_heap *bdw_heap_of(gc_heap *heap) {
  return (struct bdw_heap *)heap;
}

GC_INLINE struct bdw_mutator *bdw_of(gc_mutator *m) {
  return (struct bdw_mutator *)m;
}

/* --- the library (library.c) --------------------------------------------- */

/* Starts the library if it has not been started, and makes it scan the heap's
   roots and keep the heap's limit. Returns 0 or an errno value. */
int gc_bdw_library_enter(struct bdw_heap *);
void gc_bdw_library_leave(struct bdw_heap *);

/* Makes the library stop the calling thread and scan its stack. Only such a
   thread may call functions that allocate or collect. Pairs nest.
   False: no memory. */
bool gc_bdw_thread_enter(void);
void gc_bdw_thread_leave(void);

/* Takes the locks of every heap. While they are held, no list of mutators and
   no table of globals changes. Called with the allocation lock held. */
void gc_bdw_heaps_lock(void);
void gc_bdw_heaps_unlock(void);

/* Bytes that count against the limit, and how many of them are tables. Reads
   without a lock, so the numbers are approximate. */
size_t gc_bdw_held(size_t *tables);
/* Tables of the shared parts; see the card. */
bool gc_bdw_table_hold(gc_heap *, size_t bytes, bool over_limit);
void gc_bdw_table_give(gc_heap *, size_t bytes);
/* Is more in use than the newest heap allows? */
bool gc_bdw_is_over_limit(void);

/* Puts cells on an empty list. If there is no memory, the list stays empty. */
void gc_bdw_cells_get(void **list, size_t kind, size_t granules);
/* A cleared cell; NULL: no memory. */
void *gc_bdw_cell_large(size_t kind, size_t bytes);

/* --- collections (collect.c) --------------------------------------------- */

/* Brackets calls in which the library may collect. The end, which is a
   safepoint, reports collections to the heap's listener. They do not nest. */
void gc_bdw_call_begin(gc_mutator *);
void gc_bdw_call_end(gc_mutator *);

/* Makes the library report its collections. */
void gc_bdw_collections_watch(void);
/* A collection that a mutator asks for. Between the two calls the world is
   stopped. */
void gc_bdw_collection_begin(gc_mutator *, const char *cause);
void gc_bdw_collection_end(gc_mutator *);

/* --- external memory (external.c) ---------------------------------------- */

/* Drops the external memory of objects that the last collection found dead. */
void gc_bdw_external_sweep(struct bdw_heap *);
void gc_bdw_external_finish(struct bdw_heap *);

/* --- trying again (bdw.c) ------------------------------------------------ */

/* An operation that needs memory; false if there is none. */
typedef bool bdw_attempt(gc_mutator *, void *request);
/* Retries it after collections. The library finds the request on this stack. */
bool gc_bdw_try_hard(gc_mutator *, bdw_attempt *, void *request);

/* --- finalizers (finalizers.c) ------------------------------------------- */

/* False: no memory, nothing changed. */
bool gc_bdw_finalizable_add(gc_heap *, gc_ref object);
/* Leaves the finalizers of dead objects to the mutators of their heaps. */
void gc_bdw_finalizers_take(gc_mutator *);
/* The heap with this id, or NULL. The allocation lock is held. */
struct bdw_heap *gc_bdw_heap_find(uintptr_t id);

#endif
