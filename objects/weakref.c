/* SPDX-License-Identifier: MIT */
#include "objects/weakref.h"

static struct gc_py_home *home_of(gc_ref watch) {
  return gc_bytes(watch);
}

static bool is_weakly(gc_ref target, bool wants_callback) {
  enum gc_py_kind kind = gc_py_kind_of(target);
  if (kind == GC_PY_INSTANCE)
    return gc_py_class_data(gc_py_class_of(target))->watch != 0;
  return !wants_callback && (kind == GC_PY_CLOSURE || kind == GC_PY_CLASS);
}

/* --- watching ------------------------------------------------------------- */

/* The target's watch goes to *out; it is made when it is first needed. Two
   threads may need it at once. */
static bool watch_ensure(const struct gc_py *py, gc_root *out,
                         const gc_root *target) {
  gc_ref object = gc_root_get(target);
  size_t slot = gc_py_class_data(gc_py_class_of(object))->watch;
  if (gc_get(object, slot) == NULL) {
    gc_ref watch = gc_py_new(py, out, gc_py_types.watch);
    if (watch == NULL)
      return false;
    *home_of(watch) = gc_py_home_make(py->world);
    gc_cas(py->m, gc_root_get(target), slot, NULL, watch);
  }
  gc_root_set(py->m, out, gc_get(gc_root_get(target), slot));
  return true;
}

static void watch_push(const struct gc_py *py, gc_ref watch, gc_ref watcher) {
  gc_ref first;
  do {
    first = gc_get(watch, GC_PY_WATCH_FIRST);
    gc_set(py->m, watcher, GC_PY_WATCHER_NEXT, first);
  } while (!gc_cas(py->m, watch, GC_PY_WATCH_FIRST, first, watcher));
}

static bool watch(const struct gc_py *py, const gc_root *target,
                  const gc_root *weakref) {
  GC_FRAME(py->m, f, watch, weak, watcher);
  if (!watch_ensure(py, &f.watch, target) ||
      !gc_py_new_weak(py, &f.weak, gc_root_get(weakref)))
    return false;
  gc_ref watcher = gc_py_new(py, &f.watcher, gc_py_types.watcher);
  if (watcher == NULL)
    return false;
  gc_set_move(py->m, watcher, GC_PY_WATCHER_WEAK, &f.weak);
  watch_push(py, gc_root_get(&f.watch), watcher);
  return true;
}

/* --- calling back --------------------------------------------------------- */

/* From here on it reads dead. */
static void call_back(const struct gc_py *py, const gc_root *weakref) {
  GC_FRAME(py->m, f, callback);
  gc_ref object = gc_root_get(weakref);
  gc_root_set(py->m, &f.callback, gc_get(object, GC_PY_WEAKREF_CALLBACK));
  gc_set(py->m, object, GC_PY_WEAKREF_WEAK, NULL);
  gc_set(py->m, object, GC_PY_WEAKREF_CALLBACK, NULL);
  if (gc_root_get(&f.callback) != NULL)
    gc_py_call(py, &f.callback, weakref);
}

void gc_py_watch_finalize(gc_mutator *m, const gc_root *self) {
  const struct gc_py py = {m, gc_py_home_world(*home_of(gc_root_get(self)))};
  GC_FRAME(m, f, watcher, weakref);
  if (py.world == NULL)
    return;
  gc_root_set(m, &f.watcher, gc_get(gc_root_get(self), GC_PY_WATCH_FIRST));
  while (gc_root_get(&f.watcher) != NULL) {
    gc_ref watcher = gc_root_get(&f.watcher);
    if (gc_weak_get(m, &f.weakref, gc_get(watcher, GC_PY_WATCHER_WEAK)) != NULL)
      call_back(&py, &f.weakref);
    watcher = gc_root_get(&f.watcher);
    gc_root_set(m, &f.watcher, gc_get(watcher, GC_PY_WATCHER_NEXT));
  }
}

/* --- what programs call --------------------------------------------------- */

enum gc_py_status gc_py_weakref(const struct gc_py *py, gc_root *out,
                                const gc_root *target,
                                const gc_root *callback) {
  GC_FRAME(py->m, f, weak, weakref);
  bool wants_callback = callback != NULL && gc_root_get(callback) != NULL;
  if (!is_weakly(gc_root_get(target), wants_callback))
    return GC_PY_WRONG_KIND;
  if (!gc_py_new_weak(py, &f.weak, gc_root_get(target)))
    return GC_PY_NO_MEMORY;
  gc_ref weakref = gc_py_new(py, &f.weakref, gc_py_types.weakref);
  if (weakref == NULL)
    return GC_PY_NO_MEMORY;
  gc_set_move(py->m, weakref, GC_PY_WEAKREF_WEAK, &f.weak);
  if (wants_callback) {
    gc_set(py->m, weakref, GC_PY_WEAKREF_CALLBACK, gc_root_get(callback));
    if (!watch(py, target, &f.weakref))
      return GC_PY_NO_MEMORY;
  }
  gc_root_move(py->m, out, &f.weakref);
  return GC_PY_OK;
}

gc_ref gc_py_weakref_get(const struct gc_py *py, gc_root *out, gc_ref weakref) {
  gc_ref weak = gc_get(weakref, GC_PY_WEAKREF_WEAK);
  if (weak == NULL) {
    gc_root_clear(py->m, out);
    return NULL;
  }
  return gc_weak_get(py->m, out, weak);
}

size_t gc_py_weakref_count(const struct gc_py *py, const gc_root *target) {
  GC_FRAME(py->m, f, weakref);
  gc_ref object = gc_root_get(target);
  if (!is_weakly(object, true))
    return 0;
  size_t slot = gc_py_class_data(gc_py_class_of(object))->watch, count = 0;
  gc_ref watch = gc_get(object, slot);
  gc_ref watcher = watch != NULL ? gc_get(watch, GC_PY_WATCH_FIRST) : NULL;
  for (; watcher != NULL; watcher = gc_get(watcher, GC_PY_WATCHER_NEXT))
    count += gc_weak_get(py->m, &f.weakref,
                         gc_get(watcher, GC_PY_WATCHER_WEAK)) != NULL;
  return count;
}
