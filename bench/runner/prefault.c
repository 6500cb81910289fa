/* SPDX-License-Identifier: MIT */
#include "bench/runner/prefault.h"

#include <string.h>

#include "heap/heap.h"

/* Arrays of bytes in a list. They are as large as the largest objects that
   collectors keep among small ones, so that small ones later find the memory
   that was touched. */
enum { ARRAY_BYTES = 200 };

/* A collector that copies holds as much again, for the copies. */
static size_t held_for(gc_ref array) {
  return gc_collector.copies ? 2 * gc_sizeof(array) : gc_sizeof(array);
}

gc_type prefault_type(void) {
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "prefault", .refs = 1, .tail = GC_BYTE_TAIL});
  return type;
}

void prefault_fill(gc_mutator *m, gc_type type, size_t bytes, gc_root *share) {
  GC_FRAME(m, f, list, array);
  size_t filled = 0;
  while (filled < bytes) {
    gc_ref array = gc_new_array(m, &f.array, type, ARRAY_BYTES);
    if (array == NULL)
      break;
    /* Memory that is zero need not be touched to make an object. */
    memset(gc_bytes(array), 1, ARRAY_BYTES);
    filled += held_for(array);
    gc_set_move(m, array, 0, &f.list);
    gc_root_move(m, &f.list, &f.array);
  }
  if (gc_root_get(&f.list) == NULL)
    return;
  gc_global_add(m->heap, share);
  gc_global_set(m, share, gc_root_get(&f.list));
}

void prefault_drop(gc_mutator *m, gc_root *shares, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (gc_root_get(&shares[i]) == NULL) /* it was never filled */
      continue;
    gc_global_set(m, &shares[i], NULL);
    gc_global_remove(m, &shares[i]);
  }
  gc_collect(m, GC_FULL);
}
