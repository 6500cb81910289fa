/* SPDX-License-Identifier: MIT */
/* sweepstakes: one object model, many memory managers behind it. This is the
   only header that a program includes. The include path selects the memory
   manager (the collector), so that allocation, stores and roots are inlined.

   The rules (docs/interface.md explains them, with the same numbers):
   1. Roots are precise. GC_FRAME declares roots on the C stack; gc_global_add
      makes any other variable a root.
   2. A raw gc_ref is valid until this mutator's next safepoint, or until this
      mutator clears or overwrites the root through which it reached the
      object, whichever comes first. To keep an object longer, store it in a
      root.
   3. Allocation stores the new object in a root, and also returns it.
   4. All stores of references go through this interface. The data bytes of an
      object belong to the program.
   5. The world stops only at safepoints. These are gc_new, gc_new_with,
      gc_new_array, gc_weak_new, gc_ephemeron_new, gc_array_resize,
      gc_external_add, gc_safepoint, gc_collect, gc_visit_objects, gc_verify,
      gc_park, gc_unpark, gc_attach, gc_detach, gc_finalizers_wait,
      gc_finalizers_serve, and gc_lock where it waits. No other function is one.
   6. Finalizers run at safepoints, at most once for each object.
   7. When memory runs out, allocation returns NULL and leaves the root
      unchanged.
   Where a broken rule is detected, the program stops with a sentence about it.
   The release build detects few of them; the checked flavour of each library
   (GC_ASSERT_LEVEL 2) detects more, and docs/interface.md lists both.

   All sizes are in bytes, all times in nanoseconds. */
#ifndef SWEEPSTAKES_H
#define SWEEPSTAKES_H

#include "heap/check.h"
#include "heap/event.h"
#include "heap/figures.h"
#include "heap/finalizers.h"
#include "heap/lifecycle.h"
#include "heap/mutator.h"
#include "heap/object.h"
#include "heap/roots.h"

GC_PUBLIC_BEGIN

/* --- operations that each collector defines ------------------------------ */

/* Lets the world stop and finalizers run here. Call it now and then in long
   loops that do not allocate: a stop waits for every running mutator. */
GC_INLINE void gc_safepoint(gc_mutator *);

/* Creates an object whose slots are NULL and whose bytes are zero, stores it in
   *out (overwriting what is there) and returns it. Returns NULL and leaves *out
   unchanged if there is no memory even after a full collection. gc_new takes
   types without a tail; gc_new_array takes types with one and repeats the tail
   `length` times. Safepoints; they may collect. */
GC_INLINE gc_ref gc_new(gc_mutator *, gc_root *out, gc_type);
GC_INLINE gc_ref gc_new_array(gc_mutator *, gc_root *out, gc_type,
                              size_t length);
/* gc_new of an object whose slots from `first` on hold the values of `count`
   roots. `out` must not be one of these roots. It costs less than gc_new and
   gc_set where counts are kept. */
GC_INLINE gc_ref gc_new_with(gc_mutator *, gc_root *out, gc_type, size_t first,
                             const gc_root *values, size_t count);
/* Load and store a slot. Slots 0 … refs-1 are the fixed ones; slot refs+i is
   element i of a GC_REF_TAIL. Any value may be NULL, or an immediate:
   heap/object.h. Several threads may use one slot at a time: loads acquire,
   stores release. */
GC_INLINE gc_ref gc_get(gc_ref object, size_t slot);
GC_INLINE void gc_set(gc_mutator *, gc_ref object, size_t slot, gc_ref value);
/* Stores the value of *from, a root of this mutator, and empties *from. Under
   reference counting a move is cheaper than gc_set and gc_root_clear. */
GC_INLINE void gc_set_move(gc_mutator *, gc_ref object, size_t slot,
                           gc_root *from);
/* Compare and swap: if the slot holds `expected`, stores `desired` and returns
   true. Otherwise changes nothing and returns false. */
GC_INLINE bool gc_cas(gc_mutator *, gc_ref object, size_t slot, gc_ref expected,
                      gc_ref desired);

