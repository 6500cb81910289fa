/* SPDX-License-Identifier: MIT */
/* How markers share work: Note [Sharing work] in sharing.c. */
#ifndef MARKING_SHARING_H
#define MARKING_SHARING_H

#include "collectors/shared/marking/marking.h"

/* Called after each few objects: wakes the workers if there is a lot to do, and
   shares edges if other markers wait for some. */
void gc_mark_look_around(struct marker *);
/* Waits for shared edges and takes some. The marker has none left. False: no
   marker has any. */
bool gc_mark_take_shared(struct marker *);
/* While mutators run, so nobody waits: takes some shared edges, if there are
   any. The marker has none left. */
bool gc_mark_take_some(struct marker *);
/* Markers that have edges are to share some. */
void gc_mark_ask(struct marking *);
/* The stopper: when no marker has edges, waits until all have noticed. */
void gc_mark_sharing_close(struct marking *);

#endif
