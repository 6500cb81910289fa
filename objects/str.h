/* SPDX-License-Identifier: MIT */
/* Strings: UTF-8 bytes that never change, and a hash that is computed at the
   first use and kept. The empty string and strings of one character up to
   U+00FF are shared. */
#ifndef GC_PY_STR_H
#define GC_PY_STR_H

#include <string.h>

#include "objects/world.h"

GC_PUBLIC_BEGIN

struct gc_py_str {
  uint32_t length; /* bytes */
  uint32_t hash;   /* 0: not computed yet; any thread, atomically */
  __extension__ char bytes[];
};

enum { GC_PY_STR_MOST = INT32_MAX }; /* bytes */

GC_INLINE const struct gc_py_str *gc_py_str_data(gc_ref object) {
  return (const struct gc_py_str *)gc_py_leaf_data(object);
}

GC_INLINE size_t gc_py_str_length(gc_ref str) {
  return gc_py_str_data(str)->length;
}

/* The bytes; no zero byte follows them. */
GC_INLINE const char *gc_py_str_bytes(gc_ref str) {
  return gc_py_str_data(str)->bytes;
}

/* The size of the object for a string of `length` bytes. */
GC_INLINE size_t gc_py_str_size(size_t length) {
  size_t words = (length + 7) / 8;
  return words - 1 < GC_PY_WORDS_SMALL
             ? gc_size_for(gc_py_types.str[words], 0)
             : gc_size_for(gc_py_types.str[0], length);
}

/* A string of `length` zero bytes. The caller fills it in before any other code
   sees it. */
GC_INLINE gc_ref gc_py_str_blank(const struct gc_py *py, gc_root *out,
                                 size_t length) {
  size_t words = (length + 7) / 8;
  gc_ref str = NULL;
  if (GC_LIKELY(words - 1 < GC_PY_WORDS_SMALL))
    str = gc_py_new(py, out, gc_py_types.str[words]);
  else if (length <= GC_PY_STR_MOST)
    str = gc_py_new_array(py, out, gc_py_types.str[0], length);
  if (GC_LIKELY(str != NULL))
    ((struct gc_py_str *)gc_py_leaf_data(str))->length = (uint32_t)length;
  return str;
}

/* The index of a string among the shared objects; 0: it is not shared. */
size_t gc_py_str_shared_at(const char *bytes, size_t length);

/* `bytes` must be UTF-8 and outside the heap. Returns NULL also if `length` is
   above GC_PY_STR_MOST. */
GC_INLINE gc_ref gc_py_str(const struct gc_py *py, gc_root *out,
                           const char *bytes, size_t length) {
  if (length <= 2) {
    size_t at = gc_py_str_shared_at(bytes, length);
    if (at != 0)
      return gc_py_share(py, out, at);
  }
  gc_ref str = gc_py_str_blank(py, out, length);
  if (GC_LIKELY(str != NULL))
    memcpy(((struct gc_py_str *)gc_py_leaf_data(str))->bytes, bytes, length);
  return str;
}

/* The length in characters, not bytes. */
size_t gc_py_str_points(gc_ref str);
uint32_t gc_py_str_hash(gc_ref str);
bool gc_py_str_equal(gc_ref, gc_ref);
bool gc_py_str_is(gc_ref str, const char *bytes, size_t length);
/* gc_py_str_join of any strings. */
gc_ref gc_py_str_join_any(const struct gc_py *, gc_root *out, const gc_root *a,
                          const gc_root *b);

/* Most strings are a few words long. Calling memcpy would cost more than the
   copy of the first and the last `size` bytes, which are all bytes, because the
   length is between `size` and twice `size`. */
enum { GC_PY_STR_SHORT_LEAST = 4, GC_PY_STR_SHORT_MOST = 16 };
GC_INLINE bool gc_py_str_is_short(gc_ref str) {
  return gc_py_str_length(str) - GC_PY_STR_SHORT_LEAST <=
         GC_PY_STR_SHORT_MOST - GC_PY_STR_SHORT_LEAST;
}

GC_INLINE void gc_py_ends_copy(char *to, const char *from, size_t length,
                               size_t size) {
  char first[8], last[8];
  memcpy(first, from, size);
  memcpy(last, from + length - size, size);
  memcpy(to, first, size);
  memcpy(to + length - size, last, size);
}

/* Returns where its bytes end. */
GC_INLINE char *gc_py_str_short_copy(char *to, gc_ref str) {
  size_t length = gc_py_str_length(str);
  gc_assert(gc_py_str_is_short(str));
  if (length >= 8)
    gc_py_ends_copy(to, gc_py_str_bytes(str), length, 8);
  else
    gc_py_ends_copy(to, gc_py_str_bytes(str), length, 4);
  return to + length;
}

/* a + b */
GC_INLINE gc_ref gc_py_str_join(const struct gc_py *py, gc_root *out,
                                const gc_root *a, const gc_root *b) {
  gc_ref first = gc_root_get(a), second = gc_root_get(b);
  if (!gc_py_str_is_short(first) || !gc_py_str_is_short(second) || out == a ||
      out == b)
    return gc_py_str_join_any(py, out, a, b);
  size_t length = gc_py_str_length(first) + gc_py_str_length(second);
  gc_ref str = gc_py_str_blank(py, out, length);
  if (GC_UNLIKELY(str == NULL))
    return NULL;
  char *at = ((struct gc_py_str *)gc_py_leaf_data(str))->bytes;
  at = gc_py_str_short_copy(at, gc_root_get(a));
  gc_py_str_short_copy(at, gc_root_get(b));
  return str;
}

/* Never 0. */
uint32_t gc_py_hash_bytes(const char *bytes, size_t length);

GC_PUBLIC_END

#endif
