/* SPDX-License-Identifier: MIT */
/* The data and functions that the files of `gen-concurrent` share. A cycle is
   one marking of the old generation while the program runs: Note [Cycle] in
   cycle.c. */
#ifndef CONCURRENT_H
#define CONCURRENT_H

#include "collectors/shared/generational/generational.h"
#include "collectors/shared/running/running.h"

/* A cycle is on exactly while gen.blocks.keeps_former is true. The stopper
   switches that, and has all markers' locks. */
struct cycle {
  struct marking marking;
  /* All is marked, or swept, as far as is known: a mutator may log a value. */
  _Atomic bool is_drained;
  struct gc_workers *thread; /* constant; NULL: only mutators mark */
  _Atomic bool is_asked;     /* the thread is to be woken */
  _Atomic bool is_helped;    /* it works */
  _Atomic size_t credit;     /* what it has done, and mutators need not do */
  struct gc_memory_source source; /* of the thread */
  uint32_t processors;            /* constant */
  /* Pacing; written by the stopper. */
  size_t objects;     /* old objects when the cycle began */
  size_t end_room;    /* that is to be left when all are marked */
  double begin_share; /* of the room: Note [Begin] */
  bool is_short;      /* Note [Short heaps] */
  double price;       /* work for each byte that is allocated: Note [Price] */
  double patience;    /* objects that a mutator may owe */
  _Atomic bool lends; /* blocks are to lend more for the reserve */
  /* Of a stop between two cycles: its time for each byte of the nursery, if it
     collects, if it promotes all; and that until mutators have stopped. */
  double stop_ns[2], wait_ns;
  double run_ns, goal_ns; /* mutators run between two; it may take so long */
  uint64_t stopped_at;    /* the end of the last one */
  bool is_flat;           /* constant: no minor collections at all */
};

struct concurrent_heap {
  struct gen_heap gen;
  struct cycle cycle;
};

GC_INLINE struct concurrent_heap *concurrent_of(gc_heap *heap) {
  return (struct concurrent_heap *)heap;
}
GC_INLINE struct gen_concurrent_mutator *concurrent_mutator_of(gc_mutator *m) {
  return (struct gen_concurrent_mutator *)m;
}
GC_INLINE bool cycle_is_on(const struct concurrent_heap *heap) {
  return heap->gen.blocks.keeps_former;
}
/* It has ended, and its dead objects are being swept. */
GC_INLINE bool cycle_is_sweeping(const struct concurrent_heap *heap) {
  return heap->gen.blocks.space.later.is_on;
}
GC_INLINE struct marker *cycle_marker(struct concurrent_heap *heap, size_t i) {
  return &heap->cycle.marking.markers[i % heap->cycle.marking.count];
}

/* --- the order of a cycle (cycle.c) --------------------------------------- */

/* If it fails, nothing is left to finish. */
int gc_cycle_init(struct concurrent_heap *);
void gc_cycle_finish(struct concurrent_heap *);
/* Nobody marks until it is unlocked. */
void gc_cycle_lock(struct concurrent_heap *);
void gc_cycle_unlock(struct concurrent_heap *);
/* All is marked, or all is swept. If all is marked, the next stop is due. */
void gc_cycle_drained(struct concurrent_heap *);
/* World stopped: instead of a minor collection. Note [Promoting all] */
void gc_cycle_promote(gc_mutator *);
/* World stopped, and no object is young: begins a cycle. */
void gc_cycle_begin(gc_mutator *);
/* World stopped, no object is young, a cycle is on: ends it if at most so many
   objects are left to mark; otherwise renews the price. Unless it is eager, it
   ends it only if the markers have run out of work. Returns how many objects it
   has marked. */
size_t gc_cycle_end(gc_mutator *, size_t most, bool is_eager);
/* World stopped, sweeping: sweeps at most so many blocks or groups of large
   objects; returns how many. */
size_t gc_cycle_sweep(gc_mutator *, size_t most);

/* --- the thread (thread.c) ------------------------------------------------ */

int gc_cycle_thread_start(struct concurrent_heap *);
/* World stopped: may there be a processor that only the thread needs? */
bool gc_cycle_thread_helps(const struct concurrent_heap *);
/* World stopped, all locks are held: asks for the thread, if it has work and
   there are fewer mutators than processors. */
void gc_cycle_thread_ask(struct concurrent_heap *);
/* A mutator that runs: wakes the thread if a stop asked for it and a processor
   is idle. */
void gc_cycle_thread_wake(struct concurrent_heap *);
void gc_cycle_thread_end(struct concurrent_heap *);

/* --- what the marker must reach (snapshot.c) ------------------------------ */

/* Gives the values that the mutator has logged to a marker. */
void gc_snapshot_hand_over(struct gen_concurrent_mutator *);
/* The same for all mutators; or forgets them. World stopped, locks held. */
void gc_snapshot_gather(struct concurrent_heap *);
void gc_snapshot_forget(struct concurrent_heap *);
void gc_snapshot_array_resizing(gc_mutator *, gc_ref);
void gc_snapshot_array_resized(gc_mutator *, gc_ref);

/* --- when cycles begin and how fast they mark (pacing.c) -------------------
 */

/* World stopped, after a minor collection. */
bool gc_pacing_is_due(struct concurrent_heap *);
/* World stopped, a cycle begins; or it is on. All locks are held. */
void gc_pacing_begin(struct concurrent_heap *);
void gc_pacing_renew(struct concurrent_heap *);
/* World stopped: all is marked, and all locks are held; or memory ran out
   before. */
void gc_pacing_ended(struct concurrent_heap *, bool is_degraded);
/* World stopped, sweeping begins. */
void gc_pacing_sweep(struct concurrent_heap *);

#endif
