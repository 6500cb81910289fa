/* SPDX-License-Identifier: MIT */
/* Dictionaries in the order of insertion. Keys are strings or integers
   (booleans count as integers, as in Python).

   The entries are in a storage, each a key followed by its value. A deleted
   entry is empty until the next rebuild. Up to DICT_SCANNED entries are
   searched linearly. More have an index, a table of entry numbers with open
   addressing:

     dict   +---------+-------+------+------+
            | entries | index | used | fill |
            +---------+-------+------+------+ */
#ifndef GC_PY_DICT_H
#define GC_PY_DICT_H

#include "objects/world.h"

GC_PUBLIC_BEGIN

enum { GC_PY_DICT_ENTRIES, GC_PY_DICT_INDEX, GC_PY_DICT_SLOTS };

struct gc_py_dict {
  uint32_t used; /* entries, without deleted ones */
  uint32_t fill; /* entries, with those deleted since the last rebuild */
};

GC_INLINE struct gc_py_dict *gc_py_dict_data(gc_ref dict) {
  return (struct gc_py_dict *)&dict->slot[GC_PY_DICT_SLOTS];
}

GC_INLINE size_t gc_py_dict_length(gc_ref dict) {
  return gc_py_dict_data(dict)->used;
}

/* The bytes of an empty dictionary, and the bytes that room for `capacity`
   entries adds. A dictionary that only grows has room for 4, 8, 16, 32 … */
GC_INLINE size_t gc_py_dict_size(void) {
  return gc_size_for(gc_py_types.dict, 0);
}
size_t gc_py_dict_room_size(size_t capacity);

GC_INLINE gc_ref gc_py_dict(const struct gc_py *py, gc_root *out) {
  return gc_py_new(py, out, gc_py_types.dict);
}

/* Can the object be a key? */
bool gc_py_is_key(gc_ref);
bool gc_py_keys_equal(gc_ref, gc_ref);

/* The value of a key; NULL: there is no such key. */
gc_ref gc_py_dict_get(gc_ref dict, gc_ref key);
enum gc_py_status gc_py_dict_set(const struct gc_py *, const gc_root *dict,
                                 const gc_root *key, const gc_root *value);
enum gc_py_status gc_py_dict_delete(const struct gc_py *, gc_ref dict,
                                    gc_ref key);
void gc_py_dict_clear(const struct gc_py *, gc_ref dict);
/* Iterates over the entries; *at is 0 at first. False: there are no more. */
bool gc_py_dict_next(gc_ref dict, size_t *at, gc_ref *key, gc_ref *value);

GC_PUBLIC_END

#endif
