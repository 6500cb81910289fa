/* SPDX-License-Identifier: MIT */
#include "objects/sequence.h"

gc_ref gc_py_tuple_slice(const struct gc_py *py, gc_root *out,
                         const gc_root *tuple, size_t from, size_t to) {
  size_t length = gc_py_tuple_length(gc_root_get(tuple));
  to = to < length ? to : length;
  if (from >= to)
    return gc_py_share(py, out, GC_PY_AT_EMPTY_TUPLE);
  if (to - from == length) {
    gc_root_set(py->m, out, gc_root_get(tuple));
    return gc_root_get(out);
  }
  GC_FRAME(py->m, f, slice);
  gc_ref slice = gc_py_new_slots(py, &f.slice, &gc_py_types.tuple, to - from);
  if (slice == NULL)
    return NULL;
  for (size_t i = from; i < to; i++)
    gc_set(py->m, slice, i - from, gc_get(gc_root_get(tuple), i));
  gc_root_move(py->m, out, &f.slice);
  return slice;
}

/* CPython's list_resize: an eighth more, and multiples of four; no more than
   needed where much is added at once. */
static size_t capacity_for(size_t length, size_t added) {
  size_t capacity = (length + (length >> 3) + 6) & ~(size_t)3;
  return added > capacity - length ? (length + 3) & ~(size_t)3 : capacity;
}

/* The room that a list should have. Its own slots cannot be given back; of a
   storage no more than half is left unused. */
static size_t capacity_wanted(gc_ref list, size_t length, size_t added) {
  size_t capacity = gc_py_list_capacity(list);
  bool is_own = gc_get(list, GC_PY_LIST_STORAGE) == NULL;
  if (capacity >= length && (is_own || length >= capacity / 2))
    return capacity;
  return capacity_for(length, added);
}

static void items_clear(const struct gc_py *py, struct gc_py_items items,
                        size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    gc_set(py->m, items.holder, items.first + i, NULL);
}

static struct gc_py_items own_items(gc_ref list) {
  return (struct gc_py_items){list, GC_PY_LIST_SLOTS};
}

static size_t own_capacity(gc_ref list) {
  return gc_slot_count(list) - GC_PY_LIST_SLOTS;
}

static bool storage_replace(const struct gc_py *py, const gc_root *list,
                            size_t capacity, size_t kept) {
  GC_FRAME(py->m, f, storage);
  gc_ref storage =
      gc_py_new_slots(py, &f.storage, &gc_py_types.storage, capacity);
  if (storage == NULL)
    return false;
  for (size_t i = 0; i < kept; i++)
    gc_set(py->m, storage, i, gc_py_list_get(gc_root_get(list), i));
  gc_ref object = gc_root_get(list);
  gc_set_move(py->m, object, GC_PY_LIST_STORAGE, &f.storage);
  items_clear(py, own_items(object), 0, own_capacity(object));
  return true;
}

gc_ref gc_py_list_of_many(const struct gc_py *py, gc_root *out,
                          const gc_root *items, size_t count) {
  GC_FRAME(py->m, f, storage);
  gc_ref storage = gc_py_new_slots(py, &f.storage, &gc_py_types.storage, count);
  if (storage == NULL)
    return NULL;
  gc_py_fill(py, storage, 0, items, count);
  gc_ref list = gc_py_new(py, out, gc_py_types.list[0]);
  if (list == NULL)
    return NULL;
  gc_set_move(py->m, list, GC_PY_LIST_STORAGE, &f.storage);
  *gc_py_list_length_at(list) = count;
  return list;
}

/* What cannot shrink for want of memory stays as large as it is: so giving
   items up never fails. */
bool gc_py_list_resize(const struct gc_py *py, const gc_root *list,
                       size_t length) {
  gc_ref object = gc_root_get(list);
  size_t old = gc_py_list_length(object);
  size_t capacity = gc_py_list_capacity(object);
  size_t added = length > old ? length - old : 0;
  size_t kept = length < old ? length : old;
  if (length == 0) {
    gc_py_list_clear(py, object);
    return true;
  }
  size_t wanted = capacity_wanted(object, length, added);
  bool replaced = wanted != capacity && storage_replace(py, list, wanted, kept);
  if (!replaced && capacity < length)
    return false;
  object = gc_root_get(list);
  if (!replaced)
    items_clear(py, gc_py_list_items(object), kept, old);
  *gc_py_list_length_at(object) = length;
  return true;
}

bool gc_py_list_pop(const struct gc_py *py, const gc_root *list, gc_root *out) {
  size_t length = gc_py_list_length(gc_root_get(list));
  if (length == 0)
    return false;
  gc_root_set(py->m, out, gc_py_list_get(gc_root_get(list), length - 1));
  return gc_py_list_resize(py, list, length - 1);
}

void gc_py_list_clear(const struct gc_py *py, gc_ref list) {
  *gc_py_list_length_at(list) = 0;
  gc_set(py->m, list, GC_PY_LIST_STORAGE, NULL);
  items_clear(py, own_items(list), 0, own_capacity(list));
}
