/* SPDX-License-Identifier: MIT */
#include "objects/instance.h"

#include "objects/intern.h"
#include "objects/sequence.h"

/* --- classes -------------------------------------------------------------- */

static bool make_names(const struct gc_py *py, gc_root *out,
                       const char *const *names, size_t count) {
  GC_FRAME(py->m, f, name, tuple);
  if (count == 0)
    return gc_py_share(py, out, GC_PY_AT_EMPTY_TUPLE) != NULL;
  if (!gc_py_new_slots(py, &f.tuple, &gc_py_types.tuple, count))
    return false;
  for (size_t i = 0; i < count; i++) {
    if (!gc_py_intern_bytes(py, &f.name, names[i], strlen(names[i])))
      return false;
    gc_set_move(py->m, gc_root_get(&f.tuple), i, &f.name);
  }
  gc_root_move(py->m, out, &f.tuple);
  return true;
}

static struct gc_py_class layout(const struct gc_py *py,
                                 const struct gc_py_class_desc *desc) {
  struct gc_py_class data = {.home = gc_py_home_make(py->world),
                             .finalize = desc->finalize};
  while (desc->attributes != NULL && desc->attributes[data.attributes])
    data.attributes++;
  data.slots = 1 + data.attributes;
  if (desc->flags & GC_PY_OPEN)
    data.open = data.slots++;
  if (desc->flags & GC_PY_WEAKLY)
    data.watch = data.slots++;
  return data;
}

gc_ref gc_py_class(const struct gc_py *py, gc_root *out,
                   const struct gc_py_class_desc *desc) {
  GC_FRAME(py->m, f, name, names, dict);
  struct gc_py_class data = layout(py, desc);
  if (!gc_py_str(py, &f.name, desc->name, strlen(desc->name)) ||
      !make_names(py, &f.names, desc->attributes, data.attributes) ||
      !gc_py_dict(py, &f.dict))
    return NULL;
  gc_ref class = gc_py_new(py, out, gc_py_types.klass);
  if (class == NULL)
    return NULL;
  *gc_py_class_data(class) = data;
  gc_set_move(py->m, class, GC_PY_CLASS_NAME, &f.name);
  gc_set_move(py->m, class, GC_PY_CLASS_ATTRIBUTES, &f.names);
  gc_set_move(py->m, class, GC_PY_CLASS_DICT, &f.dict);
  return class;
}

size_t gc_py_class_slot(gc_ref class, gc_ref name) {
  gc_ref names = gc_get(class, GC_PY_CLASS_ATTRIBUTES);
  size_t count = gc_py_tuple_length(names);
  for (size_t i = 0; i < count; i++)
    if (gc_py_tuple_get(names, i) == name)
      return i + 1;
  for (size_t i = 0; i < count; i++)
    if (gc_py_keys_equal(gc_py_tuple_get(names, i), name))
      return i + 1;
  return 0;
}

/* --- attributes ----------------------------------------------------------- */

/* The dictionary of the attributes that have no slot; NULL: there is none. */
static gc_ref dict_of(gc_ref object) {
  if (gc_py_kind_of(object) == GC_PY_CLASS)
    return gc_get(object, GC_PY_CLASS_DICT);
  size_t open = gc_py_class_data(gc_py_class_of(object))->open;
  return open != 0 ? gc_get(object, open) : NULL;
}

static size_t slot_of(gc_ref object, gc_ref name) {
  if (gc_py_kind_of(object) != GC_PY_INSTANCE)
    return 0;
  return gc_py_class_slot(gc_py_class_of(object), name);
}

static bool has_attributes(gc_ref object) {
  enum gc_py_kind kind = gc_py_kind_of(object);
  return kind == GC_PY_INSTANCE || kind == GC_PY_CLASS;
}

static gc_ref own_attribute(gc_ref object, gc_ref name) {
  size_t slot = slot_of(object, name);
  if (slot != 0)
    return gc_get(object, slot);
  gc_ref dict = dict_of(object);
  return dict != NULL ? gc_py_dict_get(dict, name) : NULL;
}

