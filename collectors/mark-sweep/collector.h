/* SPDX-License-Identifier: MIT */
/* `mark-sweep`, the inline half. The header's word has an enum sweep_color,
   which the collector writes while the world is stopped. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "collectors/shared/textbook/inline.h"

GC_PUBLIC_BEGIN

enum sweep_color {
  SWEEP_WHITE, /* not reached; every object is white while mutators run */
  SWEEP_GREY,  /* reached, but its slots are not yet read */
  SWEEP_BLACK, /* reached, and the objects in its slots are reached */
  SWEEP_COLORS /* the bits of the word that hold the colour */
};

/* Cells are from calloc, which rounds their size. */
GC_INLINE size_t gc_textbook_size(size_t cell_bytes) {
  return gc_memory_class(cell_bytes);
}

GC_PUBLIC_END

#endif
