/* SPDX-License-Identifier: MIT */
/* `semispace`, the inline half. The word of a header is in semispace.c. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "collectors/shared/textbook/inline.h"

GC_PUBLIC_BEGIN

/* A larger cell is in a separate block, whose head has SPACE_HEAD bytes. */
enum { SPACE_LARGE = 512, SPACE_HEAD = 56 };

GC_INLINE size_t gc_textbook_size(size_t cell_bytes) {
  return cell_bytes <= SPACE_LARGE ? cell_bytes
                                   : gc_memory_class(SPACE_HEAD + cell_bytes);
}

GC_PUBLIC_END

#endif
