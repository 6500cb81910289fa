/* SPDX-License-Identifier: MIT */
/* 64-bit integers, floats and booleans. The integers -5 to 256 are shared, one
   object each, unless the world was opened with no_small_ints. */
#ifndef GC_PY_NUMBER_H
#define GC_PY_NUMBER_H

#include "objects/world.h"

GC_PUBLIC_BEGIN

GC_INLINE bool gc_py_int_is_small(int64_t value) {
  return (uint64_t)value - (uint64_t)GC_PY_LEAST_SMALL < GC_PY_SMALL_COUNT;
}

/* Is there a shared object of this value? */
GC_INLINE bool gc_py_int_is_shared(const struct gc_py *py, int64_t value) {
  return (uint64_t)value - (uint64_t)GC_PY_LEAST_SMALL < py->world->small_ints;
}

/* Always creates a new object. */
GC_INLINE gc_ref gc_py_int_new(const struct gc_py *py, gc_root *out,
                               int64_t value) {
  gc_ref object = gc_py_new(py, out, gc_py_types.integer);
  if (GC_LIKELY(object != NULL))
    *(int64_t *)gc_py_leaf_data(object) = value;
  return object;
}

GC_INLINE gc_ref gc_py_int(const struct gc_py *py, gc_root *out,
                           int64_t value) {
  if (gc_py_int_is_shared(py, value))
    return gc_py_share(py, out, (size_t)(value - GC_PY_LEAST_SMALL));
  return gc_py_int_new(py, out, value);
}

/* The value of an integer or a boolean. */
GC_INLINE int64_t gc_py_int_value(gc_ref object) {
  return *(const int64_t *)gc_py_leaf_data(object);
}

GC_INLINE gc_ref gc_py_float(const struct gc_py *py, gc_root *out,
                             double value) {
  gc_ref object = gc_py_new(py, out, gc_py_types.real);
  if (GC_LIKELY(object != NULL))
    *(double *)gc_py_leaf_data(object) = value;
  return object;
}

GC_INLINE double gc_py_float_value(gc_ref object) {
  return *(const double *)gc_py_leaf_data(object);
}

GC_INLINE gc_ref gc_py_bool(const struct gc_py *py, gc_root *out, bool value) {
  return gc_py_share(py, out, value ? GC_PY_AT_TRUE : GC_PY_AT_FALSE);
}

GC_INLINE uint32_t gc_py_int_hash(int64_t value) {
  return (uint32_t)((uint64_t)value * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

GC_PUBLIC_END

#endif
