/* SPDX-License-Identifier: MIT */
/* Interned strings: one string object for all equal strings. The table holds
   them weakly, so that they can die, unless the world was opened with
   immortal_strings. Any thread may intern.

   Note [Interning and locks]
   The table is divided by hash into stripes, each with a lock. A thread never
   reaches a safepoint while it holds such a lock; otherwise a stop of the world
   would wait for a thread that waits for the lock. So all memory is allocated
   before the lock is taken, and the string is searched again under the lock. */
#ifndef GC_PY_INTERN_H
#define GC_PY_INTERN_H

#include <pthread.h>

#include "objects/str.h"

GC_PUBLIC_BEGIN

enum { GC_PY_ENTRY_STR, GC_PY_ENTRY_NEXT, GC_PY_ENTRY_SLOTS };

enum { GC_PY_INTERN_STRIPES = 16 };

struct gc_py_intern_stripe {
  pthread_mutex_t lock;
  gc_root table;  /* global; lock: chains of entries; empty at first */
  size_t entries; /* lock: with those whose string has died */
} __attribute__((aligned(GC_CACHE_LINE)));

GC_STATIC_ASSERT(GC_PY_INTERN_STRIPES == 1 << 4, "four bits choose a stripe");

struct gc_py_interned {
  struct gc_py_intern_stripe stripe[GC_PY_INTERN_STRIPES];
};

/* Stores in *out the interned string that is equal to *str, and returns it. If
   there is none, *str becomes the interned one. NULL: no memory. */
gc_ref gc_py_intern(const struct gc_py *, gc_root *out, const gc_root *str);
gc_ref gc_py_intern_bytes(const struct gc_py *, gc_root *out, const char *bytes,
                          size_t length);
/* A constant, as CPython's compiler makes it: interned if it has only ASCII
   letters, digits and underscores. */
gc_ref gc_py_literal(const struct gc_py *, gc_root *out, const char *text);
bool gc_py_is_interned(const struct gc_py *, const gc_root *str);
/* Removes the entries of dead strings; returns how many entries remain. */
size_t gc_py_interned_count(const struct gc_py *);

/* The stripe of a hash, and the bytes of a stripe that never had more than
   `most` entries, without the strings. */
GC_INLINE size_t gc_py_intern_stripe(uint32_t hash) {
  return hash >> 28;
}
size_t gc_py_intern_stripe_bytes(size_t most, bool immortal_strings);

/* For gc_py_open and gc_py_close. */
struct gc_py_interned *gc_py_interned_new(gc_heap *);
void gc_py_interned_free(gc_mutator *, struct gc_py_interned *);

GC_PUBLIC_END

#endif
