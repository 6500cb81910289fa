/* SPDX-License-Identifier: MIT */
/* What the shared parts and the collectors know of each other. A program
   never includes this. */
#ifndef GC_HEAP_H
#define GC_HEAP_H

#include <pthread.h>

#include "heap/event.h"
#include "heap/grace.h"
#include "heap/mutator.h"
#include "heap/ptrmap.h"
#include "heap/registry.h"
#include "heap/shake.h"
#include "heap/tuning.h"

struct gc_memory_figures;
struct gc_verifier;

enum { GC_GENERATIONS_MOST = 3 };

/* A collector's identity card: common code decides from this, never from the
   name. Functions marked * must be there. The world runs in all of them
   unless it says otherwise. */
struct gc_collector {
  const char *name, *summary;
  bool counts;          /* gc_refcount means something */
  uint64_t counts_to;   /* counts up to this are exact; more stick for ever */
  bool reclaims;        /* ever frees */
  bool reclaims_cycles; /* frees cycles too */
  bool prompt;          /* acyclic objects die at the next safepoint */
  bool moves;           /* objects may change place at a safepoint */
  bool concurrent;      /* collects while mutators run */
  bool parallel;        /* uses gc_threads */
  bool precise;         /* finds roots without guessing */
  bool limits;          /* honours heap_bytes */
  unsigned generations; /* 1: no generations */
  bool restless;        /* stops the world with nothing to collect */
  bool promotes;        /* whatever survives a collection grows older by one;
                           else only what the collector had to look at */
  const struct gc_tuning_key *tuning; /* what it accepts; ends with NULL name */
  size_t heap_size, mutator_size;     /* of its structs; ours come first */

  int (*heap_init)(gc_heap *, const char *tuning); /* *: errno value */
  void (*heap_finish)(gc_heap *);                  /* *  */
  int (*mutator_init)(gc_mutator *);               /* *  */
  void (*mutator_finish)(gc_mutator *);            /* *  */
  void (*safepoint)(gc_mutator *); /* own work at a slow safepoint; or NULL */
  void (*stress)(gc_mutator *);    /* what stress=N does; or NULL */
  void (*park)(gc_mutator *); /* about to park, after its safepoint; or NULL */
  size_t (*collect)(gc_mutator *, int generation, const char *cause); /* * */
  size_t (*leaked_bytes)(gc_heap *); /* at the end of a heap; or NULL */
  size_t (*held_bytes)(gc_heap *);   /* *  */
  /* Counts bytes of tables as held, and no longer: heap/table.h. They are part
     of heap->tables before the first call and after the second. False: the
     limit does not allow them. With over_limit it is true in any case. Called
     with locks of the shared parts held; the world may be stopped. */
  bool (*table_hold)(gc_heap *, size_t bytes, bool over_limit); /* *  */
  void (*table_give)(gc_heap *, size_t bytes); /* NULL: nothing to do */
  /* The greatest value of each generation's threshold, 0 where it has none; the
     functions are called only for generations that have one, with values up to
     it. NULL where there are none at all. */
  uint64_t threshold_greatest[GC_GENERATIONS_MOST];
  uint64_t (*threshold_get)(gc_heap *, int generation);
  void (*threshold_set)(gc_heap *, int generation, uint64_t value);
  /* Puts a reference, or NULL, in a root: gc_root_set, out of line. */
  void (*root_set)(gc_mutator *, gc_root *, gc_ref); /* *  */
  void (*global_clear)(gc_mutator *, gc_root *); /* gc_global_set to NULL; * */
  /* What the shared verifier asks, world stopped; see heap/verify.h. */
  const struct gc_verifier *verifier; /* *  */
  void (*report)(gc_heap *, struct gc_memory_figures *);
};
extern const struct gc_collector gc_collector;

/* For `collect`: every generation. */
#define GC_OLDEST ((int)gc_collector.generations - 1)

struct gc_heap {
  pthread_mutex_t lock;   /* guards what says so */
  pthread_cond_t stopped; /* the stopper waits for mutators to stand still */
  pthread_cond_t resumed; /* mutators wait for the world to go on */
  pthread_cond_t graced;  /* mutators wait for a grace period */
  gc_mutator *mutators;   /* lock: the first of a list, or NULL */
  uint32_t attached;      /* lock */
  uint32_t next_number;   /* lock */
  /* Mutators that run. Changed under lock, read without by gc_runs_alone. */
  _Atomic uint32_t running;
  gc_mutator *stopper; /* lock: who has stopped the world, or wants to */
  /* Note [Turns]; all under lock. */
  uint64_t stop_tickets;  /* drawn by those who want to stop the world */
  uint64_t stop_served;   /* the ticket whose turn it is */
  uint32_t held_up;       /* mutators that want to run but may not */
  uint32_t turns;         /* that the last stop had held up */
  uint32_t turns_due;     /* of these, that have not run again yet */
  uint64_t stop_cpu_ns;   /* the stopper: its CPU clock when all stood still */
  struct gc_pause pause;  /* the stopper, while it is the stopper */
  _Atomic uint64_t epoch; /* the last grace period asked for */
  _Atomic uint32_t grace_waiters; /* lock */

  pthread_mutex_t globals_lock;
  struct gc_ptrmap globals; /* globals_lock: the roots are the keys */
  pthread_mutex_t finalizable_lock;
  struct gc_registry finalizable; /* finalizable_lock */
  _Atomic size_t tables; /* bytes of tables: heap/table.h; part of held */
  /* lock: due finalizers of mutators that are gone. Roots. */
  struct gc_finalizable *left_first, *left_last;
  _Atomic bool has_left; /* lock to write: there are some */

