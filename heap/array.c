/* SPDX-License-Identifier: MIT */
/* Arrays that change their length in place. The array keeps its cell, so what a
   collector knows about the cell stays true. */
#include <string.h>

#include "heap/heap.h"

void gc_array_require(gc_ref array) {
  gc_require(gc_is_object(array),
             "gc_array_resize of a root without an object");
  gc_require(gc_type_tail(array->type) != GC_NO_TAIL,
             "gc_array_resize of an object that is no array");
}

/* A sanitizer knows of each cell only the bytes that were asked for. */
bool gc_array_stays(gc_ref array, size_t length, size_t cell, size_t wanted) {
  size_t bytes = gc_cell_size(array->type, length);
  if (gc_collector.moves || bytes == 0)
    return false;
  return GC_SYSTEM_MALLOC ? bytes == gc_object_cell_size(array)
                          : wanted == cell;
}

size_t gc_array_common_bytes(gc_type type, size_t shorter) {
  const struct gc_type_desc *desc = &gc_type_info(type)->desc;
  return desc->bytes + (desc->tail == GC_BYTE_TAIL ? shorter : 0);
}

/* The fixed bytes are behind the elements, so they move. */
static void slots_relength(gc_ref array, size_t length) {
  const struct gc_type_desc *desc = &gc_type_info(array->type)->desc;
  size_t end = desc->refs + length, before = gc_slot_count(array);
  memmove(&array->slot[end], &array->slot[before], desc->bytes);
  if (end > before)
    memset(&array->slot[before], 0, (end - before) * sizeof(gc_ref));
}

static void bytes_relength(gc_ref array, size_t length) {
  const struct gc_type_desc *desc = &gc_type_info(array->type)->desc;
  size_t before = gc_length(array);
  char *tail = (char *)gc_bytes(array) + desc->bytes;
  if (length > before)
    memset(tail + before, 0, length - before);
}

void gc_array_relength(gc_mutator *m, gc_ref array, size_t length) {
  if (gc_collector.array_resizing)
    gc_collector.array_resizing(m, array);
  if (gc_type_tail(array->type) == GC_REF_TAIL)
    slots_relength(array, length);
  else
    bytes_relength(array, length);
  __atomic_store_n((size_t *)array - 1, length, __ATOMIC_RELAXED);
  if (gc_collector.array_resized)
    gc_collector.array_resized(m, array);
}
