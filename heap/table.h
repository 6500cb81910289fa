/* SPDX-License-Identifier: MIT */
/* The account of tables: memory that the shared parts hold for a heap's
   finalizers, weak references and global roots. The collector adds it to the
   bytes that it holds (`table_hold` on its card), so that figures and the limit
   include it.

   The verifier's tables are not included: a heap must collect at the same
   moments whether it is verified or not. */
#ifndef GC_TABLE_H
#define GC_TABLE_H

#include "heap/heap.h"

/* Counts bytes that the caller has already allocated: memory that the system
   refuses must not show in held_peak. Returns false and counts nothing if the
   limit does not allow them. With `over_limit` they are always counted. */
bool gc_table_hold(gc_heap *, size_t bytes, bool over_limit);
void gc_table_give(gc_heap *, size_t bytes);

/* Maps whose memory is counted. Makes room for one more key; returns false and
   changes nothing if there is no memory. */
bool gc_table_reserve(gc_heap *, struct gc_ptrmap *, bool over_limit);
/* Called after a removal: shrinks a map that has few entries. */
void gc_table_trim(gc_heap *, struct gc_ptrmap *);
void gc_table_finish(gc_heap *, struct gc_ptrmap *);

#endif