  size_t limit; /* heap_bytes; SIZE_MAX where there is none */
  unsigned gc_threads;
  uint32_t stress;        /* every Nth safepoint; 0: off */
  uint32_t verify;        /* after every Nth collection; 0: off */
  uint32_t unverified;    /* the stopper: collections since the last time */
  struct gc_ptrmap found; /* the stopper: the verifier's, empty in between */
  bool shrink;            /* tuning */
  uint32_t shake;         /* a seed; 0: off */
  uint32_t overdue;       /* milliseconds; see tuning; 0: never */
  uint32_t forks;         /* constant: gc_forks when it was made */
  struct gc_listener listener;
  _Atomic uint64_t stops;     /* stops of the world so far */
  struct gc_counters retired; /* lock: counters of mutators that are gone */
};

/* --- stopping the world (safepoint.c) ----------------------------------- */

/* Stops every other mutator at a safepoint and returns with the world at
   rest. While another thread holds it stopped, this mutator waits like any
   other; so raw references are lost either way. `kind` and `cause` are
   literals for the pause record. */
void gc_world_stop(gc_mutator *m, const char *kind, const char *cause);
void gc_world_resume(gc_mutator *m);
bool gc_world_is_stopped_by(gc_mutator *m);

/* Before a stop that the program asks for: if this mutator also made the last
   one, the others first run for as long as that took. A safepoint. */
void gc_world_give_way(gc_mutator *m);

/* Times a phase of the running pause. */
uint64_t gc_phase_begin(void);
void gc_phase_end(gc_heap *, enum gc_phase, uint64_t begun);

/* A mutator begins to run, waiting while the world is stopped, or ceases to.
   heap->lock is held: attach, detach, park, unpark and waits use them. */
void gc_world_enter(gc_mutator *m);
void gc_world_leave(gc_mutator *m);

/* Visits every root: frames of all mutators, pending finalizers, globals.
   World stopped. */
void gc_visit_roots(gc_heap *, void (*visit)(gc_root *, void *), void *data);
/* The frames and pending finalizers of one mutator. */
void gc_visit_mutator_roots(gc_mutator *, void (*visit)(gc_root *, void *),
                            void *data);

/* Makes every safepoint of `m` slow until its slow path has run. */
GC_INLINE void gc_poll_set(gc_mutator *m, uint32_t bits) {
  atomic_fetch_or(&m->poll, bits);
}

/* The owner. */
GC_INLINE void gc_poll_clear(gc_mutator *m, uint32_t bits) {
  atomic_fetch_and(&m->poll, ~bits);
}

/* --- finalizers (finalize.c) -------------------------------------------- */

/* Makes a new object known as one that has a finalizer. False: no memory, or
   the limit does not allow its node. */
bool gc_finalizable_add(gc_heap *, gc_ref object);
/* Takes a dead object's node out of the registry; NULL if it has none, so
   its finalizer has been queued or run before. */
struct gc_finalizable *gc_finalizable_take(gc_heap *, gc_ref object);
/* Frees a node that was taken and is on no queue. */
void gc_finalizable_free(gc_heap *, struct gc_finalizable *);
/* Queues a finalizer that will run at a safepoint of `m`; from here on the
   object is held by the queue. */
void gc_finalizable_queue(gc_mutator *m, struct gc_finalizable *);
/* Takes every registered object for which `is_dead` is true and queues it on
   `m` (no count is raised). World stopped. Returns how many. */
size_t gc_finalizable_queue_dead(gc_mutator *m, bool (*is_dead)(gc_ref, void *),
                                 void *data);
/* After every registered object has moved: `place` says where it is now. World
   stopped. */
void gc_finalizable_moved(gc_heap *, gc_ref (*place)(gc_ref, void *),
                          void *data);
/* Queues all that is registered, at the end of a heap; raises counts. */
size_t gc_finalizable_queue_all(gc_mutator *m);
/* Runs what is queued on `m`, and what becomes due by it, within the bound of
   Note [Bounded runs]. A safepoint; never nests. */
void gc_finalizers_run(gc_mutator *m);
/* heap->lock is held, `m` detaches or parks: others run what is still due. */
void gc_finalizers_leave(gc_mutator *m);

/* --- fork (fork.c) ------------------------------------------------------- */

/* Must come before a thread makes its first heap. */
void gc_fork_watch(void);
/* Forks that lie between the first process and this one. */
extern uint32_t gc_forks;

/* Note [Fork]: was the heap made by another process? */
GC_INLINE bool gc_heap_is_inherited(const gc_heap *heap) {
  return heap->forks != gc_forks;
}

GC_INLINE void gc_require_own(const gc_heap *heap) {
  gc_require(!gc_heap_is_inherited(heap),
             "this heap was made before fork(): a child may call exec or "
             "_exit, or make a heap of its own");
}

/* Types may not be half defined in a child. */
void gc_types_lock(void);
void gc_types_unlock(void);

/* --- the mutators of a thread (thread.c) ---------------------------------- */

/* Those of the calling thread, linked by own_next; the last one first. */
gc_mutator *gc_thread_mutators(void);
/* 0, or ENOMEM. */
int gc_thread_add(gc_mutator *);
/* The calling thread must be the one that added it. */
void gc_thread_remove(gc_mutator *);
/* Of one heap, a thread has one running mutator at most: with two it would wait
   for itself when one of them stops the world. */
void gc_thread_require_none(const gc_heap *);

/* --- events -------------------------------------------------------------- */

GC_INLINE void gc_tell_slow(gc_mutator *m, const char *kind, uint64_t t_begin,
                            size_t objects) {
  gc_heap *heap = m->heap;
  if (heap->listener.slow == NULL)
    return;
  struct gc_slow_event event = {kind, m->number, t_begin, gc_now_ns(), objects};
  heap->listener.slow(heap->listener.data, &event);
}

#endif
