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
