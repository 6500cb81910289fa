/* SPDX-License-Identifier: MIT */
/* The verifier that all collectors share: a second, simple trace with its own
   table of the objects that it has found. A collector provides only the checks
   that depend on its data structures. */
#ifndef GC_VERIFY_H
#define GC_VERIFY_H

#include "heap/heap.h"

struct gc_verifier {
  /* Makes counts exact (drains buffers); may be NULL. */
  void (*prepare)(gc_mutator *);
  /* Checks a reachable object to which `found` roots and slots of reachable
     objects refer. Returns NULL, or a description of what is wrong. Must not
     read the object before it knows that the address is one of an object. If
     `all` is true, no unreachable objects exist, so counts must match exactly.
   */
  const char *(*object)(gc_heap *, gc_ref, size_t found, bool all);
  /* Bytes of all objects that have not been freed; may be NULL. */
  size_t (*object_bytes)(gc_heap *);
  /* Checks the invariants that are not about one reachable object (remembered
     set, blocks). Returns how many are broken; may be NULL. */
  size_t (*rest)(gc_mutator *);
  /* Is the address that of an object, which the trace may read? NULL: always.
   */
  bool (*is_object)(gc_heap *, gc_ref);
  /* gc_sizeof, out of line; required if object_bytes is there. */
  size_t (*size_of)(gc_ref);
  /* How many objects have died so far. NULL if an object does not die as soon
     as its last root is overwritten. World stopped. */
  uint64_t (*deaths)(gc_heap *);
};

/* World stopped by `m`. Returns how many invariants are broken, and writes one
   line about each to stderr. */
size_t gc_verify_stopped(gc_mutator *m);

/* Collectors call it at the end of a collection. With tuning verify=N every Nth
   call verifies, and stops the program if an invariant is broken. */
void gc_verify_after_collection(gc_mutator *m);

#endif
