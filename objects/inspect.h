/* SPDX-License-Identifier: MIT */
/* What Python's `gc` and `sys` tell of objects, as far as the collector can.
   Where it cannot the answer is GC_PY_NOT_IN_COLLECTOR.

   A list or dictionary is several objects of the heap, and so it is where the
   collector counts: what gc_py_collect found dead has their parts in it. All
   other questions speak of whole objects. */
#ifndef GC_PY_INSPECT_H
#define GC_PY_INSPECT_H

#include "objects/world.h"

/* --- collecting ----------------------------------------------------------- */

/* Collects generations 0 to `generation`; *found is how many objects were found
   dead. A call while another one runs, on whatever thread, does nothing and
   finds 0. */
enum gc_py_status gc_py_collect(const struct gc_py *, int generation,
                                size_t *found);
/* Automatic collection; gc_py_collect works all the same. Asking is for any
   thread at any time and changes nothing. While one changes something, others
   may ask, but no other mutator may run, as for gc_threshold_set. A value over
   gc_threshold_greatest is GC_PY_WRONG_VALUE. */
enum gc_py_status gc_py_disable(const struct gc_py *);
enum gc_py_status gc_py_enable(const struct gc_py *);
bool gc_py_is_enabled(const struct gc_py *);
/* In the collector's own measures, one for each generation. */
enum gc_py_status gc_py_threshold(const struct gc_py *, int generation,
                                  uint64_t *value);
enum gc_py_status gc_py_set_threshold(const struct gc_py *, int generation,
                                      uint64_t value);

/* Of the collections that gc_py_collect made, by what it was asked for. */
enum gc_py_status gc_py_stats(const struct gc_py *, int generation,
                              uint64_t *collections, uint64_t *collected);

/* How often the next younger generation was collected by gc_py_collect since
   this one was. GC_PY_NOT_IN_COLLECTOR for generation 0: collectors count bytes
   or candidates since the last collection, and no objects. */
enum gc_py_status gc_py_count(const struct gc_py *, int generation,
                              uint64_t *count);

/* Callbacks are called before and after each gc_py_collect, in the order of
   their addition, on the thread that collects. `found` is 0 before.
   GC_PY_NO_MEMORY: there are too many. No thread may collect meanwhile. */
enum gc_py_status gc_py_callback_add(const struct gc_py *, gc_py_callback *,
                                     void *data);
enum gc_py_status gc_py_callback_remove(const struct gc_py *, gc_py_callback *,
                                        void *data);

/* --- objects -------------------------------------------------------------- */

/* Could it be in a cycle? CPython stops tracking tuples and dictionaries of
   atoms; here what counts is the kind. */
bool gc_py_is_tracked(gc_ref);
/* Has its __del__ been called? */
bool gc_py_is_finalized(gc_ref);
/* Names, containers and slots that hold it: without the one that Python counts
   for the argument. */
enum gc_py_status gc_py_refcount(const struct gc_py *, gc_ref, size_t *count);
/* With all its parts. */
size_t gc_py_sizeof(gc_ref);

/* New lists. Tracked objects that can be reached; of all generations, or of
   one. */
enum gc_py_status gc_py_objects(const struct gc_py *, gc_root *out,
                                int generation);
enum { GC_PY_ALL_GENERATIONS = -1 };
/* Those among them that refer to *target. */
enum gc_py_status gc_py_referrers(const struct gc_py *, gc_root *out,
                                  const gc_root *target);
/* What it refers to, as often as it does. */
enum gc_py_status gc_py_referents(const struct gc_py *, gc_root *out,
                                  const gc_root *object);

/* No finalizer makes a cycle uncollectable, and no collector keeps what it
   finds dead. */
enum gc_py_status gc_py_save_all(const struct gc_py *, bool);
enum gc_py_status gc_py_garbage(const struct gc_py *, gc_root *out);

/* No collector has a generation that it never collects. */
enum gc_py_status gc_py_freeze(const struct gc_py *);
enum gc_py_status gc_py_unfreeze(const struct gc_py *);

#endif