gc_ref gc_py_getattr(gc_ref object, gc_ref name) {
  if (!has_attributes(object) || gc_py_kind_of(name) != GC_PY_STR)
    return NULL;
  gc_ref value = own_attribute(object, name);
  if (value == NULL && gc_py_kind_of(object) == GC_PY_INSTANCE)
    value = own_attribute(gc_py_class_of(object), name);
  return value;
}

/* Stores in *out the dictionary of the attributes that have no slot, and
   creates it if necessary. Note [Looking again]: during the allocation, a
   finalizer or another thread may have created one; then that one is used. */
static enum gc_py_status dict_ensure(const struct gc_py *py, gc_root *out,
                                     const gc_root *object) {
  if (dict_of(gc_root_get(object)) == NULL) {
    size_t open = gc_py_class_data(gc_py_class_of(gc_root_get(object)))->open;
    if (open == 0)
      return GC_PY_NO_SUCH_KEY;
    if (gc_py_dict(py, out) == NULL)
      return GC_PY_NO_MEMORY;
    gc_cas(py->m, gc_root_get(object), open, NULL, gc_root_get(out));
  }
  gc_root_set(py->m, out, dict_of(gc_root_get(object)));
  return GC_PY_OK;
}

enum gc_py_status gc_py_setattr(const struct gc_py *py, const gc_root *object,
                                const gc_root *name, const gc_root *value) {
  GC_FRAME(py->m, f, dict);
  gc_ref target = gc_root_get(object);
  if (!has_attributes(target) || gc_py_kind_of(gc_root_get(name)) != GC_PY_STR)
    return GC_PY_WRONG_KIND;
  size_t slot = slot_of(target, gc_root_get(name));
  if (slot != 0) {
    gc_set(py->m, target, slot, gc_root_get(value));
    return GC_PY_OK;
  }
  enum gc_py_status status = dict_ensure(py, &f.dict, object);
  if (status != GC_PY_OK)
    return status;
  return gc_py_dict_set(py, &f.dict, name, value);
}

enum gc_py_status gc_py_delattr(const struct gc_py *py, gc_ref object,
                                gc_ref name) {
  if (!has_attributes(object) || gc_py_kind_of(name) != GC_PY_STR)
    return GC_PY_WRONG_KIND;
  size_t slot = slot_of(object, name);
  gc_ref dict = dict_of(object);
  if (slot == 0)
    return dict ? gc_py_dict_delete(py, dict, name) : GC_PY_NO_SUCH_KEY;
  if (gc_get(object, slot) == NULL)
    return GC_PY_NO_SUCH_KEY;
  gc_set(py->m, object, slot, NULL);
  return GC_PY_OK;
}

/* --- finalizers ----------------------------------------------------------- */

static struct gc_py_mortal *mortal_data(gc_ref instance) {
  return gc_bytes(instance);
}

/* An instance without a class: creating it failed. */
void gc_py_instance_finalize(gc_mutator *m, const gc_root *self) {
  gc_ref instance = gc_root_get(self), class = gc_py_class_of(instance);
  if (class == NULL)
    return;
  __atomic_store_n(&mortal_data(instance)->is_finalized, 1, __ATOMIC_RELAXED);
  const struct gc_py_class *data = gc_py_class_data(class);
  const struct gc_py py = {m, gc_py_home_world(data->home)};
  if (py.world != NULL)
    data->finalize(&py, self);
}

/* --- closures ------------------------------------------------------------- */

static gc_py_code **code_of(gc_ref closure) {
  return (gc_py_code **)&closure->slot[GC_PY_CLOSURE_SLOTS];
}

gc_ref gc_py_closure(const struct gc_py *py, gc_root *out, gc_py_code *code,
                     const gc_root *bound) {
  GC_FRAME(py->m, f, bound);
  if (bound != NULL)
    gc_root_set(py->m, &f.bound, gc_root_get(bound));
  gc_ref closure = gc_py_new(py, out, gc_py_types.closure);
  if (closure == NULL)
    return NULL;
  *code_of(closure) = code;
  gc_set_move(py->m, closure, GC_PY_CLOSURE_BOUND, &f.bound);
  return closure;
}

void gc_py_call(const struct gc_py *py, const gc_root *closure,
                const gc_root *argument) {
  (*code_of(gc_root_get(closure)))(py, closure, argument);
}
