/* SPDX-License-Identifier: MIT */
/* A map from addresses to addresses: open addressing, linear probing. Not
   thread-safe; the owner brings the lock. */
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
/* Takes all keys out. Room for about as many stays, far more goes. */
void gc_ptrmap_clear(struct gc_ptrmap *);
/* Makes room for one more. False: no memory, nothing changed. */
bool gc_ptrmap_reserve(struct gc_ptrmap *);
/* The same in steps, for maps whose memory is counted (heap/table.h): is there
   no room for one more? How large should the map be then? */
bool gc_ptrmap_is_full(const struct gc_ptrmap *);
size_t gc_ptrmap_next_capacity(const struct gc_ptrmap *);
size_t gc_ptrmap_bytes(const struct gc_ptrmap *);
/* An empty map with a capacity that is a power of two. False: no memory. */
bool gc_ptrmap_init(struct gc_ptrmap *, size_t capacity);
/* Moves all entries to `other`, which is empty and large enough and takes the
   map's place. */
void gc_ptrmap_replace(struct gc_ptrmap *, struct gc_ptrmap *other);
/* Sets the value of `key`; needs gc_ptrmap_reserve first. */
void gc_ptrmap_put(struct gc_ptrmap *, void *key, void *value);
/* NULL where the key is not there. */
void *gc_ptrmap_get(const struct gc_ptrmap *, const void *key);
/* The value of `key`, which is NULL where the key is new. NULL: no memory,
   nothing changed. Good until the map changes. */
void **gc_ptrmap_at(struct gc_ptrmap *, void *key);
/* Takes the key out; returns its value or NULL. */
void *gc_ptrmap_remove(struct gc_ptrmap *, const void *key);

#endif
