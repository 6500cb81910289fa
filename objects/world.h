/* SPDX-License-Identifier: MIT */
/* Python-like objects, which use only the public interface. This file declares
   what they share: kinds, types, and the world, the state that the objects of
   one heap have in common.

   Rules, in addition to those of the interface:
   - A function that may allocate takes its arguments in roots. A function that
     takes a raw gc_ref is not a safepoint.
   - A constructor stores the object in *out and returns it. If there is no
     memory, it returns NULL and changes nothing.
   - A root that is an argument must not be changed before the call returns.
   - Thread safety is that of Python without its global lock: many threads may
     read an object; writers of one object must synchronise.

   Note [Looking again]
   An allocation is a safepoint. A finalizer may run there, on the same thread,
   and it may change any object, even the one that an operation is about to
   change. So every operation that allocates has these steps:
   1. It reads the object and determines which memory it needs.
   2. If it has the memory, it changes the object without another safepoint, and
      is done.
   3. Otherwise it allocates the memory into a local root and returns to step 1.
      It keeps nothing that it read before: lengths, capacities, positions or
      references.
   So the change is made to the current state of the object, and the changes by
   finalizers during the call come before it. If memory runs out, the operation
   changes nothing, but finalizers may have. */
#ifndef GC_PY_WORLD_H
#define GC_PY_WORLD_H

#include "heap/sweepstakes.h"

GC_PUBLIC_BEGIN

/* --- kinds and types ------------------------------------------------------ */

enum gc_py_kind {
  GC_PY_OTHER,   /* not a Python object, or an internal one */
  GC_PY_STORAGE, /* a part of a list or dictionary */
  GC_PY_NONE,
  GC_PY_BOOL,
  GC_PY_INT,
  GC_PY_FLOAT,
  GC_PY_STR,
  GC_PY_TUPLE,
  GC_PY_LIST,
  GC_PY_DICT,
  GC_PY_CLASS,
  GC_PY_INSTANCE,
  GC_PY_CLOSURE,
  GC_PY_WEAKREF,
};

/* Objects with a variable number of slots or bytes have a type for each small
   number. These types are plain: objects need no length word, and allocation
   and death take the fast path. Larger objects are arrays; their type is at 0.
 */
enum {
  GC_PY_SLOTS_SMALL = 20, /* as in CPython's free lists of tuples */
  GC_PY_WORDS_SMALL = 8,  /* of 8 bytes */
  GC_PY_LIST_OWN = 8,     /* the most items in a list's own slots */
};
struct gc_py_slots_types {
  gc_type of[GC_PY_SLOTS_SMALL + 1];
};

struct gc_py_types {
  gc_type none, boolean, integer, real, dict, klass, closure;
  gc_type weakref, watch, watcher, intern_entry, bytes;
  gc_type str[GC_PY_WORDS_SMALL + 1];
  gc_type list[GC_PY_LIST_OWN + 1];
  struct gc_py_slots_types tuple, storage, instance, mortal;
};
/* Written once, before the first world is opened. */
extern struct gc_py_types gc_py_types;
/* The enum gc_py_kind of each type, by the type's index. */
extern uint8_t gc_py_kinds[GC_TYPE_MAX];

GC_INLINE enum gc_py_kind gc_py_kind_of(gc_ref object) {
  gc_type type = gc_type_of(object);
  return (enum gc_py_kind)gc_py_kinds[type & (GC_TYPE_MAX - 1)];
}
const char *gc_py_kind_name(enum gc_py_kind);

/* --- status codes --------------------------------------------------------- */

enum gc_py_status {
  GC_PY_OK,
  GC_PY_NO_MEMORY,
  GC_PY_NO_SUCH_KEY,     /* KeyError, AttributeError, IndexError */
  GC_PY_WRONG_KIND,      /* TypeError */
  GC_PY_WRONG_VALUE,     /* ValueError */
  GC_PY_NOT_IN_COLLECTOR /* not supported by this collector */
};

