/* SPDX-License-Identifier: MIT */
/* How markers share work: Note [Sharing work] in sharing.c. */
#ifndef GEN_SHARING_H
#define GEN_SHARING_H

#include "collectors/gen/gen.h"

/* Called after each few objects: wakes the workers if there is a lot to do, and
   shares edges if other markers wait for some. */
void gc_gen_look_around(struct gen_marker *);
/* Waits for shared edges and takes some. The marker has none left. False: no
   marker has any. */
bool gc_gen_take_shared(struct gen_marker *);
/* The stopper: when no marker has edges, waits until all have noticed. */
void gc_gen_sharing_close(struct gen_heap *);

#endif
