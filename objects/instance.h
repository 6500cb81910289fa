/* SPDX-License-Identifier: MIT */
/* Classes, their instances, and closures.

   A class declares the attributes of its instances. Each has a slot; an
   instance with two attributes takes 32 bytes. GC_PY_OPEN adds a slot for a
   dictionary of other attributes, GC_PY_WEAKLY a slot that weak references
   need:

     +-------+----------+...+----------+--------+---------+
     | class | attr. 0  |   | attr. n  | (open) | (watch) |
     +-------+----------+...+----------+--------+---------+

   An attribute that was never set is NULL, which is not None. */
#ifndef GC_PY_INSTANCE_H
#define GC_PY_INSTANCE_H

#include "objects/dict.h"

GC_PUBLIC_BEGIN

/* --- classes -------------------------------------------------------------- */

enum gc_py_class_flags {
  GC_PY_OPEN = 1,   /* instances may have any attribute */
  GC_PY_WEAKLY = 2, /* instances may have weak references */
};

struct gc_py_class_desc {
  const char *name;
  const char *const *attributes; /* ends with NULL; may be NULL */
  unsigned flags;
  /* __del__: at most once for each instance, at a safepoint. */
  void (*finalize)(const struct gc_py *, const gc_root *self);
};

enum {
  GC_PY_CLASS_NAME,
  GC_PY_CLASS_ATTRIBUTES, /* a tuple of names */
  GC_PY_CLASS_DICT,       /* attributes of the class itself */
  GC_PY_CLASS_SLOTS
};

struct gc_py_class {
  struct gc_py_home home;
  void (*finalize)(const struct gc_py *, const gc_root *self);
  uint32_t slots; /* of an instance */
  uint32_t attributes;
  uint32_t open, watch; /* which slot; 0: none */
};

GC_INLINE struct gc_py_class *gc_py_class_data(gc_ref type) {
  return (struct gc_py_class *)&type->slot[GC_PY_CLASS_SLOTS];
}

gc_ref gc_py_class(const struct gc_py *, gc_root *out,
                   const struct gc_py_class_desc *);
/* The slot of an attribute, for programs that use it often; 0: none. */
size_t gc_py_class_slot(gc_ref type, gc_ref name);

/* --- instances ------------------------------------------------------------ */

enum { GC_PY_INSTANCE_CLASS };

/* Data of instances whose class has a finalizer. */
struct gc_py_mortal {
  uint64_t is_finalized; /* any thread, atomically */
};

GC_INLINE gc_ref gc_py_instance(const struct gc_py *py, gc_root *out,
                                const gc_root *type) {
  const struct gc_py_class *data = gc_py_class_data(gc_root_get(type));
  const struct gc_py_slots_types *types =
      data->finalize == NULL ? &gc_py_types.instance : &gc_py_types.mortal;
  GC_STATIC_ASSERT(GC_PY_INSTANCE_CLASS == 0, "the class is in the first slot");
  return gc_py_new_slots_with(py, out, types, data->slots, type, 1);
}

GC_INLINE gc_ref gc_py_class_of(gc_ref instance) {
  return gc_get(instance, GC_PY_INSTANCE_CLASS);
}

/* Attributes of instances and classes, by name. gc_py_getattr searches an
   instance first, then its class; NULL: there is no such attribute. */
gc_ref gc_py_getattr(gc_ref object, gc_ref name);
enum gc_py_status gc_py_setattr(const struct gc_py *, const gc_root *object,
                                const gc_root *name, const gc_root *value);
enum gc_py_status gc_py_delattr(const struct gc_py *, gc_ref object,
                                gc_ref name);

/* --- closures ------------------------------------------------------------- */

enum { GC_PY_CLOSURE_BOUND, GC_PY_CLOSURE_SLOTS };

/* `self` is the closure, `argument` may be empty. */
typedef void gc_py_code(const struct gc_py *, const gc_root *self,
                        const gc_root *argument);

/* A function and one object that it uses: its globals, its instance, or a tuple
   of several objects. `bound` may be empty or NULL. */
gc_ref gc_py_closure(const struct gc_py *, gc_root *out, gc_py_code *,
                     const gc_root *bound);
GC_INLINE gc_ref gc_py_closure_bound(gc_ref closure) {
  return gc_get(closure, GC_PY_CLOSURE_BOUND);
}
void gc_py_call(const struct gc_py *, const gc_root *closure,
                const gc_root *argument);

/* The finalizer of the types `mortal`: instances whose class has a finalizer.
 */
void gc_py_instance_finalize(gc_mutator *, const gc_root *self);

GC_PUBLIC_END

#endif
