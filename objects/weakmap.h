/* SPDX-License-Identifier: MIT */
/* Maps with weak keys, as Python's WeakKeyDictionary, but keys are compared by
   identity. An entry keeps its value alive as long as its key lives, even if
   the value leads to the key: entries hold ephemerons. It needs no world of
   Python-like objects. Keys are any objects.

   Objects may move, so their addresses are no hashes. The caller passes a hash
   with each key: any number that stays the same while the key lives, such as a
   number in its data.

   Any thread may use a map. No thread reaches a safepoint while it holds the
   lock, as in Note [Interning and locks]. */
#ifndef GC_WEAKMAP_H
#define GC_WEAKMAP_H

#include <pthread.h>

#include "heap/sweepstakes.h"

GC_PUBLIC_BEGIN

enum { GC_WEAKMAP_EPHEMERON, GC_WEAKMAP_NEXT, GC_WEAKMAP_SLOTS };

struct gc_weakmap {
  pthread_mutex_t lock;
  gc_root table;  /* global; lock: chains of entries; empty at first */
  size_t entries; /* lock: with those whose key has died */
};

/* `map` is memory of the caller, which must not move until it is finished. */
void gc_weakmap_init(gc_heap *, struct gc_weakmap *map);
void gc_weakmap_finish(gc_mutator *, struct gc_weakmap *);
/* Makes a table with room for `entries` of a map that has none yet. False: no
   memory. A safepoint. */
bool gc_weakmap_reserve(gc_mutator *, struct gc_weakmap *, size_t entries);

/* Sets the value of a key. False: no memory, nothing has changed. A safepoint.
 */
bool gc_weakmap_set(gc_mutator *, struct gc_weakmap *, const gc_root *key,
                    uint64_t hash, const gc_root *value);
/* Stores the value of the key in *out and returns it. If there is none, empties
 *out and returns NULL. Not a safepoint. */
gc_ref gc_weakmap_get(gc_mutator *, struct gc_weakmap *, gc_root *out,
                      const gc_root *key, uint64_t hash);
/* False: the key had no entry. Not a safepoint. */
bool gc_weakmap_remove(gc_mutator *, struct gc_weakmap *, const gc_root *key,
                       uint64_t hash);
/* Removes the entries of dead keys; returns how many entries remain. */
size_t gc_weakmap_size(gc_mutator *, struct gc_weakmap *);
/* Calls `visit` with the key and the value of each entry, in no order. `visit`
   must not use the map nor reach a safepoint. */
void gc_weakmap_visit(gc_mutator *, struct gc_weakmap *,
                      void (*visit)(gc_ref key, gc_ref value, void *data),
                      void *data);

/* The bytes of a table with room for so many entries, and of one entry. */
size_t gc_weakmap_table_size(size_t entries);
size_t gc_weakmap_entry_size(void);

GC_PUBLIC_END

#endif
