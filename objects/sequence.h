/* SPDX-License-Identifier: MIT */
/* Tuples and lists. The slots of a tuple are its items. A list that is created
   with a few items keeps them in its own slots. When it outgrows them, or has
   none, its items are in a storage:

     list   +---------+--------+...+--------+--------+
            | storage | item 0 |   | item n | length |
            +---------+--------+...+--------+--------+

   A storage grows by CPython's formula: when items are appended one by one to
   an empty list, its capacity is 4, 8, 16, 24, 32, 40, 52, 64 … */
#ifndef GC_PY_SEQUENCE_H
#define GC_PY_SEQUENCE_H

#include "objects/world.h"

GC_PUBLIC_BEGIN

/* --- tuples --------------------------------------------------------------- */

/* All empty tuples are one object. `out` must not be one of the items. */
GC_INLINE gc_ref gc_py_tuple(const struct gc_py *py, gc_root *out,
                             const gc_root *items, size_t count) {
  if (count == 0)
    return gc_py_share(py, out, GC_PY_AT_EMPTY_TUPLE);
  return gc_py_new_slots_with(py, out, &gc_py_types.tuple, count, items, count);
}

GC_INLINE size_t gc_py_tuple_length(gc_ref tuple) {
  return gc_slot_count(tuple);
}

GC_INLINE gc_ref gc_py_tuple_get(gc_ref tuple, size_t i) {
  return gc_get(tuple, i);
}

/* tuple[from:to]. The slice of all items is the tuple itself. */
gc_ref gc_py_tuple_slice(const struct gc_py *, gc_root *out,
                         const gc_root *tuple, size_t from, size_t to);

/* --- lists ---------------------------------------------------------------- */

/* The slots of an empty list. Its own items follow them. */
enum { GC_PY_LIST_STORAGE, GC_PY_LIST_SLOTS };

GC_INLINE uint64_t *gc_py_list_length_at(gc_ref list) {
  return (uint64_t *)gc_bytes(list);
}

GC_INLINE size_t gc_py_list_length(gc_ref list) {
  return *gc_py_list_length_at(list);
}

/* The place of the items: the slots of `holder` from `first` on. */
struct gc_py_items {
  gc_ref holder;
  size_t first;
};

GC_INLINE struct gc_py_items gc_py_list_items(gc_ref list) {
  gc_ref storage = gc_get(list, GC_PY_LIST_STORAGE);
  struct gc_py_items items = {list, GC_PY_LIST_SLOTS};
  if (storage != NULL) {
    items.holder = storage;
    items.first = 0;
  }
  return items;
}

GC_INLINE size_t gc_py_list_capacity(gc_ref list) {
  struct gc_py_items items = gc_py_list_items(list);
  return gc_slot_count(items.holder) - items.first;
}

/* gc_py_list for more than GC_PY_LIST_OWN items. */
gc_ref gc_py_list_of_many(const struct gc_py *, gc_root *out,
                          const gc_root *items, size_t count);

/* A list with room for exactly these items. `out` must not be one of them. */
GC_INLINE gc_ref gc_py_list(const struct gc_py *py, gc_root *out,
                            const gc_root *items, size_t count) {
  if (count > GC_PY_LIST_OWN)
    return gc_py_list_of_many(py, out, items, count);
  gc_ref list = gc_py_new_with(py, out, gc_py_types.list[count],
                               GC_PY_LIST_SLOTS, items, count);
  if (GC_UNLIKELY(list == NULL))
    return NULL;
  *gc_py_list_length_at(list) = count;
  return list;
}

/* i must be below the length. */
GC_INLINE gc_ref gc_py_list_get(gc_ref list, size_t i) {
  gc_assert(i < gc_py_list_length(list));
  struct gc_py_items items = gc_py_list_items(list);
  return gc_get(items.holder, items.first + i);
}

GC_INLINE void gc_py_list_set(const struct gc_py *py, gc_ref list, size_t i,
                              gc_ref item) {
  gc_assert(i < gc_py_list_length(list));
  struct gc_py_items items = gc_py_list_items(list);
  gc_set(py->m, items.holder, items.first + i, item);
}

/* Makes room for `length` items and sets the length; new items are NULL.
   Returns false and keeps the length if there is no memory. Shortening never
   fails. */
bool gc_py_list_resize(const struct gc_py *, const gc_root *list,
                       size_t length);

/* Appends an item to a list that has room. */
GC_INLINE void gc_py_list_push(const struct gc_py *py, gc_ref list,
                               gc_ref item) {
  size_t length = gc_py_list_length(list);
  *gc_py_list_length_at(list) = length + 1;
  gc_py_list_set(py, list, length, item);
}

bool gc_py_list_append_slowly(const struct gc_py *, const gc_root *list,
                              const gc_root *item);

GC_INLINE bool gc_py_list_append(const struct gc_py *py, const gc_root *list,
                                 const gc_root *item) {
  gc_ref object = gc_root_get(list);
  if (GC_UNLIKELY(gc_py_list_length(object) == gc_py_list_capacity(object)))
    return gc_py_list_append_slowly(py, list, item);
  gc_py_list_push(py, object, gc_root_get(item));
  return true;
}

/* Removes the last item and stores it in *out. False: the list is empty. */
bool gc_py_list_pop(const struct gc_py *, const gc_root *list, gc_root *out);
void gc_py_list_clear(const struct gc_py *, gc_ref list);

GC_PUBLIC_END

#endif