/* --- the world ------------------------------------------------------------ */

/* The indices of shared objects in the array `shared`. Small integers come
   first, from index 0. */
enum {
  GC_PY_LEAST_SMALL = -5,
  GC_PY_GREATEST_SMALL = 256,
  GC_PY_SMALL_COUNT = GC_PY_GREATEST_SMALL - GC_PY_LEAST_SMALL + 1,
  GC_PY_AT_NONE = GC_PY_SMALL_COUNT,
  GC_PY_AT_FALSE,
  GC_PY_AT_TRUE,
  GC_PY_AT_EMPTY_TUPLE,
  GC_PY_AT_EMPTY_STR,
  GC_PY_AT_LETTERS, /* U+0000 to U+00FF */
  GC_PY_SHARED_COUNT = GC_PY_AT_LETTERS + 256,
};

struct gc_py_options {
  bool no_small_ints;    /* small integers are not shared */
  bool mortal;           /* shared objects are not immortal */
  bool immortal_strings; /* interned strings are immortal */
};

struct gc_py_interned;

enum { GC_PY_GENERATIONS = 3, GC_PY_CALLBACKS_MOST = 8 };

struct gc_py_stats {
  GC_ATOMIC(uint64_t) collections, collected;
};

typedef void gc_py_callback(void *data, bool is_stop, int generation,
                            size_t found);

/* The state behind the functions of objects/inspect.h. */
struct gc_py_collecting {
  GC_ATOMIC(bool) is_running;
  bool is_disabled;                 /* thresholds_lock in collect.c */
  uint64_t kept[GC_PY_GENERATIONS]; /* the same: thresholds while disabled */
  struct gc_py_stats stats[GC_PY_GENERATIONS];
  /* Collections of the next younger generation since the last of this one. */
  GC_ATOMIC(uint64_t) since[GC_PY_GENERATIONS];
  struct {
    gc_py_callback *call;
    void *data;
  } callback[GC_PY_CALLBACKS_MOST];
};

/* The world of a heap; any number of threads may use it. */
struct gc_py_world {
  GC_ATOMIC(uint64_t) serial;      /* unique in the process; 0: closed */
  struct gc_py_world *next_closed; /* world.c */
  gc_heap *heap;
  gc_root shared;      /* global: an array, constant once the world is open */
  uint64_t small_ints; /* constant: how many are shared */
  struct gc_py_interned *interned;
  struct gc_py_options options;
  struct gc_py_collecting collecting;
};

/* Note [Homes]
   A finalizer needs the world in which its object was created. It may run as
   late as at the end of the heap, when the world may be closed. So classes and
   watches store the world's serial with its address. The memory of a closed
   world is reused for the next one and never freed, so its serial can always be
   read, and no other world ever has the same serial. */
struct gc_py_home {
  struct gc_py_world *world;
  uint64_t serial;
};

GC_INLINE struct gc_py_home gc_py_home_make(struct gc_py_world *world) {
  struct gc_py_home home = {world, atomic_load(&world->serial)};
  return home;
}

/* NULL: the world was closed. */
GC_INLINE struct gc_py_world *gc_py_home_world(struct gc_py_home home) {
  return atomic_load(&home.world->serial) == home.serial ? home.world : NULL;
}

/* The context that a thread passes to each call: its mutator and the world. */
struct gc_py {
  gc_mutator *m;
  struct gc_py_world *world;
};

/* Opens a world. Returns 0, ENOMEM, or EAGAIN if the table of types is full. */
int gc_py_open(gc_mutator *, const struct gc_py_options *,
               struct gc_py_world **out);
/* Closes the world and drops its objects. Instances that outlive it (for
   example cycles, if the collector does not free cycles) die without finalizers
   and callbacks: Note [Homes]. To finalize dead instances, collect first. */
void gc_py_close(gc_mutator *, struct gc_py_world *);
/* The bytes of a world that was just opened. Any thread may call it, even
   before there is a heap. 0: the table of types is full. */
