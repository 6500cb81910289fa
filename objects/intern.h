/* SPDX-License-Identifier: MIT */
/* Interned strings: of all that are equal, one. The table holds them weakly, so
   that they die like others, unless the world was opened with
   immortal_strings. Any thread may intern.

   Note [Interning and locks]
   The table is striped by hash, with a lock for each stripe. Nobody reaches a
   safepoint with such a lock in hand, or the world would wait for a thread
   that waits for the lock. So whatever is allocated is allocated before, and
   what was looked up is looked up again. */
#ifndef GC_PY_INTERN_H
#define GC_PY_INTERN_H

#include <pthread.h>

#include "objects/str.h"

enum { GC_PY_ENTRY_STR, GC_PY_ENTRY_NEXT, GC_PY_ENTRY_SLOTS };

enum { GC_PY_INTERN_STRIPES = 16 };

struct gc_py_intern_stripe {
  pthread_mutex_t lock;
  gc_root table;  /* global; lock: chains of entries; empty at first */
  size_t entries; /* lock: those whose string died included */
} __attribute__((aligned(GC_CACHE_LINE)));

_Static_assert(GC_PY_INTERN_STRIPES == 1 << 4, "four bits choose a stripe");

struct gc_py_interned {
  struct gc_py_intern_stripe stripe[GC_PY_INTERN_STRIPES];
};

/* The one that is equal to *str, which becomes it if there is none yet. */
gc_ref gc_py_intern(const struct gc_py *, gc_root *out, const gc_root *str);
gc_ref gc_py_intern_bytes(const struct gc_py *, gc_root *out, const char *bytes,
                          size_t length);
/* As the compiler makes constants: interned if there is nothing in it but
   ASCII letters, digits and underscores. */
gc_ref gc_py_literal(const struct gc_py *, gc_root *out, const char *text);
bool gc_py_is_interned(const struct gc_py *, const gc_root *str);
/* Forgets those that have died; returns how many there are. */
size_t gc_py_interned_count(const struct gc_py *);

/* Where a string with this hash goes, and what a stripe takes, without the
   strings, that never had more than `most` of them. */
GC_INLINE size_t gc_py_intern_stripe(uint32_t hash) {
  return hash >> 28;
}
size_t gc_py_intern_stripe_bytes(size_t most, bool immortal_strings);

/* For gc_py_open and gc_py_close. */
struct gc_py_interned *gc_py_interned_new(gc_heap *);
void gc_py_interned_free(gc_mutator *, struct gc_py_interned *);

#endif
