/* SPDX-License-Identifier: MIT */
/* The fast paths of `bdw`, the Boehm-Demers-Weiser library. It finds references
   on C stacks by itself and needs no barrier, so all but allocation is a plain
   store.

   The library hands out free cells in lists of a page, linked through their
   first word and zero otherwise; a mutator keeps one list for each size of
   small cells and each of its kinds. A kind says how much of a cell the
   library scans. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "heap/check.h"
#include "heap/mutator.h"
#include "heap/object.h"
#include "heap/uncounted.h"

GC_PUBLIC_BEGIN

enum {
  BDW_GRANULE = 16,  /* cells are multiples of this */
  BDW_GRANULES = 32, /* cells of fewer granules come from lists */
  BDW_KINDS = 8      /* 0 … 6: so many references; 7: scan all of it */
};

struct bdw_mutator {
  gc_mutator base;
  /* The owner takes cells; the library, this thread stopped, marks them. */
  void *cells[BDW_KINDS][BDW_GRANULES];
};

gc_ref gc_bdw_new_slow(gc_mutator *, gc_root *out, gc_type);
gc_ref gc_bdw_new_array_slow(gc_mutator *, gc_root *out, gc_type,
                             size_t length);
size_t gc_bdw_round(size_t cell_bytes);

/* The kind of a cell with `refs` references at its front. */
GC_INLINE size_t gc_bdw_kind(size_t refs) {
  return refs < BDW_KINDS - 1 ? refs : BDW_KINDS - 1;
}

/* Takes a cell off a list; NULL: the list is empty. The library may stop this
   thread between any two instructions and walk the list. So the list is
   advanced before the link in the cell is overwritten. */
GC_INLINE void *gc_bdw_cell_pop(void **list) {
  void *cell = *list;
  if (GC_UNLIKELY(cell == NULL))
    return NULL;
  __atomic_store_n(list, *(void **)cell, __ATOMIC_RELAXED);
  atomic_signal_fence(memory_order_seq_cst);
  gc_assert((uintptr_t)cell % BDW_GRANULE == 0 && *list != cell);
  return cell;
}

GC_INLINE void gc_safepoint(gc_mutator *m) {
  if (gc_poll_is_set(m))
    gc_safepoint_slow(m);
}

GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  size_t size = gc_type_plain_size(type);
  size_t granules = (size + BDW_GRANULE - 1) / BDW_GRANULE;
  gc_check_new(m, out, type);
  gc_safepoint(m);
  if (GC_UNLIKELY(gc_type_is_special(type) || granules >= BDW_GRANULES))
    return gc_bdw_new_slow(m, out, type);
  size_t kind = gc_bdw_kind(gc_type_plain_refs(type));
  void **list = &((struct bdw_mutator *)m)->cells[kind][granules];
  gc_ref object = (gc_ref)gc_bdw_cell_pop(list);
  if (GC_UNLIKELY(object == NULL))
    return gc_bdw_new_slow(m, out, type);
  object->type = type;
  object->word = 0; /* nothing of the link is left */
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, granules * BDW_GRANULE);
  gc_root_put(out, object);
  return object;
}

GC_INLINE gc_ref gc_new_array(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  gc_check_new_array(m, out, type);
  gc_safepoint(m);
  return gc_bdw_new_array_slow(m, out, type, length);
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_check_store(m, object, slot, value);
  gc_count(m, ref_stores, 1);
  (void)m;
  gc_slot_store(object, slot, value);
}

GC_INLINE bool gc_cas(gc_mutator *m, gc_ref object, size_t slot,
                      gc_ref expected, gc_ref desired) {
  gc_check_store(m, object, slot, desired);
  bool stored = gc_slot_cas(object, slot, expected, desired);
  gc_count(m, ref_stores, stored);
  gc_count(m, failed_cas, !stored);
  (void)m;
  return stored;
}

GC_INLINE size_t gc_size_for(gc_type type, size_t length) {
  return gc_bdw_round(gc_cell_size(type, length));
}

GC_INLINE size_t gc_sizeof(gc_ref object) {
  return gc_bdw_round(gc_object_cell_size(object));
}

GC_INLINE int gc_generation_of(gc_ref object) {
  (void)object;
  return 0;
}

GC_PUBLIC_END

#endif
