/* SPDX-License-Identifier: MIT */
#include "heap/ptrmap.h"

#include <stdlib.h>
#include <string.h>

#include "heap/assert.h"

/* gc_ptrmap_clear frees a table that is filled to less than one part in this
   many: clearing it would cost too much. */
enum { CLEAR_KEEPS = 16 };

/* Grown at three quarters: linear probing stays short up to there. */
bool gc_ptrmap_is_full(const struct gc_ptrmap *map) {
  return (map->count + 1) * 4 > map->capacity * 3;
}

/* Fibonacci hashing. Bit i of the product depends on bits 0 to i of the key.
   The lowest bits of the product are not used, because the lowest bits of
   aligned addresses are all zero. */
static size_t slot_of(const struct gc_ptrmap *map, const void *key) {
  uint64_t hash = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
  return hash >> 20 & (map->capacity - 1);
}

static size_t find(const struct gc_ptrmap *map, const void *key) {
  size_t i = slot_of(map, key);
  while (map->entries[i].key != NULL && map->entries[i].key != key)
    i = (i + 1) & (map->capacity - 1);
  return i;
}

void gc_ptrmap_finish(struct gc_ptrmap *map) {
  free(map->entries);
  *map = (struct gc_ptrmap){0};
}

void gc_ptrmap_clear(struct gc_ptrmap *map) {
  if (map->count < map->capacity / CLEAR_KEEPS) {
    gc_ptrmap_finish(map);
    return;
  }
  if (map->capacity > 0)
    memset(map->entries, 0, map->capacity * sizeof *map->entries);
  map->count = 0;
}

size_t gc_ptrmap_bytes(const struct gc_ptrmap *map) {
  return map->capacity * sizeof *map->entries;
}

size_t gc_ptrmap_next_capacity(const struct gc_ptrmap *map) {
  return map->capacity ? map->capacity * 2 : 16;
}

/* Not with calloc: jemalloc would give the pages of a large table back to the
   system and fault them in anew to have them zeroed. Without the barrier gcc
   makes one call of calloc of the two calls. */
bool gc_ptrmap_init(struct gc_ptrmap *map, size_t capacity) {
  *map = (struct gc_ptrmap){.capacity = capacity};
  size_t bytes = gc_ptrmap_bytes(map);
  map->entries = malloc(bytes);
  if (map->entries == NULL)
    return false;
  __asm__("" : "+r"(map->entries));
  memset(map->entries, 0, bytes);
  return true;
}

void gc_ptrmap_replace(struct gc_ptrmap *map, struct gc_ptrmap *other) {
  gc_assert_always(map->count < other->capacity);
  other->count = map->count;
  for (size_t i = 0; i < map->capacity; i++)
    if (map->entries[i].key != NULL)
      other->entries[find(other, map->entries[i].key)] = map->entries[i];
  free(map->entries);
  *map = *other;
}

bool gc_ptrmap_reserve(struct gc_ptrmap *map) {
  struct gc_ptrmap bigger;
  if (!gc_ptrmap_is_full(map))
    return true;
  if (!gc_ptrmap_init(&bigger, gc_ptrmap_next_capacity(map)))
    return false;
  gc_ptrmap_replace(map, &bigger);
  return true;
}

/* The map has room for `key`. */
static void **place(struct gc_ptrmap *map, void *key) {
  gc_assert_always(key != NULL && map->count < map->capacity);
  struct gc_ptrmap_entry *entry = &map->entries[find(map, key)];
  map->count += entry->key == NULL;
  entry->key = key;
  return &entry->value;
}

void gc_ptrmap_put(struct gc_ptrmap *map, void *key, void *value) {
  *place(map, key) = value;
}

void **gc_ptrmap_at(struct gc_ptrmap *map, void *key) {
  return gc_ptrmap_reserve(map) ? place(map, key) : NULL;
}

void *gc_ptrmap_get(const struct gc_ptrmap *map, const void *key) {
  return map->capacity ? map->entries[find(map, key)].value : NULL;
}

/* Fills the hole: an entry moves back to it unless the entry's home lies
   between the hole and the entry (Knuth, volume 3, algorithm 6.4R). */
static void close_gap(struct gc_ptrmap *map, size_t hole) {
  size_t mask = map->capacity - 1;
  for (size_t i = (hole + 1) & mask; map->entries[i].key != NULL;
       i = (i + 1) & mask) {
    size_t home = slot_of(map, map->entries[i].key);
    if (((i - home) & mask) < ((i - hole) & mask))
      continue;
    map->entries[hole] = map->entries[i];
    hole = i;
  }
  map->entries[hole] = (struct gc_ptrmap_entry){0};
}

void *gc_ptrmap_remove(struct gc_ptrmap *map, const void *key) {
  if (map->capacity == 0)
    return NULL;
  size_t i = find(map, key);
  void *value = map->entries[i].value;
  if (map->entries[i].key != NULL) {
    map->count--;
    close_gap(map, i);
  }
  return value;
}
