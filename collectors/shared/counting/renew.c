/* SPDX-License-Identifier: MIT */
/* Allocation where the inline half does not go on, and Note [Renewed objects].
 */
#include "collectors/shared/counting/rc_heap.h"

/* A cell of the object that is let go of may serve at once. */
gc_ref gc_rc_new(gc_mutator *m, gc_root *out, gc_type type) {
  gc_safepoint(m);
  gc_ref old = out->ref;
  if (GC_UNLIKELY(gc_type_is_special(type)))
    return gc_rc_new_slow(m, out, type);
  if (gc_is_object(old) && rc_is_replaced(m, old, type))
    return gc_rc_renew_empty(m, old);
  if (GC_UNLIKELY(rc_at_hand(m, type)->first == NULL))
    return gc_rc_new_slow(m, out, type);
  gc_root_clear(m, out);
  return rc_new_at_hand(m, out, type);
}

/* What a slot of the renewed object gets. */
GC_INLINE gc_ref value_for(size_t slot, size_t first, const gc_root *values,
                           size_t count) {
  return slot - first < count ? values[slot - first].ref : NULL;
}

gc_ref gc_rc_renew_from(gc_mutator *m, gc_ref object, size_t slot, size_t first,
                        const gc_root *values, size_t count) {
  size_t end = gc_type_plain_refs(object->type);
  for (; slot < end; slot++) {
    gc_ref old = gc_slot_load_relaxed(object, slot);
    gc_ref value = value_for(slot, first, values, count);
    if (gc_is_object(value))
      rc_raise(m, value);
    gc_slot_store(object, slot, value);
    if (gc_is_object(old))
      rc_drop(m, old);
  }
  return rc_renew_data(m, object);
}

/* As long as no object dies, this function calls no other, and need not save
   registers. */
gc_ref gc_rc_renew_empty(gc_mutator *m, gc_ref object) {
  return rc_renew(m, object, 0, NULL, 0);
}
