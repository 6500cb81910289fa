/* SPDX-License-Identifier: MIT */
/* The checks of the checked flavour, which is built with GC_ASSERT_LEVEL 2 or
   more. Each stops the program with a sentence that says which rule it broke.
   In the other builds the inline functions are empty. */
#ifndef GC_CHECK_H
#define GC_CHECK_H

#include "heap/object.h"

GC_PUBLIC_BEGIN

/* The mutator is attached, runs, and belongs to the calling thread. */
void gc_require_usable(const gc_mutator *);
/* The root is in an open frame or a stack of roots of this mutator, or is a
   global root, or may be one that the library itself uses. */
void gc_require_root(const gc_mutator *, const gc_root *);
/* The value is NULL, an immediate or an object; `use` says how the caller uses
   it. */
void gc_require_reference(gc_ref value, const char *use);
/* The object has the slot. */
void gc_require_slot(gc_ref object, size_t slot);
/* An object of the type has slots for these values, none of which is *out. */
void gc_require_values(const gc_root *out, gc_type, size_t first,
                       const gc_root *values, size_t count);

#define GC_IS_CHECKED (GC_ASSERT_LEVEL >= 2)

GC_INLINE void gc_check_value(gc_ref value) {
  if (GC_IS_CHECKED)
    gc_require_reference(value, "stored");
  (void)value;
}

GC_INLINE void gc_check_slot(gc_ref object, size_t slot) {
  if (GC_IS_CHECKED)
    gc_require_slot(object, slot);
  (void)object;
  (void)slot;
}

GC_INLINE void gc_check_root(const gc_mutator *m, const gc_root *root) {
  if (GC_IS_CHECKED) {
    gc_require_usable(m);
    gc_require_root(m, root);
  }
  (void)m;
  (void)root;
}

GC_INLINE void gc_check_store(const gc_mutator *m, gc_ref object, size_t slot,
                              gc_ref value) {
  if (GC_IS_CHECKED)
    gc_require_usable(m);
  gc_check_slot(object, slot);
  gc_check_value(value);
  (void)m;
}

/* gc_new and gc_new_array. */
GC_INLINE void gc_check_new(const gc_mutator *m, const gc_root *out,
                            gc_type type) {
  gc_check_root(m, out);
  gc_type_check_fixed(type);
}

GC_INLINE void gc_check_new_with(const gc_mutator *m, const gc_root *out,
                                 gc_type type, size_t first,
                                 const gc_root *values, size_t count) {
  gc_check_new(m, out, type);
  if (GC_IS_CHECKED)
    gc_require_values(out, type, first, values, count);
  (void)first;
  (void)values;
  (void)count;
}

GC_INLINE void gc_check_new_array(const gc_mutator *m, const gc_root *out,
                                  gc_type type) {
  gc_check_root(m, out);
  gc_type_check_array(type);
}

GC_PUBLIC_END

#endif
