/* SPDX-License-Identifier: MIT */
/* What the inline halves of generational collectors share: bump allocation into
   free runs, and the flags of the header that their barriers test.

   The header's word:
            31..6 unused, 5 key, 4 immortal, 3 noted, 2 large, 1 kept, 0 armed
   `armed`: the object is old and has slots, and the barrier has work to do. The
            barrier tests only this flag. The collector sets it while the world
            is stopped. For a small object, the mutator that remembers the
            object clears the flag, atomically.
   `kept`:  the object is in the heap's set of old objects that refer to
            generation 1. Written by the collector while the world is stopped.
   `large`: the object is not in a block; constant.
   `noted`: the object is large and in a mutator's remembered set. That mutator
            sets the flag, atomically; the collector clears it. The object stays
            armed, because each store to it must mark a card.
   `immortal`: gc_immortalize has been called. The first mutator that calls it
            sets the flag, atomically. It is never cleared.
   `key`:   an ephemeron with this key has been made. The mutator that makes it
            sets the flag, atomically. It is never cleared. */
#ifndef GENERATIONAL_INLINE_H
#define GENERATIONAL_INLINE_H

#include "collectors/shared/blocks/cell.h"
#include "heap/check.h"
#include "heap/uncounted.h"

GC_PUBLIC_BEGIN

enum gen_flags { GEN_KEPT = 2, GEN_NOTED = 8, GEN_IS_IMMORTAL = 16 };

struct gen_mutator {
  struct blk_mutator blocks;
  struct blk_refs remembered; /* old holders that were written to */
};

gc_ref gc_gen_new_slow(gc_mutator *, gc_root *out, gc_type);
gc_ref gc_gen_new_array_slow(gc_mutator *, gc_root *out, gc_type,
                             size_t length);

GC_INLINE void gc_safepoint(gc_mutator *m) {
  if (gc_poll_is_set(m))
    gc_safepoint_slow(m);
}

/* The slow path does everything again, including the safepoint, so that the
   fast path keeps no value over a call. */
GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  gc_check_new(m, out, type);
  size_t size = gc_blk_round(gc_type_plain_size(type));
  struct blk_room *room = gc_blk_room_for(m, size);
  if (gc_poll_is_set(m) || GC_UNLIKELY(!gc_blk_is_small(type)) ||
      GC_UNLIKELY(!gc_blk_has_room(room, size)))
    return gc_gen_new_slow(m, out, type);
  return gc_blk_found(m, out, gc_blk_bump(room, size), type, size);
}

GC_INLINE gc_ref gc_new_array(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  struct blk_mutator *blk = (struct blk_mutator *)m;
  const struct gc_type_info *info = gc_type_info(type);
  gc_check_new_array(m, out, type);
  if (gc_poll_is_set(m) || GC_UNLIKELY(length > BLK_SMALL_MAX) ||
      GC_UNLIKELY(info->desc.finalize != NULL) ||
      GC_UNLIKELY(gc_type_tail(type) == GC_NO_TAIL))
    return gc_gen_new_array_slow(m, out, type, length);
  size_t size = gc_blk_array_size(info, type, length);
  struct blk_room *room = &blk->room[BLK_BYTES];
  if (GC_LIKELY(!gc_type_is_leaf(type)))
    room = gc_blk_room_for(m, size);
  if (GC_UNLIKELY(size > BLK_SMALL_MAX) ||
      GC_UNLIKELY(!gc_blk_has_room(room, size)))
    return gc_gen_new_array_slow(m, out, type, length);
  char *cell = gc_blk_bump(room, size);
  *(size_t *)cell = length;
  return gc_blk_found(m, out, cell + sizeof(size_t), type, size);
}

GC_INLINE size_t gc_size_for(gc_type type, size_t length) {
  return gc_blk_size_for(type, length);
}

GC_INLINE size_t gc_sizeof(gc_ref object) {
  return gc_blk_sizeof(object);
}

GC_PUBLIC_END

#endif
