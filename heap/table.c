/* SPDX-License-Identifier: MIT */
#include "heap/table.h"

enum {
  /* A map that is filled to less than one part in this many is halved. Then it
     is resized again only after as many changes as it has entries. */
  TABLE_SPARSE = 8,
  /* A map of a kilobyte is not worth shrinking. */
  TABLE_LEAST = 64,
};

/* heap->tables is raised first, so that a collector that computes its held
   bytes from it, under its lock, finds the new bytes included. */
bool gc_table_hold(gc_heap *heap, size_t bytes, bool over_limit) {
  atomic_fetch_add(&heap->tables, bytes);
  if (gc_collector.table_hold(heap, bytes, over_limit))
    return true;
  atomic_fetch_sub(&heap->tables, bytes);
  return false;
}

void gc_table_give(gc_heap *heap, size_t bytes) {
  gc_assert_always(bytes <= atomic_load(&heap->tables));
  if (gc_collector.table_give)
    gc_collector.table_give(heap, bytes);
  atomic_fetch_sub(&heap->tables, bytes);
}

static bool resize(gc_heap *heap, struct gc_ptrmap *map, size_t capacity,
                   bool over_limit) {
  struct gc_ptrmap other;
  if (!gc_ptrmap_init(&other, capacity))
    return false;
  if (!gc_table_hold(heap, gc_ptrmap_bytes(&other), over_limit)) {
    gc_ptrmap_finish(&other);
    return false;
  }
  gc_table_give(heap, gc_ptrmap_bytes(map));
  gc_ptrmap_replace(map, &other);
  return true;
}

bool gc_table_reserve(gc_heap *heap, struct gc_ptrmap *map, bool over_limit) {
  return !gc_ptrmap_is_full(map) ||
         resize(heap, map, gc_ptrmap_next_capacity(map), over_limit);
}

/* If there is no memory for the smaller map, the map stays as it is. */
void gc_table_trim(gc_heap *heap, struct gc_ptrmap *map) {
  if (map->capacity > TABLE_LEAST && map->count < map->capacity / TABLE_SPARSE)
    resize(heap, map, map->capacity / 2, false);
}

void gc_table_finish(gc_heap *heap, struct gc_ptrmap *map) {
  gc_table_give(heap, gc_ptrmap_bytes(map));
  gc_ptrmap_finish(map);
}
