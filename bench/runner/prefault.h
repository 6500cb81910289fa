/* SPDX-License-Identifier: MIT */
/* Touches the memory of a heap before the clock starts, so that no run pays for
   the first access to a page. It uses the interface alone, so it does the same
   to every collector: objects fill the heap, then all of them die. Each thread
   fills its share, because collectors keep memory by thread. All shares are
   kept until the last one is full, so that none uses the memory of another. */
#ifndef RUNNER_PREFAULT_H
#define RUNNER_PREFAULT_H

#include "heap/sweepstakes.h"

/* The type of the objects; 0: too many types. Not for several threads at once.
 */
gc_type prefault_type(void);
/* Makes `share` a global root with up to `bytes` of objects, less if there is
   no room. */
void prefault_fill(gc_mutator *, gc_type, size_t bytes, gc_root *share);
/* Drops all shares, filled or not, and collects them. */
void prefault_drop(gc_mutator *, gc_root *shares, size_t count);

#endif
