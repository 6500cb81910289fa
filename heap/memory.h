/* SPDX-License-Identifier: MIT */
/* Memory for collectors that allocate cells from jemalloc. Heaps do not share
   arenas, so destroying a heap frees unreachable cells too. A mutator borrows
   an arena and has a private thread cache.

   In sanitizer builds cells come from malloc, which the sanitizers check. */
#ifndef GC_MEMORY_H
#define GC_MEMORY_H

#include <pthread.h>

#include "heap/assert.h"
#include "heap/platform.h"

GC_C_BEGIN

struct gc_memory_figures;
struct gc_memory_cell;

struct gc_memory {
  pthread_mutex_t lock;
  unsigned *arenas;             /* lock: all arenas of the heap */
  size_t count, capacity;       /* lock */
  size_t idle;                  /* lock: the first `idle` are not borrowed */
  struct gc_memory_cell *cells; /* lock: address sanitizer builds only */
};

/* A mutator's arena and cache; `flags` is passed to mallocx and sdallocx. */
struct gc_memory_source {
  struct gc_memory *memory;
  unsigned arena, cache;
  int flags;
};

void gc_memory_init(struct gc_memory *);
/* Frees all cells, too. */
void gc_memory_finish(struct gc_memory *);
/* Returns 0 or an errno value; then `memory` of the source is NULL. */
int gc_memory_borrow(struct gc_memory *, struct gc_memory_source *out);
void gc_memory_return(struct gc_memory_source *);

/* Held over a fork: Note [Fork] in heap/fork.c. */
void gc_memory_pool_lock(void);
void gc_memory_pool_unlock(void);

/* Uninitialised, 16-byte aligned; NULL: no memory. */
void *gc_memory_new(struct gc_memory_source *, size_t bytes);
/* Zeroed. */
void *gc_memory_new_zeroed(struct gc_memory_source *, size_t bytes);
void gc_memory_free(struct gc_memory_source *, void *cell, size_t bytes);
/* jemalloc's allocated, active, resident and retained bytes, whole process. */
void gc_memory_report(struct gc_memory_figures *);

/* Raises `*peak` to what is held now, if that is more. Any thread. */
GC_INLINE void gc_memory_peak(GC_ATOMIC(size_t) *peak, size_t held) {
  size_t before = atomic_load_explicit(peak, memory_order_relaxed);
  while (before < held && !atomic_compare_exchange_weak(peak, &before, held))
    ;
}

/* The size of the cell that jemalloc returns for a request: multiples of 16 up
   to 128, then four classes for each doubling. tests/heap/test_sizes.c compares
   this with nallocx. */
GC_INLINE size_t gc_memory_class(size_t bytes) {
  if (GC_LIKELY(bytes <= 128))
    return (bytes + 15) & ~(size_t)15;
  unsigned top = 63u - (unsigned)__builtin_clzll(bytes - 1);
  size_t step = (size_t)1 << (top - 2);
  return (bytes + step - 1) & ~(step - 1);
}

GC_C_END

#endif
