/* SPDX-License-Identifier: MIT */
#include "heap/external.h"

#include "heap/lifecycle.h"
#include "heap/table.h"

/* A table's value of NULL means that the key is missing, so one is added. */
static void *entry_of(size_t bytes) {
  return (void *)(uintptr_t)(bytes + 1);
}

static size_t entry_bytes(const void *entry) {
  return entry ? (size_t)(uintptr_t)entry - 1 : 0;
}

/* No program has more than a part of its address space. */
static bool is_absurd(size_t bytes) {
  return bytes > (size_t)1 << 47;
}

static void bytes_give(gc_heap *heap, size_t bytes) {
  atomic_fetch_sub(&heap->external_bytes, bytes);
  gc_table_give(heap, bytes);
}

bool gc_external_has(gc_heap *heap, gc_ref object) {
  pthread_mutex_lock(&heap->external_lock);
  bool has = gc_ptrmap_get(&heap->external, object) != NULL;
  pthread_mutex_unlock(&heap->external_lock);
  return has;
}

/* external_lock is held. `external_bytes` is raised first, so that it is never
   less than what is given back. */
static bool bytes_hold(gc_heap *heap, gc_ref object, size_t bytes) {
  struct gc_ptrmap *map = &heap->external;
  if (!gc_table_reserve(heap, map, false))
    return false;
  atomic_fetch_add(&heap->external_bytes, bytes);
  if (!gc_table_hold(heap, bytes, false)) {
    atomic_fetch_sub(&heap->external_bytes, bytes);
    return false;
  }
  size_t before = entry_bytes(gc_ptrmap_get(map, object));
  gc_ptrmap_put(map, object, entry_of(before + bytes));
  atomic_store(&heap->external_objects, map->count);
  return true;
}

bool gc_external_hold(gc_heap *heap, gc_ref object, size_t bytes) {
  if (is_absurd(bytes) || bytes > heap->limit)
    return false;
  pthread_mutex_lock(&heap->external_lock);
  bool ok = bytes_hold(heap, object, bytes);
  pthread_mutex_unlock(&heap->external_lock);
  return ok;
}

/* The hint needs no lock: whoever gave the object memory did so before the
   object died. */
void gc_external_drop(gc_heap *heap, gc_ref object) {
  if (atomic_load_explicit(&heap->external_objects, memory_order_relaxed) == 0)
    return;
  pthread_mutex_lock(&heap->external_lock);
  bytes_give(heap, entry_bytes(gc_ptrmap_remove(&heap->external, object)));
  gc_table_trim(heap, &heap->external);
  atomic_store(&heap->external_objects, heap->external.count);
  pthread_mutex_unlock(&heap->external_lock);
}

void gc_external_sub(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_heap *heap = m->heap;
  struct gc_ptrmap *map = &heap->external;
  pthread_mutex_lock(&heap->external_lock);
  void *entry = gc_ptrmap_get(map, object);
  size_t has = entry_bytes(entry);
  if (GC_ASSERT_LEVEL >= 2)
    gc_require(bytes <= has, "gc_external_sub of more bytes than "
                             "gc_external_add has added to the object");
  size_t less = bytes < has ? bytes : has;
  if (entry != NULL)
    gc_ptrmap_put(map, object, entry_of(has - less));
  bytes_give(heap, less);
  pthread_mutex_unlock(&heap->external_lock);
}

/* The new table has the same size, so the account does not change. */
void gc_external_moved(gc_heap *heap, gc_ref (*place)(gc_ref, void *),
                       void *data) {
  struct gc_ptrmap old = heap->external, *map = &heap->external;
  if (old.count == 0)
    return;
  bool ok = gc_ptrmap_init(map, old.capacity);
  gc_assert_always(ok); /* the system has no memory to move to */
  for (size_t i = 0; i < old.capacity; i++) {
    gc_ref object = old.entries[i].key;
    gc_ref moved = object ? place(object, data) : NULL;
    if (moved)
      gc_ptrmap_put(map, moved, old.entries[i].value);
    else
      bytes_give(heap, entry_bytes(old.entries[i].value));
  }
  gc_ptrmap_finish(&old);
  gc_table_trim(heap, map);
  atomic_store(&heap->external_objects, map->count);
}

void gc_external_finish(gc_heap *heap) {
  gc_ptrmap_finish(&heap->external);
  pthread_mutex_destroy(&heap->external_lock);
}
