/* SPDX-License-Identifier: MIT */
/* sweepstakes: one object model, many memory managers behind it. This is the
   one header that a program includes; which manager it gets is decided by the
   include path, so that allocation, stores and roots compile inline.

   The rules (docs/interface.md has them at length):
   1. Roots are precise: GC_FRAME for the C stack, gc_global_add for the rest.
   2. A raw gc_ref lives until this mutator's next safepoint, or until it
      clears the root through which the object was reached.
   3. Safepoints are: gc_new, gc_new_array, gc_weak_new, gc_safepoint,
      gc_collect, gc_visit_objects, gc_verify, gc_park, gc_unpark, gc_attach,
      gc_detach. Nothing else.
      At a safepoint the world may stop and finalizers may run.
   4. All reference stores go through this interface.
   5. Out of memory is an answer: NULL, and the root is as it was.
   Where an argument breaks a rule that can be checked, the program stops with
   one sentence; it never goes on with a broken heap. */
#ifndef SWEEPSTAKES_H
#define SWEEPSTAKES_H

#include "heap/event.h"
#include "heap/figures.h"
#include "heap/mutator.h"
#include "heap/object.h"
#include "heap/options.h"

/* --- types --------------------------------------------------------------- */

/* Makes a type known, for the whole process. Thread-safe. The name is copied.
   0 when the table is full (4094 types) or the description cannot be. */
gc_type gc_type_define(const struct gc_type_desc *);
/* The description that a type was made from; valid for ever. */
const struct gc_type_desc *gc_type_describe(gc_type);

/* --- the operations that each collector brings --------------------------- */

GC_INLINE void gc_safepoint(gc_mutator *);

/* A new object, its slots NULL and its bytes zero, stored in *out (which may
   hold something already) and returned. NULL: out of memory even after a full
   collection; *out is as it was. */
GC_INLINE gc_ref gc_new(gc_mutator *, gc_root *out, gc_type);
GC_INLINE gc_ref gc_new_array(gc_mutator *, gc_root *out, gc_type,
                              size_t length);
/* What slot `slot` holds. Slots 0 … refs-1 are the fixed ones; slot refs+i is
   element i of a GC_REF_TAIL. */
GC_INLINE gc_ref gc_get(gc_ref object, size_t slot);
GC_INLINE void gc_set(gc_mutator *, gc_ref object, size_t slot, gc_ref value);
/* Stores what is in *from, which becomes empty. */
GC_INLINE void gc_set_move(gc_mutator *, gc_ref object, size_t slot,
                           gc_root *from);
/* True if the slot held `expected` and now holds `desired`. */
GC_INLINE bool gc_cas(gc_mutator *, gc_ref object, size_t slot, gc_ref expected,
                      gc_ref desired);

GC_INLINE void gc_root_set(gc_mutator *, gc_root *, gc_ref);
GC_INLINE void gc_root_move(gc_mutator *, gc_root *to, gc_root *from);
GC_INLINE void gc_root_clear(gc_mutator *, gc_root *);

/* A root outside frames. It is empty when it is added; from then on any
   thread may read it with gc_root_get and write it with gc_global_set, until
   it is removed (which empties it). gc_global_add aborts without memory. */
void gc_global_add(gc_heap *, gc_root *);
void gc_global_remove(gc_mutator *, gc_root *);
GC_INLINE void gc_global_set(gc_mutator *, gc_root *, gc_ref);

/* A weak reference is an object like any other. gc_weak_get roots the target
   and returns it; NULL, and an empty root, once the target has died. */
gc_ref gc_weak_new(gc_mutator *, gc_root *out, gc_ref target);
gc_ref gc_weak_get(gc_mutator *, gc_root *out, gc_ref weak);

/* Slots and roots that hold the object; 0 where the collector does not count.
   Exact when every mutator has passed a safepoint since the last store. */
GC_INLINE size_t gc_refcount(gc_ref object);
/* Bytes it really takes, header, length and rounding included. */
GC_INLINE size_t gc_sizeof(gc_ref object);
/* What a new object of this type would take; `length` is 0 without a tail. */
GC_INLINE size_t gc_size_for(gc_type, size_t length);
/* 0 is the youngest; 0 too where there are no generations. */
GC_INLINE int gc_generation_of(gc_ref object);
/* The object will never die and take no count traffic any more. Doing it again
   changes nothing. */
void gc_immortalize(gc_mutator *, gc_ref object);

GC_INLINE gc_ref gc_get(gc_ref object, size_t slot) {
  gc_assert(slot < gc_slot_count(object));
  return gc_slot_load(object, slot);
}

/* Empties the roots of a scope and takes its frame away. */
GC_INLINE void gc_scope_leave(const struct gc_scope *);

/* GC_FRAME(m, f, left, right) declares roots f.left and f.right, all empty,
   known to m, and released when the scope ends, early return included. */
#define GC_FRAME(gc_m_, gc_f_, ...)                                            \
  struct {                                                                     \
    struct gc_frame gc_frame_;                                                 \
    gc_root __VA_ARGS__;                                                       \
  } gc_f_;                                                                     \
  __builtin_memset(&gc_f_, 0, sizeof gc_f_);                                   \
  const struct gc_scope GC_PASTE_(gc_f_, _gc_scope_)                           \
      __attribute__((cleanup(gc_scope_leave), unused)) = gc_frame_enter(       \
          (gc_m_), &gc_f_.gc_frame_,                                           \
          (sizeof gc_f_ - sizeof(struct gc_frame)) / sizeof(gc_root))
#define GC_PASTE_(a, b) a##b

#include <collector.h>

#endif