/* Write roots of frames; gc_root_get reads them. The roots of a frame belong to
   its mutator: no other thread may read or write them, not even while the
   mutator is parked. gc_root_move empties *from. */
GC_INLINE void gc_root_set(gc_mutator *, gc_root *, gc_ref);
GC_INLINE void gc_root_move(gc_mutator *, gc_root *to, gc_root *from);
GC_INLINE void gc_root_clear(gc_mutator *, gc_root *);

/* Writes a global root: gc_global_add. */
GC_INLINE void gc_global_set(gc_mutator *, gc_root *, gc_ref);

/* A weak reference is an object that does not keep its target alive.
   gc_weak_new creates one, stores it in *out and returns it; `target` must not
   be NULL. It is a safepoint and fails as gc_new does. */
gc_ref gc_weak_new(gc_mutator *, gc_root *out, gc_ref target);
/* Stores the target of `weak` in *out and returns it. Once the target has died,
   it empties *out and returns NULL. Not a safepoint. Of an ephemeron, it reads
   the key. */
gc_ref gc_weak_get(gc_mutator *, gc_root *out, gc_ref weak);

/* An ephemeron is a weak reference with a value. It does not keep its key
   alive. It keeps its value alive as long as both the ephemeron and the key
   live, even if the value refers to the key. When the key dies, the ephemeron
   is cleared at the same time as the weak references to the key. Two collectors
   do less: docs/interface.md says which. gc_ephemeron_new creates one, stores
   it in *out and returns it; key and value must not be NULL and never change.
   The value may be an immediate.
   It is a safepoint and fails as gc_new does. gc_get and gc_set do not take
   ephemerons. */
gc_ref gc_ephemeron_new(gc_mutator *, gc_root *out, gc_ref key, gc_ref value);
/* Stores the value of an ephemeron in *out and returns it. Once the key has
   died, it empties *out and returns NULL. Not a safepoint. */
gc_ref gc_ephemeron_get(gc_mutator *, gc_root *out, gc_ref ephemeron);

/* Tells the collector that the object keeps `bytes` of memory alive outside the
   heap: a buffer that its finalizer frees, say. They count as held, so that a
   collection is due sooner and the limit includes them, until gc_external_sub
   takes them off or the object dies. Returns false and adds nothing if the
   limit does not allow them, even after a full collection. A safepoint. */
bool gc_external_add(gc_mutator *, gc_ref object, size_t bytes);
/* Takes bytes off again, at most those that were added. Not a safepoint. */
void gc_external_sub(gc_mutator *, gc_ref object, size_t bytes);

/* The number of slots and roots that hold the object; 0 if the collector does
   not count references. Exact once every mutator has passed a safepoint since
   the last store. */
GC_INLINE size_t gc_refcount(gc_ref object);
/* The bytes that the object takes, header, length and rounding included. */
GC_INLINE size_t gc_sizeof(gc_ref object);
/* The bytes that a new object of this type would take. `length` is 0 for types
   without a tail. */
GC_INLINE size_t gc_size_for(gc_type, size_t length);
/* The generation that the object is in; 0 is the youngest. Always 0 if the
   collector has no generations. */
GC_INLINE int gc_generation_of(gc_ref object);
/* Makes the object immortal: it lives as long as the heap, and its count is no
   longer updated. No effect on an immortal object. Stops the program if there
   is no memory to record it. Not a safepoint. */
void gc_immortalize(gc_mutator *, gc_ref object);

GC_INLINE gc_ref gc_get(gc_ref object, size_t slot) {
  gc_check_slot(object, slot);
  return gc_slot_load(object, slot);
}

/* Empties the roots of a scope and removes its frame. For GC_FRAME alone. */
GC_INLINE void gc_scope_leave(const struct gc_scope *);

/* GC_FRAME(m, f, left, right) declares the empty roots f.left and f.right of
   mutator m. They are emptied and removed when the scope ends, by `return`,
   `break` and `goto` too. For longjmp see gc_frames_unwind. */
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

GC_PUBLIC_END

#include <collector.h>

#include "heap/array.h"
#include "heap/rootstack.h"

#endif
