/* SPDX-License-Identifier: MIT */
/* Cyclic garbage: what CPython's test_gc.py asks for (the table stands in
   docs/rc-cycle.md), thresholds, candidate buffers, and random graphs. Every
   test runs on one thread and, each with a graph of its own, on four. */
#ifndef CYCLES_H
#define CYCLES_H

#include "tests/support/support.h"

enum { CYCLES_THREADS = 4, CYCLES_GENERATIONS = 8 };

/* Of all threads of a run; self->shared. */
struct cycles_run {
  gc_heap *heap;
  const char *tuning; /* tuning of the heap, in addition to the environment's */
  _Atomic size_t found; /* the sum of what gc_collect returned */
  _Atomic uint64_t number;
  /* Events that the heap's listener received. */
  _Atomic bool is_stopped;
  _Atomic size_t pauses[CYCLES_GENERATIONS]; /* by the oldest generation */
  _Atomic size_t marked;                     /* objects, in all pauses */
};
static inline struct cycles_run *cycles_run_of(struct test_thread *self) {
  return self->shared;
}

/* Where a finalizer can store a resurrected object; one for each thread. */
extern gc_root cycles_saved[CYCLES_THREADS];

/* A number for an object of test_mortal or of a type like it: different for
   each call in all threads; see test_deaths_of. */
enum { CYCLES_IDS = 1 << 21 };
uint64_t cycles_id(struct test_thread *);

/* All threads collect at once. True if they have found what they should: just
   `each` for every thread where the card says that cycles are found, and
   none where it says that they never are. Nobody makes garbage meanwhile. */
bool cycles_finds(struct test_thread *, int generation, size_t each);
/* Is `dead` of `n` right, where the card decides about cycles? Only for what
   had the chance of a full collection, or two. */
bool cycles_is_right(size_t dead, size_t n);

/* A ring through slot 0 of `count` objects of a type with two slots or more;
   for types with 16 bytes of data. */
void cycles_ring(struct test_thread *, gc_root *out, gc_type, size_t count);
/* The same, dropped at once. */
void cycles_drop_ring(struct test_thread *, gc_type, size_t count);
gc_type cycles_define(const struct gc_type_desc *);

/* The most bytes that the heap has held so far. */
size_t cycles_held_most(struct test_thread *);
/* All threads collect until no garbage of any of them is left. */
void cycles_settle(struct test_thread *);

/* Does the collector's card know this tuning key? */
bool cycles_has_key(const char *name);
/* Nothing is collected by itself: neither thresholds nor stress. */
bool cycles_is_quiet(struct test_thread *);

/* --- the tests ------------------------------------------------------------ */

/* How the heap of a test is created. */
struct cycles_test {
  const char *name;
  test_body *run;
  bool is_automatic; /* thresholds as they are; else all are off */
  bool is_heavy;     /* not run with passes at every opportunity */
  size_t heap_bytes; /* of each thread; 0: no limit */
  const char *key;   /* only where the card has this tuning key … */
  const char *value; /* … and then with this value */
};
/* Each list ends with an empty name. */
extern const struct cycles_test cycles_python[], cycles_finalizers[],
    cycles_weak[], cycles_passes[], cycles_buffers[], cycles_exchange[];

#endif
