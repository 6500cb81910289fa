/* SPDX-License-Identifier: MIT */
/* Two ways of marking, and the choice between them.

   Note [Ways]
   Deep: the last edge that was pushed is followed first, mostly in the order in
   which the program made the objects. Where they lie in memory in this order,
   or in the cache, this is about twice as fast as the other way.
   Wide: edges pass through a queue, and bytes and headers are prefetched when
   they enter it. So a visit takes about as long on any heap. Where objects lie
   in no order in much memory, deep marking waits for nearly each of them, and
   takes several times as long.
   So a marker goes deep, and measures. A turn is some thousand objects. If a
   deep turn takes more than twice as long as a wide one, the marker goes wide
   for some turns before it tries again. While mutators run, a turn is mostly
   longer than a slice, so it goes on with the next one: the time between slices
   does not count. */
#include "collectors/shared/marking/marking.h"

enum {
  /* In calls of gc_mark_way_renew. */
  MARK_TURN = 64,
  MARK_SHRUNK_TURN = 1,
  /* Wide turns before a deep one: so the deep ones cost little. */
  MARK_STAY = 128,
};

static void turn_end(struct marker *k, uint64_t ns) {
  if (k->is_wide) {
    k->wide_ns = (k->wide_ns + ns) / 2;
    k->is_wide = --k->turns_left > 0;
  } else if (ns > 2 * k->wide_ns || k->marking->heap->base.shrink) {
    k->is_wide = true;
    k->turns_left = k->marking->heap->base.shrink ? 1 : MARK_STAY;
  }
}

/* In a stop, marking that begins anew sets turn_left to 0, so a turn has no
 * gap.
 */
void gc_mark_way_renew(struct marker *k) {
  uint64_t now;
  if (k->turn_left > 1) {
    k->turn_left--;
    return;
  }
  now = gc_now_ns();
  if (k->turn_left == 1)
    turn_end(k, k->turn_ns + now - k->turn_begun);
  k->turn_left = k->marking->heap->base.shrink ? MARK_SHRUNK_TURN : MARK_TURN;
  k->turn_begun = now;
  k->turn_ns = 0;
}

void gc_mark_way_pause(struct marker *k) {
  k->turn_ns += gc_now_ns() - k->turn_begun;
}

void gc_mark_way_resume(struct marker *k) {
  k->turn_begun = gc_now_ns();
}
