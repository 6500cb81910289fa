/* SPDX-License-Identifier: MIT */
#include "objects/weakref.h"

#include <pthread.h>

enum { WATCHERS_LEAST = 16 }; /* a shorter list is not swept */

/* Held for a few stores, or to sweep one list of watchers; never over a
   safepoint. */
static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;

static struct gc_py_watch *data_of(gc_ref watch) {
  return gc_bytes(watch);
}

static bool is_weakly(gc_ref target, bool wants_callback) {
  enum gc_py_kind kind = gc_py_kind_of(target);
  if (kind == GC_PY_INSTANCE)
    return gc_py_class_data(gc_py_class_of(target))->watch != 0;
  return !wants_callback && (kind == GC_PY_CLOSURE || kind == GC_PY_CLASS);
}

/* The slot of an instance that holds its watch. */
static size_t watch_slot(gc_ref instance) {
  return gc_py_class_data(gc_py_class_of(instance))->watch;
}

/* --- watching: watch_lock is held ----------------------------------------- */

static bool is_watching(const struct gc_py *py, gc_root *out, gc_ref watcher) {
  return gc_weak_get(py->m, out, gc_get(watcher, GC_PY_WATCHER_WEAK)) != NULL;
}

static void watchers_sweep(const struct gc_py *py, gc_ref watch) {
  GC_FRAME(py->m, f, weakref);
  gc_ref before = watch;
  size_t slot = GC_PY_WATCH_FIRST, live = 0;
  for (gc_ref watcher; (watcher = gc_get(before, slot)) != NULL;) {
    if (is_watching(py, &f.weakref, watcher)) {
      before = watcher;
      slot = GC_PY_WATCHER_NEXT;
      live++;
    } else {
      gc_set(py->m, before, slot, gc_get(watcher, GC_PY_WATCHER_NEXT));
    }
  }
  data_of(watch)->watchers = live;
  data_of(watch)->most = 2 * live + WATCHERS_LEAST;
}

static void watcher_add(const struct gc_py *py, gc_ref watch, gc_ref watcher) {
  struct gc_py_watch *data = data_of(watch);
  if (data->watchers == data->most)
    watchers_sweep(py, watch);
  gc_set(py->m, watcher, GC_PY_WATCHER_NEXT, gc_get(watch, GC_PY_WATCH_FIRST));
  gc_set(py->m, watch, GC_PY_WATCH_FIRST, watcher);
  data->watchers++;
}

/* --- watching ------------------------------------------------------------- */

static bool watch_new(const struct gc_py *py, gc_root *out) {
  gc_ref watch = gc_py_new(py, out, gc_py_types.watch);
  if (watch == NULL)
    return false;
  *data_of(watch) = (struct gc_py_watch){.home = gc_py_home_make(py->world),
                                         .most = WATCHERS_LEAST};
  return true;
}

static bool watcher_new(const struct gc_py *py, gc_root *out,
                        const gc_root *weakref) {
  GC_FRAME(py->m, f, weak);
  if (!gc_py_new_weak(py, &f.weak, gc_root_get(weakref)) ||
      !gc_py_new(py, out, gc_py_types.watcher))
    return false;
  gc_set_move(py->m, gc_root_get(out), GC_PY_WATCHER_WEAK, &f.weak);
  return true;
}

/* Adds the watcher to the target's watch. If the target has none, or a spent
   one, `fresh` becomes its watch. False: a fresh watch is needed first. */
static bool watch_join(const struct gc_py *py, gc_ref target, gc_ref fresh,
                       gc_ref watcher) {
  size_t slot = watch_slot(target);
  pthread_mutex_lock(&watch_lock);
  gc_ref watch = gc_get(target, slot);
  if (watch == NULL || data_of(watch)->is_spent) {
    watch = fresh;
    if (fresh != NULL)
      gc_set(py->m, target, slot, fresh);
  }
  if (watch != NULL)
    watcher_add(py, watch, watcher);
  pthread_mutex_unlock(&watch_lock);
  return watch != NULL;
}

/* Note [Looking again]: during an allocation, a finalizer or another thread may
   give the target a watch, or the watch may become spent. */
static bool watch(const struct gc_py *py, const gc_root *target,
                  const gc_root *weakref) {
  GC_FRAME(py->m, f, fresh, watcher);
  if (!watcher_new(py, &f.watcher, weakref))
    return false;
  while (!watch_join(py, gc_root_get(target), gc_root_get(&f.fresh),
                     gc_root_get(&f.watcher)))
    if (!watch_new(py, &f.fresh))
      return false;
  return true;
}

/* --- calling back --------------------------------------------------------- */

/* After this the weak reference reads as dead. */
static void call_back(const struct gc_py *py, const gc_root *weakref) {
  GC_FRAME(py->m, f, callback);
  gc_ref object = gc_root_get(weakref);
  gc_root_set(py->m, &f.callback, gc_get(object, GC_PY_WEAKREF_CALLBACK));
  gc_set(py->m, object, GC_PY_WEAKREF_WEAK, NULL);
  gc_set(py->m, object, GC_PY_WEAKREF_CALLBACK, NULL);
  if (gc_root_get(&f.callback) != NULL)
    gc_py_call(py, &f.callback, weakref);
}

/* Moves the list of watchers to *out. */
static void watch_spend(gc_mutator *m, gc_root *out, gc_ref watch) {
  pthread_mutex_lock(&watch_lock);
  gc_root_set(m, out, gc_get(watch, GC_PY_WATCH_FIRST));
  gc_set(m, watch, GC_PY_WATCH_FIRST, NULL);
  data_of(watch)->watchers = 0;
  data_of(watch)->is_spent = true;
  pthread_mutex_unlock(&watch_lock);
}

void gc_py_watch_finalize(gc_mutator *m, const gc_root *self) {
  GC_FRAME(m, f, watcher, weakref);
  gc_ref watch = gc_root_get(self);
  const struct gc_py py = {m, gc_py_home_world(data_of(watch)->home)};
  watch_spend(m, &f.watcher, watch);
  while (py.world != NULL && gc_root_get(&f.watcher) != NULL) {
    if (is_watching(&py, &f.weakref, gc_root_get(&f.watcher)))
      call_back(&py, &f.weakref);
    gc_ref watcher = gc_root_get(&f.watcher);
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
  gc_ref object = gc_root_get(target);
  if (!is_weakly(object, true))
    return 0;
  size_t count = 0;
  pthread_mutex_lock(&watch_lock);
  gc_ref watch = gc_get(object, watch_slot(object));
  if (watch != NULL) {
    watchers_sweep(py, watch);
    count = data_of(watch)->watchers;
  }
  pthread_mutex_unlock(&watch_lock);
  return count;
}
