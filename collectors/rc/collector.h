/* SPDX-License-Identifier: MIT */
/* The fast paths of `rc`: counting without a cycle collector. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#define RC_CYCLES 0
#include "collectors/shared/counting/atomic.h"

#include "collectors/shared/counting/counting.h"

GC_PUBLIC_BEGIN

GC_INLINE int gc_generation_of(gc_ref object) {
  (void)object;
  return 0;
}

GC_PUBLIC_END

#endif
