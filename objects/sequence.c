/* SPDX-License-Identifier: MIT */
#include "objects/sequence.h"

/* The greatest length of a list: its size in bytes cannot overflow. */
static const size_t LENGTH_MOST = PTRDIFF_MAX / (2 * sizeof(gc_ref));

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

/* The formula of CPython's list_resize: an eighth more, rounded to a multiple
   of four; but if many items are added at once, no more than needed. */
static size_t capacity_for(size_t length, size_t added) {
  size_t capacity = (length + (length >> 3) + 6) & ~(size_t)3;
  return added > capacity - length ? (length + 3) & ~(size_t)3 : capacity;
}

/* The capacity that the list should have. Its own slots cannot shrink; a
   storage shrinks when less than half of it is used. */
static size_t capacity_wanted(gc_ref list, size_t length) {
  size_t old = gc_py_list_length(list);
  size_t capacity = gc_py_list_capacity(list);
  bool is_own = gc_get(list, GC_PY_LIST_STORAGE) == NULL;
  if (capacity >= length && (is_own || length >= capacity / 2))
    return capacity;
  return capacity_for(length, length > old ? length - old : 0);
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

/* Moves the first `kept` items to a new storage. No safepoint. */
static void storage_replace(const struct gc_py *py, gc_ref list,
                            gc_root *new_storage, size_t kept) {
  gc_ref storage = gc_root_get(new_storage);
  size_t length = gc_py_list_length(list);
  kept = kept < length ? kept : length;
  for (size_t i = 0; i < kept; i++)
    gc_set(py->m, storage, i, gc_py_list_get(list, i));
  gc_set_move(py->m, list, GC_PY_LIST_STORAGE, new_storage);
  items_clear(py, own_items(list), 0, own_capacity(list));
  *gc_py_list_length_at(list) = kept;
}

/* The length that an operation needs: `items`, or if is_more, that many more
   than there are. */
struct goal {
  size_t items;
  bool is_more;
};

static size_t goal_length(gc_ref list, struct goal goal) {
  return goal.is_more ? gc_py_list_length(list) + goal.items : goal.items;
}

/* Note [Looking again]: gives the list the right capacity for that length. No
   safepoint comes after its last check of the list. Returns false if there is
   no memory and too little room. If there is no memory for a smaller storage,
   the list keeps its capacity and the result is true. */
static bool room_fit(const struct gc_py *py, const gc_root *list,
                     struct goal goal) {
  GC_FRAME(py->m, f, storage);
  for (;;) {
    gc_ref object = gc_root_get(list), storage = gc_root_get(&f.storage);
    size_t length = goal_length(object, goal);
    size_t wanted = capacity_wanted(object, length);
    if (wanted == gc_py_list_capacity(object))
      return true;
    if (storage != NULL && gc_slot_count(storage) == wanted) {
      storage_replace(py, object, &f.storage, length);
      return true;
    }
    if (!gc_py_new_slots(py, &f.storage, &gc_py_types.storage, wanted)) {
      object = gc_root_get(list);
      return goal_length(object, goal) <= gc_py_list_capacity(object);
    }
  }
}

gc_ref gc_py_list_of_many(const struct gc_py *py, gc_root *out,
                          const gc_root *items, size_t count) {
  GC_FRAME(py->m, f, storage);
  if (!gc_py_new_slots_with(py, &f.storage, &gc_py_types.storage, count, items,
                            count))
    return NULL;
  gc_ref list = gc_py_new(py, out, gc_py_types.list[0]);
  if (list == NULL)
    return NULL;
  gc_set_move(py->m, list, GC_PY_LIST_STORAGE, &f.storage);
  *gc_py_list_length_at(list) = count;
  return list;
}

/* The list has room. New items are NULL, because all slots past the length are.
 */
static void length_set(const struct gc_py *py, gc_ref list, size_t length) {
  size_t old = gc_py_list_length(list);
  items_clear(py, gc_py_list_items(list), length, old);
  *gc_py_list_length_at(list) = length;
}

bool gc_py_list_resize(const struct gc_py *py, const gc_root *list,
                       size_t length) {
  if (length == 0) {
    gc_py_list_clear(py, gc_root_get(list));
    return true;
  }
  if (length > LENGTH_MOST || !room_fit(py, list, (struct goal){length, false}))
    return false;
  length_set(py, gc_root_get(list), length);
  return true;
}

bool gc_py_list_append_slowly(const struct gc_py *py, const gc_root *list,
                              const gc_root *item) {
  if (!room_fit(py, list, (struct goal){1, true}))
    return false;
  gc_py_list_push(py, gc_root_get(list), gc_root_get(item));
  return true;
}

/* The item is removed before the list shrinks, because shrinking is a safepoint
   where finalizers run. */
bool gc_py_list_pop(const struct gc_py *py, const gc_root *list, gc_root *out) {
  gc_ref object = gc_root_get(list);
  size_t length = gc_py_list_length(object);
  if (length == 0)
    return false;
  gc_root_set(py->m, out, gc_py_list_get(object, length - 1));
  if (length == 1) {
    gc_py_list_clear(py, object);
    return true;
  }
  length_set(py, object, length - 1);
  if (capacity_wanted(object, length - 1) != gc_py_list_capacity(object))
    room_fit(py, list, (struct goal){0, true});
  return true;
}

void gc_py_list_clear(const struct gc_py *py, gc_ref list) {
  *gc_py_list_length_at(list) = 0;
  gc_set(py->m, list, GC_PY_LIST_STORAGE, NULL);
  items_clear(py, own_items(list), 0, own_capacity(list));
}
