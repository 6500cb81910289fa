/* SPDX-License-Identifier: MIT */
/* The verifier that all collectors share: a second trace, as simple as can
   be, with its own table of what it has seen. A collector brings only the
   questions that it alone can answer. */
#ifndef GC_VERIFY_H
#define GC_VERIFY_H

#include "heap/heap.h"

struct gc_verifier {
  /* Makes figures exact (drains buffers); may be NULL. */
  void (*prepare)(gc_mutator *);
  /* What is wrong with a reachable object that `found` roots and slots of
     reachable objects refer to; NULL: nothing. It must not touch the object
     before it knows that it is one. `all` says that no other object exists,
     so that counts must match exactly. */
  const char *(*object)(gc_heap *, gc_ref, size_t found, bool all);
  /* Bytes of all objects that have not been freed; may be NULL. */
  size_t (*object_bytes)(gc_heap *);
  /* Invariants that are not about one reachable object (remembered set,
     blocks): how many are broken; may be NULL. */
  size_t (*rest)(gc_mutator *);
  /* May the trace look into it at all? NULL: yes. */
  bool (*is_object)(gc_heap *, gc_ref);
  /* gc_sizeof, out of line; where there is object_bytes. */
  size_t (*size_of)(gc_ref);
  /* Objects that have died so far, where an object dies as soon as its last
     root is overwritten; or NULL. World stopped. */
  uint64_t (*deaths)(gc_heap *);
};

/* World stopped by `m`. Returns how many invariants are broken; a sentence
   about each goes to stderr. */
size_t gc_verify_stopped(gc_mutator *m);

/* For collectors to call at the end of a collection: with tuning verify=N each
   Nth call verifies, and stops the program if something is broken. */
void gc_verify_after_collection(gc_mutator *m);

#endif
