/* SPDX-License-Identifier: MIT */
#include "objects/dict.h"

#include "objects/number.h"
#include "objects/str.h"

enum {
  DICT_SCANNED = 8, /* the most entries that need no index */
  DICT_LEAST = 4,   /* the smallest capacity, in entries */
  NOT_FOUND = UINT32_MAX,
};

/* --- keys ----------------------------------------------------------------- */

static bool is_whole(gc_ref key) {
  enum gc_py_kind kind = gc_py_kind_of(key);
  return kind == GC_PY_INT || kind == GC_PY_BOOL;
}

bool gc_py_is_key(gc_ref object) {
  return gc_py_kind_of(object) == GC_PY_STR || is_whole(object);
}

static uint32_t hash_of(gc_ref key) {
  return is_whole(key) ? gc_py_int_hash(gc_py_int_value(key))
                       : gc_py_str_hash(key);
}

bool gc_py_keys_equal(gc_ref a, gc_ref b) {
  if (a == b)
    return true;
  bool whole = is_whole(a);
  if (whole != is_whole(b))
    return false;
  if (whole)
    return gc_py_int_value(a) == gc_py_int_value(b);
  return gc_py_str_hash(a) == gc_py_str_hash(b) && gc_py_str_equal(a, b);
}

/* --- entries and index ---------------------------------------------------- */

static gc_ref entry_key(gc_ref entries, size_t i) {
  return gc_get(entries, 2 * i);
}

static size_t capacity_of(gc_ref dict) {
  gc_ref entries = gc_get(dict, GC_PY_DICT_ENTRIES);
  return entries != NULL ? gc_slot_count(entries) / 2 : 0;
}

/* Each cell has an entry number plus one; 0: free. There is a power of two of
   cells. */
static uint32_t *index_cells(gc_ref index) {
  return gc_py_leaf_data(index);
}

static size_t index_mask(gc_ref index) {
  return gc_length(index) / sizeof(uint32_t) - 1;
}

/* At most two thirds full, so that a free cell ends every search. */
static size_t index_bytes(size_t capacity) {
  size_t cells = 16;
  while (cells * 2 < capacity * 3)
    cells *= 2;
  return cells * sizeof(uint32_t);
}

static void index_add(gc_ref index, uint32_t hash, size_t entry) {
  uint32_t *cells = index_cells(index);
  size_t mask = index_mask(index), at = hash & mask;
  while (cells[at] != 0)
    at = (at + 1) & mask;
  cells[at] = (uint32_t)entry + 1;
}

static size_t find_by_index(gc_ref entries, gc_ref index, gc_ref key) {
  const uint32_t *cells = index_cells(index);
  size_t mask = index_mask(index), at = hash_of(key) & mask;
  for (; cells[at] != 0; at = (at + 1) & mask) {
    gc_ref other = entry_key(entries, cells[at] - 1);
    if (other != NULL && gc_py_keys_equal(other, key))
      return cells[at] - 1;
  }
  return NOT_FOUND;
}

static size_t find_by_scan(gc_ref entries, size_t fill, gc_ref key) {
  for (size_t i = 0; i < fill; i++) {
    gc_ref other = entry_key(entries, i);
    if (other != NULL && gc_py_keys_equal(other, key))
      return i;
  }
  return NOT_FOUND;
}

static size_t find(gc_ref dict, gc_ref key) {
  gc_ref entries = gc_get(dict, GC_PY_DICT_ENTRIES);
  gc_ref index = gc_get(dict, GC_PY_DICT_INDEX);
  if (index != NULL)
    return find_by_index(entries, index, key);
  return find_by_scan(entries, gc_py_dict_data(dict)->fill, key);
}

/* --- rebuilding ----------------------------------------------------------- */

/* Copies the entries that were not deleted, in order; returns how many. */
static size_t entries_copy(const struct gc_py *py, gc_ref from, size_t fill,
                           gc_ref to) {
  size_t copied = 0;
  for (size_t i = 0; i < fill; i++) {
    gc_ref key = entry_key(from, i);
    if (key == NULL)
      continue;
    gc_set(py->m, to, 2 * copied, key);
    gc_set(py->m, to, 2 * copied + 1, gc_get(from, 2 * i + 1));
    copied++;
  }
  return copied;
}

size_t gc_py_dict_room_size(size_t capacity) {
  size_t index = capacity <= DICT_SCANNED
                     ? 0
                     : gc_size_for(gc_py_types.bytes, index_bytes(capacity));
  return gc_py_slots_size(&gc_py_types.storage, 2 * capacity) + index;
}

/* Creates the parts of a dictionary. Below DICT_SCANNED there is no index. */
static bool parts_new(const struct gc_py *py, gc_root *entries, gc_root *index,
                      size_t capacity) {
  if (!gc_py_new_slots(py, entries, &gc_py_types.storage, 2 * capacity))
    return false;
  return capacity <= DICT_SCANNED ||
         gc_py_new_array(py, index, gc_py_types.bytes, index_bytes(capacity));
}

/* Replaces the parts of a dictionary by new ones, which are large enough. No
   safepoint. */
