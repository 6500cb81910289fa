/* SPDX-License-Identifier: MIT */
/* A map from addresses to addresses: open addressing, linear probing. Not
   thread-safe; the caller holds a lock. */
#ifndef GC_PTRMAP_H
#define GC_PTRMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gc_ptrmap_entry {
  void *key; /* NULL: free */
  void *value;
};

struct gc_ptrmap {
  struct gc_ptrmap_entry *entries;
  size_t capacity; /* a power of two, or 0 */
  size_t count;
};

void gc_ptrmap_finish(struct gc_ptrmap *);
/* Removes all keys. Keeps the memory, unless few of the entries were used. */
void gc_ptrmap_clear(struct gc_ptrmap *);
/* Makes room for one more key. Returns false and changes nothing if there is no
   memory. */
bool gc_ptrmap_reserve(struct gc_ptrmap *);
/* The steps of gc_ptrmap_reserve, for maps whose memory is counted
   (heap/table.h). Is there no room for one more? Which capacity comes next? How
   much memory does the map take? */
bool gc_ptrmap_is_full(const struct gc_ptrmap *);
size_t gc_ptrmap_next_capacity(const struct gc_ptrmap *);
size_t gc_ptrmap_bytes(const struct gc_ptrmap *);
/* Makes an empty map; `capacity` is a power of two. False: no memory. */
bool gc_ptrmap_init(struct gc_ptrmap *, size_t capacity);
/* Moves all entries to `other`, an empty and large enough map, and replaces the
   map by it. */
void gc_ptrmap_replace(struct gc_ptrmap *, struct gc_ptrmap *other);
/* Sets the value of `key`; needs gc_ptrmap_reserve first. */
void gc_ptrmap_put(struct gc_ptrmap *, void *key, void *value);
/* The value of `key`; NULL if the map does not have it. */
void *gc_ptrmap_get(const struct gc_ptrmap *, const void *key);
/* A pointer to the value of `key`, which is added with a NULL value if it is
   new. Valid until the map changes. NULL: no memory, nothing changed. */
void **gc_ptrmap_at(struct gc_ptrmap *, void *key);
/* Removes the key; returns its value or NULL. */
void *gc_ptrmap_remove(struct gc_ptrmap *, const void *key);

#endif
