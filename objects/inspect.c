/* SPDX-License-Identifier: MIT */
#include "objects/inspect.h"

#include "objects/instance.h"
#include "objects/sequence.h"

/* --- parts ---------------------------------------------------------------- */

/* Calls `visit` for each object to which `object` refers, directly or through
   its storage. Returns false as soon as `visit` does. */
static bool visit_referents(gc_ref object, bool (*visit)(void *, gc_ref),
                            void *data) {
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++) {
    gc_ref child = gc_get(object, i);
    if (!gc_is_object(child))
      continue;
    enum gc_py_kind kind = gc_py_kind_of(child);
    if (kind == GC_PY_STORAGE && !visit_referents(child, visit, data))
      return false;
    if (kind != GC_PY_STORAGE && kind != GC_PY_OTHER && !visit(data, child))
      return false;
  }
  return true;
}

size_t gc_py_sizeof(gc_ref object) {
  size_t bytes = gc_sizeof(object);
  enum gc_py_kind kind = gc_py_kind_of(object);
  if (kind != GC_PY_LIST && kind != GC_PY_DICT)
    return bytes;
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++) {
    gc_ref part = gc_get(object, i);
    if (gc_is_object(part) && gc_py_kind_of(part) == GC_PY_STORAGE)
      bytes += gc_sizeof(part);
  }
  return bytes;
}

/* --- single objects ------------------------------------------------------- */

bool gc_py_is_tracked(gc_ref object) {
  enum gc_py_kind kind = gc_py_kind_of(object);
  if (kind == GC_PY_OTHER || kind == GC_PY_STORAGE)
    return false;
  return gc_slot_count(object) > 0;
}

bool gc_py_is_finalized(gc_ref object) {
  if (gc_py_kind_of(object) != GC_PY_INSTANCE ||
      gc_py_class_data(gc_py_class_of(object))->finalize == NULL)
    return false;
  const struct gc_py_mortal *data = gc_bytes(object);
  return __atomic_load_n(&data->is_finalized, __ATOMIC_RELAXED) != 0;
}

/* The shared array is held by a root; so its count is 0 only if the collector
   does not count. */
enum gc_py_status gc_py_refcount(const struct gc_py *py, gc_ref object,
                                 size_t *count) {
  *count = gc_refcount(object);
  bool counts = gc_refcount(gc_root_get(&py->world->shared)) != 0;
  return counts ? GC_PY_OK : GC_PY_NOT_IN_COLLECTOR;
}

/* --- lists of objects ------------------------------------------------------
   A list cannot grow while gc_visit_objects has stopped the world. So a first
   visit counts the objects, and a second one stores them in a list. The second
   is repeated with a longer list if objects were created meanwhile. */

struct gather {
  const struct gc_py *py;
  const gc_root *list; /* the result, itself left out; empty: only count */
  size_t count, room;
  int generation;
  const gc_root *target; /* NULL: any */
};

/* No effect if the list is too short. */
static void result_put(const struct gc_py *py, const gc_root *list, size_t at,
                       gc_ref object) {
  gc_ref result = gc_root_get(list);
  if (result != NULL && at < gc_py_list_length(result))
    gc_py_list_set(py, result, at, object);
}

static bool is_not(void *data, gc_ref child) {
  return child != (gc_ref)data;
}

static bool is_wanted(const struct gather *g, gc_ref object) {
  if (object == gc_root_get(g->list) || !gc_py_is_tracked(object))
    return false;
  if (g->generation >= 0 && gc_generation_of(object) != g->generation)
    return false;
  return g->target == NULL ||
         !visit_referents(object, is_not, gc_root_get(g->target));
}

static void show(gc_ref object, void *data) {
  struct gather *g = data;
  if (!is_wanted(g, object))
    return;
  result_put(g->py, g->list, g->count++, object);
}

/* A list that can hold `room` items, all of them NULL. */
static bool list_with_room(const struct gc_py *py, gc_root *out, size_t room) {
  return gc_py_list(py, out, NULL, 0) != NULL &&
         gc_py_list_resize(py, out, room);
}

static enum gc_py_status gather_once(struct gather *g) {
  g->count = 0;
  int error = gc_visit_objects(g->py->m, show, g);
  return error == 0 ? GC_PY_OK : GC_PY_NO_MEMORY;
}

static enum gc_py_status gather_all(const struct gc_py *py, gc_root *out,
                                    int generation, const gc_root *target) {
  GC_FRAME(py->m, f, list);
  struct gather g = {
      .py = py, .list = &f.list, .generation = generation, .target = target};
  enum gc_py_status status = gather_once(&g);
  while (status == GC_PY_OK && (g.room == 0 || g.count > g.room)) {
    g.room = g.count + 16;
    if (!list_with_room(py, &f.list, g.room))
      return GC_PY_NO_MEMORY;
    status = gather_once(&g);
  }
  if (status != GC_PY_OK)
    return status;
  gc_py_list_resize(py, &f.list, g.count);
  gc_root_move(py->m, out, &f.list);
  return GC_PY_OK;
}

enum gc_py_status gc_py_objects(const struct gc_py *py, gc_root *out,
                                int generation) {
  if (generation < GC_PY_ALL_GENERATIONS || generation >= GC_PY_GENERATIONS)
    return GC_PY_WRONG_VALUE;
  return gather_all(py, out, generation, NULL);
}

enum gc_py_status gc_py_referrers(const struct gc_py *py, gc_root *out,
                                  const gc_root *target) {
  return gather_all(py, out, GC_PY_ALL_GENERATIONS, target);
}

struct copy {
  const struct gc_py *py;
  const gc_root *list; /* empty: only count */
  size_t count;
};

static bool copy(void *data, gc_ref child) {
  struct copy *c = data;
  result_put(c->py, c->list, c->count++, child);
  return true;
}

/* A finalizer or another thread may add referents between the two visits; then
   some of those are missing in the result. */
enum gc_py_status gc_py_referents(const struct gc_py *py, gc_root *out,
                                  const gc_root *object) {
  GC_FRAME(py->m, f, list);
  struct copy c = {py, &f.list, 0};
  visit_referents(gc_root_get(object), copy, &c);
  if (!list_with_room(py, &f.list, c.count))
    return GC_PY_NO_MEMORY;
  c.count = 0;
  visit_referents(gc_root_get(object), copy, &c);
  if (c.count < gc_py_list_length(gc_root_get(&f.list)))
    gc_py_list_resize(py, &f.list, c.count);
  gc_root_move(py->m, out, &f.list);
  return GC_PY_OK;
}

/* --- not supported by any collector --------------------------------------- */

enum gc_py_status gc_py_save_all(const struct gc_py *py, bool is_on) {
  (void)py;
  (void)is_on;
  return GC_PY_NOT_IN_COLLECTOR;
}

enum gc_py_status gc_py_garbage(const struct gc_py *py, gc_root *out) {
  (void)py;
  (void)out;
  return GC_PY_NOT_IN_COLLECTOR;
}

enum gc_py_status gc_py_freeze(const struct gc_py *py) {
  (void)py;
  return GC_PY_NOT_IN_COLLECTOR;
}

enum gc_py_status gc_py_unfreeze(const struct gc_py *py) {
  return gc_py_freeze(py);
}