static void parts_replace(const struct gc_py *py, gc_ref object,
                          gc_root *new_entries, gc_root *new_index) {
  gc_ref entries = gc_root_get(new_entries), index = gc_root_get(new_index);
  struct gc_py_dict *data = gc_py_dict_data(object);
  size_t used =
      entries_copy(py, gc_get(object, GC_PY_DICT_ENTRIES), data->fill, entries);
  for (size_t i = 0; index != NULL && i < used; i++)
    index_add(index, hash_of(entry_key(entries, i)), i);
  gc_assert_always(used == data->used);
  data->fill = (uint32_t)used;
  gc_set_move(py->m, object, GC_PY_DICT_ENTRIES, new_entries);
  gc_set_move(py->m, object, GC_PY_DICT_INDEX, new_index);
}

/* The capacity with which the dictionary must be rebuilt before an entry can be
   added; 0: there is room. It is twice the number of used entries, so that a
   dictionary that is emptied and refilled shrinks, and one with as many
   deletions as additions keeps its size. */
static size_t capacity_wanted(gc_ref dict) {
  const struct gc_py_dict *data = gc_py_dict_data(dict);
  size_t wanted = 2 * (size_t)data->used;
  if (data->fill < capacity_of(dict))
    return 0;
  return wanted < DICT_LEAST ? DICT_LEAST : wanted;
}

/* Note [Looking again]: new parts that no longer fit are dropped, and the
   caller checks again. False: no memory. */
static bool rebuild(const struct gc_py *py, const gc_root *dict,
                    size_t capacity) {
  GC_FRAME(py->m, f, entries, index);
  if (capacity > UINT32_MAX / 4 ||
      !parts_new(py, &f.entries, &f.index, capacity))
    return false;
  if (capacity_wanted(gc_root_get(dict)) == capacity)
    parts_replace(py, gc_root_get(dict), &f.entries, &f.index);
  return true;
}

/* --- what programs call --------------------------------------------------- */

gc_ref gc_py_dict_get(gc_ref dict, gc_ref key) {
  size_t entry = gc_py_is_key(key) ? find(dict, key) : NOT_FOUND;
  if (entry == NOT_FOUND)
    return NULL;
  return gc_get(gc_get(dict, GC_PY_DICT_ENTRIES), 2 * entry + 1);
}

static void entry_add(const struct gc_py *py, gc_ref dict, gc_ref key,
                      gc_ref value) {
  gc_ref entries = gc_get(dict, GC_PY_DICT_ENTRIES);
  gc_ref index = gc_get(dict, GC_PY_DICT_INDEX);
  struct gc_py_dict *data = gc_py_dict_data(dict);
  gc_set(py->m, entries, 2 * (size_t)data->fill, key);
  gc_set(py->m, entries, 2 * (size_t)data->fill + 1, value);
  if (index != NULL)
    index_add(index, hash_of(key), data->fill);
  data->fill++;
  data->used++;
}

/* Returns 0 if the value was stored; otherwise the capacity that is needed
   first. */
static size_t set_or_want(const struct gc_py *py, gc_ref dict, gc_ref key,
                          gc_ref value) {
  size_t entry = find(dict, key);
  if (entry != NOT_FOUND) {
    gc_set(py->m, gc_get(dict, GC_PY_DICT_ENTRIES), 2 * entry + 1, value);
    return 0;
  }
  size_t wanted = capacity_wanted(dict);
  if (wanted == 0)
    entry_add(py, dict, key, value);
  return wanted;
}

enum gc_py_status gc_py_dict_set(const struct gc_py *py, const gc_root *dict,
                                 const gc_root *key, const gc_root *value) {
  if (!gc_py_is_key(gc_root_get(key)))
    return GC_PY_WRONG_KIND;
  size_t wanted;
  while ((wanted = set_or_want(py, gc_root_get(dict), gc_root_get(key),
                               gc_root_get(value))) != 0)
    if (!rebuild(py, dict, wanted))
      return GC_PY_NO_MEMORY;
  return GC_PY_OK;
}

/* The index keeps the number of the entry, which is now empty, so that searches
   for other keys continue past it. */
enum gc_py_status gc_py_dict_delete(const struct gc_py *py, gc_ref dict,
                                    gc_ref key) {
  size_t entry = gc_py_is_key(key) ? find(dict, key) : NOT_FOUND;
  if (entry == NOT_FOUND)
    return GC_PY_NO_SUCH_KEY;
  gc_ref entries = gc_get(dict, GC_PY_DICT_ENTRIES);
  gc_set(py->m, entries, 2 * entry, NULL);
  gc_set(py->m, entries, 2 * entry + 1, NULL);
  gc_py_dict_data(dict)->used--;
  return GC_PY_OK;
}

void gc_py_dict_clear(const struct gc_py *py, gc_ref dict) {
  *gc_py_dict_data(dict) = (struct gc_py_dict){0};
  gc_set(py->m, dict, GC_PY_DICT_ENTRIES, NULL);
  gc_set(py->m, dict, GC_PY_DICT_INDEX, NULL);
}

bool gc_py_dict_next(gc_ref dict, size_t *at, gc_ref *key, gc_ref *value) {
  gc_ref entries = gc_get(dict, GC_PY_DICT_ENTRIES);
  size_t fill = gc_py_dict_data(dict)->fill;
  while (*at < fill && entry_key(entries, *at) == NULL)
    ++*at;
  if (*at == fill)
    return false;
  *key = entry_key(entries, *at);
  *value = gc_get(entries, 2 * *at + 1);
  ++*at;
  return true;
}
