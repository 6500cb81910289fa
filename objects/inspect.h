/* SPDX-License-Identifier: MIT */
/* The functions of Python's `gc` and `sys` modules, as far as the collector
   supports them. The others return GC_PY_NOT_IN_COLLECTOR.

   A list or dictionary consists of several objects of the heap. gc_py_collect
   counts these parts; all other functions treat the whole as one object. */
#ifndef GC_PY_INSPECT_H
#define GC_PY_INSPECT_H

#include "objects/world.h"

GC_PUBLIC_BEGIN

/* --- collecting ----------------------------------------------------------- */

/* Collects generations 0 to `generation` and stores in *found how many objects
   were found dead. While a call runs on any thread, further calls do nothing
   and store 0. */
enum gc_py_status gc_py_collect(const struct gc_py *, int generation,
                                size_t *found);
/* Automatic collection. gc_py_collect works even if it is disabled. Any thread
   may call these functions at any time. A value above gc_threshold_greatest
   returns GC_PY_WRONG_VALUE. */
enum gc_py_status gc_py_disable(const struct gc_py *);
enum gc_py_status gc_py_enable(const struct gc_py *);
bool gc_py_is_enabled(const struct gc_py *);
/* The threshold of a generation, in the collector's unit: gc_threshold_get. */
enum gc_py_status gc_py_threshold(const struct gc_py *, int generation,
                                  uint64_t *value);
enum gc_py_status gc_py_set_threshold(const struct gc_py *, int generation,
                                      uint64_t value);

/* The number of calls of gc_py_collect for this generation, and the number of
   objects that they found dead. */
enum gc_py_status gc_py_stats(const struct gc_py *, int generation,
                              uint64_t *collections, uint64_t *collected);

/* How often gc_py_collect has collected the next younger generation since it
   last collected this one. GC_PY_NOT_IN_COLLECTOR for generation 0: collectors
   count bytes or candidates since the last collection, not objects. */
enum gc_py_status gc_py_count(const struct gc_py *, int generation,
                              uint64_t *count);

/* Callbacks are called before and after each gc_py_collect, in the order in
   which they were added, on the thread that collects. Before it, `found` is 0.
   GC_PY_NO_MEMORY: there are too many. No thread may collect during these
   calls. */
enum gc_py_status gc_py_callback_add(const struct gc_py *, gc_py_callback *,
                                     void *data);
enum gc_py_status gc_py_callback_remove(const struct gc_py *, gc_py_callback *,
                                        void *data);

/* --- objects -------------------------------------------------------------- */

/* Could the object be in a cycle? This depends on its kind only, while CPython
   stops tracking tuples and dictionaries that hold only atoms. */
bool gc_py_is_tracked(gc_ref);
/* Has its __del__ been called? */
bool gc_py_is_finalized(gc_ref);
/* The number of references to the object. Unlike Python, it does not count the
   argument of this call. */
enum gc_py_status gc_py_refcount(const struct gc_py *, gc_ref, size_t *count);
/* The bytes of the object with all its parts. */
size_t gc_py_sizeof(gc_ref);

/* A new list of the reachable tracked objects, of one generation or of all. */
enum gc_py_status gc_py_objects(const struct gc_py *, gc_root *out,
                                int generation);
enum { GC_PY_ALL_GENERATIONS = -1 };
/* A new list of the reachable tracked objects that refer to *target. */
enum gc_py_status gc_py_referrers(const struct gc_py *, gc_root *out,
                                  const gc_root *target);
/* A new list of the objects to which *object refers, one item for each
   reference. */
enum gc_py_status gc_py_referents(const struct gc_py *, gc_root *out,
                                  const gc_root *object);

/* Not supported: no finalizer makes a cycle uncollectable, and no collector
   keeps dead objects. */
enum gc_py_status gc_py_save_all(const struct gc_py *, bool);
enum gc_py_status gc_py_garbage(const struct gc_py *, gc_root *out);

/* Not supported: no collector has a generation that it never collects. */
enum gc_py_status gc_py_freeze(const struct gc_py *);
enum gc_py_status gc_py_unfreeze(const struct gc_py *);

GC_PUBLIC_END

#endif
