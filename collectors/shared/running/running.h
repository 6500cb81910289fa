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
/* A marker that nobody has, or NULL. `first` is tried first. */
struct marker *gc_mark_enter_any(struct marking *, unsigned first);
/* The same, but waits for one. */
struct marker *gc_mark_enter(struct marking *, unsigned first);
void gc_mark_leave(struct marker *);
/* Has all markers, soon, even if others mark. */
void gc_mark_enter_all(struct marking *);
void gc_mark_leave_all(struct marking *);
/* BUSY: nothing is left for this marker, but others mark. */
enum mark_left { MARK_DONE, MARK_BUSY, MARK_LEFT };
/* Marks about so many objects, fewer if `wanted` is not 0, or if `payer`, which
   may be NULL, is to stop. */
enum mark_left gc_mark_slice(struct marker *, size_t objects,
                             gc_mutator *payer);
/* The same with the first marker, for who has all. Never BUSY. */
enum mark_left gc_mark_alone(struct marking *, size_t objects,
                             gc_mutator *payer);
/* World stopped: how many have been marked since gc_mark_slices_begin. */
size_t gc_mark_count(const struct marking *);
/* World stopped: forgets all that was to be marked. */
void gc_mark_forget(struct marking *);

#endif
