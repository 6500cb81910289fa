/* SPDX-License-Identifier: MIT */
/* The account of tables: memory that the shared parts hold for a heap, for
   finalizers, weak references and global roots. The collector counts it as its
   own (`table_hold` on its card), so the figures and the limit see it.

   The verifier's tables are left out: a heap that is verified has to collect
   at the same moments as one that is not. */
#ifndef GC_TABLE_H
#define GC_TABLE_H

#include "heap/heap.h"

/* Counts bytes that the caller already has from the system: what the system
   refuses must not show in held_peak. False: the limit does not allow them, and
   nothing is counted. `over_limit` counts them in any case. */
bool gc_table_hold(gc_heap *, size_t bytes, bool over_limit);
void gc_table_give(gc_heap *, size_t bytes);

/* A map whose memory is counted. Makes room for one more; false: no memory,
   nothing changed. */
bool gc_table_reserve(gc_heap *, struct gc_ptrmap *, bool over_limit);
/* After a removal: gives memory back where few entries are left. */
void gc_table_trim(gc_heap *, struct gc_ptrmap *);
void gc_table_finish(gc_heap *, struct gc_ptrmap *);

#endif
