/* SPDX-License-Identifier: MIT */
/* The fast paths of `rc-cycle`: counting as in rc; when an operation lets go of
   a count that stays above zero, it remembers the object as a candidate. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#define RC_CYCLES 1
#include "collectors/shared/counting/atomic.h"

#include "collectors/shared/counting/counting.h"

GC_PUBLIC_BEGIN

/* How often a pass has found the object alive: 0, 1 or 2. */
GC_INLINE int gc_generation_of(gc_ref object) {
  return (int)((rc_word(object) & RC_AGE_MASK) >> RC_AGE_SHIFT);
}

GC_PUBLIC_END

#endif
