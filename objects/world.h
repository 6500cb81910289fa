/* SPDX-License-Identifier: MIT */
/* Python-like objects on the public interface alone. This file has what all of
   them share: kinds, types, and the world, which is what one heap's objects
   have in common.

   Rules, beside those of the interface:
   - What may allocate takes its arguments in roots; what takes or gives a raw
     gc_ref is no safepoint.
   - A constructor stores in *out and returns the object; NULL: out of memory,
     and everything is as it was.
   - Nobody changes a root that is an argument before the call returns.
   - Objects are as safe on threads as in Python without its lock: each may be
     read by many; writers of one object have to agree among themselves.

   Note [Looking again]
   An allocation is a safepoint. A finalizer may run there, on the same thread,
   and it may change any object, also the one that an operation is about to
   change. So every operation that allocates has the same shape:
   1. It looks at the object and decides what it needs.
   2. It has all it needs: it acts, without another safepoint, and is done.
   3. Else it allocates into a root of its own and goes back to 1. What was
      read before is forgotten: lengths, capacities, positions and references.
   So the operation acts on the object as it is when it acts. What a finalizer
   did during the call came before it. Where memory runs out the operation does
   not act, but finalizers may have. */
#ifndef GC_PY_WORLD_H
#define GC_PY_WORLD_H

#include "heap/sweepstakes.h"

/* --- kinds and types ------------------------------------------------------ */

enum gc_py_kind {
  GC_PY_OTHER,   /* not one of ours, or nothing that a program sees */
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

/* Objects of a varying number of slots or bytes have a type for each small
   number, which makes them plain: they take no length word, and the fast path
   of allocation and death. Larger ones are arrays, whose type is at 0. */
enum {
  GC_PY_SLOTS_SMALL = 20, /* what CPython's free lists of tuples go up to */
  GC_PY_WORDS_SMALL = 8,  /* of 8 bytes */
  GC_PY_LIST_OWN = 8,     /* items that a list may have in slots of its own */
};
struct gc_py_slots_types {
  gc_type of[GC_PY_SLOTS_SMALL + 1];
};

struct gc_py_types {
  gc_type none, boolean, integer, real, dict, class, closure;
  gc_type weakref, watch, watcher, intern_entry, bytes;
  gc_type str[GC_PY_WORDS_SMALL + 1];
  gc_type list[GC_PY_LIST_OWN + 1];
  struct gc_py_slots_types tuple, storage, instance, mortal;
};
/* Written once, before the first world is there. */
extern struct gc_py_types gc_py_types;
/* By the index of a type; enum gc_py_kind. */
extern uint8_t gc_py_kinds[GC_TYPE_MAX];

GC_INLINE enum gc_py_kind gc_py_kind_of(gc_ref object) {
  gc_type type = gc_type_of(object);
  return (enum gc_py_kind)gc_py_kinds[type & (GC_TYPE_MAX - 1)];
}
const char *gc_py_kind_name(enum gc_py_kind);

/* --- answers -------------------------------------------------------------- */

/* What can go wrong, each with a value of its own. */
enum gc_py_status {
  GC_PY_OK,
  GC_PY_NO_MEMORY,
  GC_PY_NO_SUCH_KEY,     /* KeyError, AttributeError, IndexError */
  GC_PY_WRONG_KIND,      /* TypeError */
  GC_PY_WRONG_VALUE,     /* ValueError */
  GC_PY_NOT_IN_COLLECTOR /* this collector has no such thing */
};

/* --- the world ------------------------------------------------------------ */

/* Where shared objects stand in the array `shared`. */
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
  bool no_small_ints;    /* every integer is an object of its own */
  bool mortal;           /* shared objects are counted like others */
  bool immortal_strings; /* what is interned stays */
};

struct gc_py_interned;

enum { GC_PY_GENERATIONS = 3, GC_PY_CALLBACKS_MOST = 8 };

struct gc_py_stats {
  _Atomic uint64_t collections, collected;
};

typedef void gc_py_callback(void *data, bool is_stop, int generation,
                            size_t found);

/* What objects/inspect.h speaks of. */
struct gc_py_collecting {
  _Atomic bool is_running;
  bool is_disabled;                 /* thresholds_lock in collect.c */
  uint64_t kept[GC_PY_GENERATIONS]; /* the same: thresholds while disabled */
  struct gc_py_stats stats[GC_PY_GENERATIONS];
  /* Collections of the next younger generation since one of this. */
  _Atomic uint64_t since[GC_PY_GENERATIONS];
  struct {
    gc_py_callback *call;
    void *data;
  } callback[GC_PY_CALLBACKS_MOST];
};

/* One for a heap; any number of threads. */
struct gc_py_world {
  _Atomic uint64_t serial;         /* of all ever opened; 0: closed */
  struct gc_py_world *next_closed; /* world.c */
  gc_heap *heap;
  gc_root shared; /* global: an array, constant once the world is open */
  struct gc_py_interned *interned;
  struct gc_py_options options;
  struct gc_py_collecting collecting;
};

/* Note [Homes]
   Finalizers need the world that their object was made in, and are called as
   late as at the end of the heap, when the world may be closed. So classes and
   watches keep the world's serial beside its address. The memory of a closed
   world serves the next one and is never given back: its serial can always be
   looked at, and no other world ever has the same. */
struct gc_py_home {
  struct gc_py_world *world;
  uint64_t serial;
};

GC_INLINE struct gc_py_home gc_py_home_make(struct gc_py_world *world) {
  return (struct gc_py_home){world, atomic_load(&world->serial)};
}

/* NULL: it was closed. */
GC_INLINE struct gc_py_world *gc_py_home_world(struct gc_py_home home) {
  return atomic_load(&home.world->serial) == home.serial ? home.world : NULL;
}

/* What each thread passes along: its mutator and the world. */
struct gc_py {
  gc_mutator *m;
  struct gc_py_world *world;
};

/* 0, ENOMEM, or EAGAIN where the process has too many types. */
int gc_py_open(gc_mutator *, const struct gc_py_options *,
               struct gc_py_world **out);
/* Gives up what the world holds. Instances that outlive it, cycles on a
   collector that frees none among them, die without their finalizers and
   without callbacks: Note [Homes]. A collection before lets what is dead die
   with them. */
void gc_py_close(gc_mutator *, struct gc_py_world *);
/* What a world takes that was just opened. Any thread, before any heap. 0: the
   process has too many types. */
size_t gc_py_world_bytes(void);
/* How many objects that is. */
enum { GC_PY_WORLD_OBJECTS = GC_PY_SHARED_COUNT + 1 };

/* --- allocation ----------------------------------------------------------- */

/* 1 in the test that lets each allocation fail in its turn. */
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

/* `count` slots, at least one. */
GC_INLINE gc_ref gc_py_new_slots(const struct gc_py *py, gc_root *out,
                                 const struct gc_py_slots_types *types,
                                 size_t count) {
  gc_assert(count > 0);
  if (GC_LIKELY(count <= GC_PY_SLOTS_SMALL))
    return gc_py_new(py, out, types->of[count]);
  return gc_py_new_array(py, out, types->of[0], count);
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

/* Puts a shared object in *out. */
GC_INLINE gc_ref gc_py_share(const struct gc_py *py, gc_root *out, size_t at) {
  gc_ref object = gc_py_shared(py, at);
  gc_root_set(py->m, out, object);
  return object;
}

GC_INLINE gc_ref gc_py_none(const struct gc_py *py) {
  return gc_py_shared(py, GC_PY_AT_NONE);
}

#endif