size_t gc_py_world_bytes(void);
/* The number of objects of such a world. */
enum { GC_PY_WORLD_OBJECTS = GC_PY_SHARED_COUNT + 1 };

/* --- allocation ----------------------------------------------------------- */

/* 1 in the test that makes each allocation fail in turn. */
#ifndef GC_PY_TEST_ALLOCATION
#define GC_PY_TEST_ALLOCATION 0
#endif
#if GC_PY_TEST_ALLOCATION
bool gc_py_test_allocation_fails(void);
#else
GC_INLINE bool gc_py_test_allocation_fails(void) {
  return false;
}
#endif

GC_INLINE gc_ref gc_py_new(const struct gc_py *py, gc_root *out, gc_type type) {
  if (gc_py_test_allocation_fails())
    return NULL;
  return gc_new(py->m, out, type);
}

GC_INLINE gc_ref gc_py_new_with(const struct gc_py *py, gc_root *out,
                                gc_type type, size_t first,
                                const gc_root *values, size_t count) {
  if (gc_py_test_allocation_fails())
    return NULL;
  return gc_new_with(py->m, out, type, first, values, count);
}

GC_INLINE gc_ref gc_py_new_array(const struct gc_py *py, gc_root *out,
                                 gc_type type, size_t length) {
  if (gc_py_test_allocation_fails())
    return NULL;
  return gc_new_array(py->m, out, type, length);
}

GC_INLINE gc_ref gc_py_new_weak(const struct gc_py *py, gc_root *out,
                                gc_ref target) {
  if (gc_py_test_allocation_fails())
    return NULL;
  return gc_weak_new(py->m, out, target);
}

/* An object with `count` slots, at least one. */
GC_INLINE gc_ref gc_py_new_slots(const struct gc_py *py, gc_root *out,
                                 const struct gc_py_slots_types *types,
                                 size_t count) {
  gc_assert(count > 0);
  if (GC_LIKELY(count <= GC_PY_SLOTS_SMALL))
    return gc_py_new(py, out, types->of[count]);
  return gc_py_new_array(py, out, types->of[0], count);
}

/* The same; the first slots have the values of `count` roots. `out` must not be
   one of them. */
GC_INLINE gc_ref gc_py_new_slots_with(const struct gc_py *py, gc_root *out,
                                      const struct gc_py_slots_types *types,
                                      size_t slots, const gc_root *values,
                                      size_t count) {
  gc_assert(slots > 0 && count <= slots);
  if (GC_LIKELY(slots <= GC_PY_SLOTS_SMALL))
    return gc_py_new_with(py, out, types->of[slots], 0, values, count);
  gc_ref object = gc_py_new_array(py, out, types->of[0], slots);
  for (size_t i = 0; object != NULL && i < count; i++)
    gc_set(py->m, object, i, gc_root_get(&values[i]));
  return object;
}

GC_INLINE size_t gc_py_slots_size(const struct gc_py_slots_types *types,
                                  size_t count) {
  return count > 0 && count <= GC_PY_SLOTS_SMALL
             ? gc_size_for(types->of[count], 0)
             : gc_size_for(types->of[0], count);
}

/* The data of an object that has no slots. */
GC_INLINE void *gc_py_leaf_data(gc_ref object) {
  gc_assert(gc_type_is_leaf(gc_type_of(object)));
  return object->slot;
}

GC_INLINE gc_ref gc_py_shared(const struct gc_py *py, size_t at) {
  return gc_get(gc_root_get(&py->world->shared), at);
}

/* Stores a shared object in *out and returns it. */
GC_INLINE gc_ref gc_py_share(const struct gc_py *py, gc_root *out, size_t at) {
  gc_ref object = gc_py_shared(py, at);
  gc_root_set(py->m, out, object);
  return object;
}

GC_INLINE gc_ref gc_py_none(const struct gc_py *py) {
  return gc_py_shared(py, GC_PY_AT_NONE);
}

GC_PUBLIC_END

#endif
