/* SPDX-License-Identifier: MIT */
/* Marking and sweeping while mutators run. */
#ifndef RUNNING_RUNNING_H
#define RUNNING_RUNNING_H

#include "collectors/shared/marking/marking.h"

/* --- sweeping (later.c): Note [Sweeping later] -----------------------------
 */

/* World stopped, marking done, no object is young: leaves all old objects to be
   swept. */
void gc_blk_later_begin(struct blk_heap *);
/* Sweeps so many blocks or groups of large objects; returns how many it did. 0:
   nothing is left. Large objects go back through `source`. */
size_t gc_blk_later_sweep(struct blk_heap *, struct gc_memory_source *source,
                          size_t count);
/* World stopped: has all been swept? */
bool gc_blk_later_is_done(const struct blk_heap *);
/* World stopped: sweeps what is left. */
void gc_blk_later_end(struct blk_heap *, struct gc_memory_source *source);

/* --- promoting without tracing (promote.c): Note [Promoting all] -----------
 */

/* World stopped: all objects in these blocks, and all young large objects,
   become old. The blocks are in no list yet. */
void gc_blk_promote_all(struct blk_heap *, struct blk_block *young);

/* --- marking in slices (slice.c): Note [Slices] ----------------------------
 */

/* Reaches an object, if the value is one. Never fails and takes no memory. */
void gc_mark_log(struct marker *, gc_ref value);
/* World stopped, before the first slice. */
void gc_mark_slices_begin(struct marking *);
/* Marks about so many objects, fewer if `wanted` is not 0, or if `payer`, which
   may be NULL, is to stop. False: no object is left to mark. */
bool gc_mark_slice(struct marker *, size_t objects, gc_mutator *payer);
/* Forgets all that the marker was about to mark. */
void gc_mark_forget(struct marker *);

#endif
