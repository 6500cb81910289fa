/* SPDX-License-Identifier: MIT */
/* Tests of races. Each runs with 2, 4 and 8 threads, or with
   SWEEPSTAKES_THREADS threads. They use CHECK, on any thread. */
#ifndef STRESS_H
#define STRESS_H

#include <sched.h>

#include "tests/support/support.h"

/* --- cells: an array that all threads share, held by a global root -------- */

/* Opens a heap whose cells are empty. */
gc_mutator *stress_open(size_t heap_bytes, size_t cell_count);
/* Drops the cells, and lets all garbage die that the collector can find. */
void stress_settle(gc_mutator *);
/* Verifies, and destroys the heap. */
void stress_close(gc_mutator *);

extern gc_root stress_cells;

/* Raw references, valid until the next safepoint. */
static inline gc_ref stress_array(void) {
  return gc_root_get(&stress_cells);
}
static inline gc_ref stress_load(size_t cell) {
  return gc_get(stress_array(), cell);
}
static inline void stress_store(gc_mutator *m, size_t cell, gc_ref value) {
  gc_set(m, stress_array(), cell, value);
}

/* Checks that as many of `n` objects with finalizers have died as the card
   promises, and none twice. Objects that up to `most` references held need not
   have died if such counts stick. */
void stress_check_deaths(size_t n, size_t most);
/* Each retry of a loop around gc_cas may leave one more reference in a buffer.
   An object may have this many in all. */
enum { CONTENDED = 1000 };
/* Checks that the held bytes are down to `before` again, apart from memory that
   collectors keep. */
void stress_check_held(gc_mutator *, size_t before);

/* --- the tests ------------------------------------------------------------ */

typedef void stress_test(unsigned threads);

stress_test stress_readers;
stress_test stress_held_references;
stress_test stress_writers;
stress_test stress_published;
stress_test stress_cas_counter;
stress_test stress_cas_stack;
stress_test stress_hot_references;
stress_test stress_last_references;
stress_test stress_weak_last;
stress_test stress_handover;
stress_test stress_queue;
stress_test stress_resurrection;
stress_test stress_weak;
stress_test stress_weak_table;
stress_test stress_attach;
stress_test stress_subthreads;
stress_test stress_parking;
stress_test stress_parked_handshake;
stress_test stress_left_behind;
stress_test stress_slow_thread;
stress_test stress_large_garbage;
stress_test stress_limit;
stress_test stress_limit_churn;
stress_test stress_long_list;
stress_test stress_stops;
stress_test stress_globals;
stress_test stress_graph;
stress_test stress_graphs;

#endif
