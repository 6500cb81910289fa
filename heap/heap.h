/* SPDX-License-Identifier: MIT */
/* The interface between the shared parts and the collectors. Programs do not
   include it. */
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

/* A collector's identity card. Common code decides from these fields, never
   from the name. Functions marked * are required. The world runs while they are
   called, unless a comment says otherwise. */
struct gc_collector {
  const char *name, *summary;
  bool counts;          /* gc_refcount works */
  uint64_t counts_to;   /* greatest exact count; a greater one never changes */
  bool reclaims;        /* ever frees */
  bool reclaims_cycles; /* frees cycles too */
  bool prompt;          /* acyclic objects die at the next safepoint */
  bool moves;           /* objects may move at a safepoint */
  bool copies;          /* keeps half of the limit free, for copies of small
                           objects */
  bool concurrent;      /* collects while mutators run */
  bool parallel;        /* uses gc_threads */
  bool precise;         /* finds roots without guessing */
  bool scans_roots;     /* finds them by visiting; else they are counted */
  bool limits;          /* honours heap_bytes */
  unsigned generations; /* 1: no generations */
  bool restless;        /* stops the world even with nothing to collect */
  bool promotes;        /* each survivor of a collection moves up a generation;
                           else only those that the collector had to visit */
  const struct gc_tuning_key *tuning; /* its keys; a NULL name ends them */
  size_t heap_size, mutator_size;     /* of its structs; ours come first */

  int (*heap_init)(gc_heap *, const char *tuning); /* *: errno value */
  void (*heap_finish)(gc_heap *);                  /* *  */
  int (*mutator_init)(gc_mutator *);               /* *  */
  void (*mutator_finish)(gc_mutator *);            /* *  */
  void (*safepoint)(gc_mutator *); /* at a slow safepoint; or NULL */
  void (*stress)(gc_mutator *);    /* at each Nth, with stress=N; or NULL */
  void (*park)(gc_mutator *);      /* parking, after its safepoint; or NULL */
  void (*unpark)(gc_mutator *);    /* it runs again; or NULL */
  size_t (*collect)(gc_mutator *, int generation, const char *cause); /* * */
  size_t (*leaked_bytes)(gc_heap *); /* at the end of a heap; or NULL */
  size_t (*held_bytes)(gc_heap *);   /* *  */
  /* Add bytes of tables to the held bytes, and take them off: heap/table.h.
     heap->tables includes them before table_hold is called and until table_give
     has returned. table_hold returns false if the limit does not allow them;
     with over_limit it always returns true. Called with locks of the shared
     parts held; the world may be stopped. */
  bool (*table_hold)(gc_heap *, size_t bytes, bool over_limit); /* *  */
  void (*table_give)(gc_heap *, size_t bytes); /* NULL: nothing to do */
  /* The greatest value of each generation's threshold; 0: it has none. The
     functions are called only for generations that have one, and with valid
     values. They are NULL if no generation has one. */
  uint64_t threshold_greatest[GC_GENERATIONS_MOST];
  uint64_t (*threshold_get)(gc_heap *, int generation);
  void (*threshold_set)(gc_heap *, int generation, uint64_t value);
  /* gc_root_set, out of line. */
  void (*root_set)(gc_mutator *, gc_root *, gc_ref); /* *  */
  void (*global_clear)(gc_mutator *, gc_root *); /* gc_global_set to NULL; * */
  /* An array is about to change its length in its cell; it has done so. No
     other mutator uses it meanwhile. NULL: nothing to do. */
  void (*array_resizing)(gc_mutator *, gc_ref);
  void (*array_resized)(gc_mutator *, gc_ref);
  /* For the shared verifier, world stopped; see heap/verify.h. */
  const struct gc_verifier *verifier; /* *  */
  void (*report)(gc_heap *, struct gc_memory_figures *);
};
extern const struct gc_collector gc_collector;

/* For `collect`: every generation. */
#define GC_OLDEST ((int)gc_collector.generations - 1)

struct gc_heap {
  pthread_mutex_t lock;   /* guards the fields marked "lock" */
  pthread_cond_t stopped; /* the stopper waits for mutators to stop */
  pthread_cond_t resumed; /* mutators wait for the world to resume */
  pthread_cond_t graced;  /* mutators wait for a grace period */
  pthread_cond_t left;    /* mutators wait for finalizers to serve */
  gc_mutator *mutators;   /* lock: the first of a list, or NULL */
  uint32_t attached;      /* lock */
  uint32_t next_number;   /* lock */
  /* Running mutators. Changed under lock; gc_runs_alone reads it without. */
  _Atomic uint32_t running;
  /* lock: the mutator that has stopped the world or is about to; or NULL. */
  gc_mutator *stopper;
  /* Note [Turns]; all under lock. */
  uint64_t stop_tickets;  /* tickets drawn so far, one for each stop */
  uint64_t stop_served;   /* the ticket whose turn it is */
  uint32_t held_up;       /* mutators that wait for the stop to end */
  uint32_t turns;         /* mutators that the last stop held up */
  uint32_t turns_due;     /* those of them that have not run since */
  uint64_t stop_cpu_ns;   /* the stopper: its CPU clock when all had stopped */
  struct gc_pause pause;  /* the stopper, while it is the stopper */
  _Atomic uint64_t epoch; /* the last grace period that was requested */
  _Atomic uint32_t grace_waiters; /* lock */

  pthread_mutex_t globals_lock;
  struct gc_ptrmap globals;     /* globals_lock: the roots are the keys */
  struct gc_root_range *ranges; /* globals_lock: arrays of global roots */
  size_t range_count, range_room;
  struct gc_roots_visitor *visitors; /* globals_lock */
  pthread_mutex_t finalizable_lock;
  struct gc_registry finalizable; /* finalizable_lock */
  _Atomic size_t tables; /* bytes of tables: heap/table.h; part of held */
  pthread_mutex_t pins_lock;
  struct gc_ptrmap pins; /* pins_lock: object → how often it is pinned */
  pthread_mutex_t external_lock;
  struct gc_ptrmap external;       /* external_lock: object → bytes */
  _Atomic size_t external_objects; /* external_lock to write: how many */
  _Atomic size_t external_bytes;   /* of all of them; part of tables */
  /* lock: due finalizers that mutators left to others. Roots. */
  struct gc_finalizable *left_first, *left_last;
  /* Finalizers that are due and have not returned. */
  _Atomic size_t finalizers_queued;
  _Atomic bool has_left;  /* written under lock: the list is not empty */
  bool serves_finalizers; /* constant: gc_options */
  bool is_serving_over;   /* lock: gc_finalizers_stop was called */

  size_t limit; /* heap_bytes; SIZE_MAX: no limit */
  unsigned gc_threads;
  uint32_t stress;        /* every Nth safepoint; 0: off */
  uint32_t verify;        /* after every Nth collection; 0: off */
  uint32_t unverified;    /* the stopper: collections since the last check */
  struct gc_ptrmap found; /* the stopper: the verifier's, empty between runs */
  bool shrink;            /* tuning */
  uint32_t shake;         /* a seed; 0: off */
  uint32_t overdue;       /* milliseconds; see tuning; 0: never */
  uint32_t forks;         /* constant: gc_forks when the heap was created */
  struct gc_listener listener;
  _Atomic uint64_t stops;     /* stops of the world so far */
  struct gc_counters retired; /* lock: counters of detached mutators */
};

/* --- stopping the world (safepoint.c) ----------------------------------- */

/* Stops every other mutator at a safepoint, and returns when the world is
   stopped. If another mutator stops it first, this one waits at a safepoint; so
   the caller's raw references are invalid afterwards in any case. `kind` and
   `cause` are literals for the pause record. */
void gc_world_stop(gc_mutator *m, const char *kind, const char *cause);
/* The same, unless another mutator has done meanwhile what this one wants: when
   this one's turn has come, `is_needed` is called, with the heap's lock held,
   and gets `seen`. False: the world has not been stopped, and the caller's raw
   references are invalid all the same. */
typedef bool gc_stop_need(gc_mutator *m, uint64_t seen);
bool gc_world_stop_if(gc_mutator *m, const char *kind, const char *cause,
                      gc_stop_need *is_needed, uint64_t seen);
void gc_world_resume(gc_mutator *m);
bool gc_world_is_stopped_by(gc_mutator *m);

/* For assertions: does any thread hold the lock? Takes it if none does. */
GC_INLINE bool gc_lock_is_held(const pthread_mutex_t *lock) {
  return pthread_mutex_trylock((pthread_mutex_t *)lock) != 0;
}

/* For assertions by the stopper and by threads that work for it. */
GC_INLINE bool gc_world_is_stopped(const gc_heap *heap) {
  return heap->stopper != NULL && atomic_load(&heap->running) == 1;
}

/* Called before a stop that the program asks for. If this mutator also made the
   last stop, it waits as long as that stop took, so that the others can run. A
   safepoint. */
void gc_world_give_way(gc_mutator *m);

/* Times a phase of the running pause. */
uint64_t gc_phase_begin(void);
void gc_phase_end(gc_heap *, enum gc_phase, uint64_t begun);

/* A mutator begins to run, after waiting while the world is stopped, or stops
   running. heap->lock is held. */
void gc_world_enter(gc_mutator *m);
void gc_world_leave(gc_mutator *m);

/* Visits every root: frames of all mutators, pending finalizers, globals.
   World stopped. */
void gc_visit_roots(gc_heap *, void (*visit)(gc_root *, void *), void *data);
/* The same without those of attached mutators. */
void gc_visit_heap_roots(gc_heap *, void (*visit)(gc_root *, void *),
                         void *data);
/* The frames and pending finalizers of one mutator. */
void gc_visit_mutator_roots(gc_mutator *, void (*visit)(gc_root *, void *),
                            void *data);

/* The roots outside mutators; globals_lock is held (globals.c). */
void gc_visit_globals(gc_heap *, void (*visit)(gc_root *, void *), void *data);
/* No other mutator runs, and no thread adds roots. */
void gc_globals_empty(gc_heap *, gc_mutator *);
void gc_globals_finish(gc_heap *);
/* Is it one that gc_global_add or gc_globals_add has added? */
bool gc_global_is_known(gc_heap *, const gc_root *);
/* Those of a mutator's stacks of roots (rootstack.c). */
/* Is the root in the memory of the stack, whoever owns it? Any thread. */
bool gc_root_stack_has(const struct gc_root_stack *, const gc_root *);
void gc_visit_root_stacks(const gc_mutator *, void (*visit)(gc_root *, void *),
                          void *data);

/* For a collector that moves objects: is the object pinned? World stopped. */
GC_INLINE bool gc_is_pinned(gc_heap *heap, gc_ref object) {
  return heap->pins.count > 0 && gc_ptrmap_get(&heap->pins, object) != NULL;
}

/* Forgets the pins of objects that have died. World stopped (pin.c). */
void gc_pins_forget(gc_heap *, bool (*is_dead)(gc_ref, void *), void *data);

/* Makes every safepoint of `m` slow until its slow path has run. */
GC_INLINE void gc_poll_set(gc_mutator *m, uint32_t bits) {
  atomic_fetch_or(&m->poll, bits);
}

/* The owner. */
GC_INLINE void gc_poll_clear(gc_mutator *m, uint32_t bits) {
  atomic_fetch_and(&m->poll, ~bits);
}

/* --- finalizers (finalize.c) -------------------------------------------- */

/* Registers a new object that has a finalizer. Returns false if there is no
   memory or the limit does not allow its node. */
bool gc_finalizable_add(gc_heap *, gc_ref object);
/* Takes a dead object's node out of the registry. NULL: the object has none,
   because its finalizer has been queued already. */
struct gc_finalizable *gc_finalizable_take(gc_heap *, gc_ref object);
/* Frees a node that was taken and is on no queue. */
void gc_finalizable_free(gc_heap *, struct gc_finalizable *);
/* Queues a finalizer that will run at a safepoint of `m`. From now on the queue
   keeps the object alive. */
void gc_finalizable_queue(gc_mutator *m, struct gc_finalizable *);
/* Queues on `m` every registered object for which `is_dead` returns true. Does
   not raise counts. World stopped. Returns how many were queued. */
size_t gc_finalizable_queue_dead(gc_mutator *m, bool (*is_dead)(gc_ref, void *),
                                 void *data);
/* Called after every registered object has moved; `place` returns its new
   address. World stopped. */
void gc_finalizable_moved(gc_heap *, gc_ref (*place)(gc_ref, void *),
                          void *data);
/* Queues every registered object, at the end of a heap. Raises counts. */
size_t gc_finalizable_queue_all(gc_mutator *m);
/* May finalizers run on this mutator now? They do not nest, and
   Note [Leaving finalizers] says who puts them off. */
GC_INLINE bool gc_finalizers_may_run(const gc_mutator *m) {
  return !m->is_finalizing && m->deferrals == 0 &&
         (!m->heap->serves_finalizers || m->is_serving);
}
/* Would gc_finalizers_run run any? */
GC_INLINE bool gc_finalizers_are_due(const gc_mutator *m) {
  return gc_finalizers_may_run(m) &&
         (m->finalize_first != NULL || atomic_load(&m->heap->has_left));
}
/* Runs the finalizers that are queued on `m`, those that were left to others,
   and those that become due meanwhile, within the bound of
   Note [Bounded runs]. If they may not run now, puts them off. A safepoint. */
void gc_finalizers_run(gc_mutator *m);
/* Memory has run out, although everything has been collected. Runs finalizers
   as gc_finalizers_run does; if none are due here, waits about a millisecond,
   parked, for those of other mutators. False: no finalizer will free memory, or
   there have been many rounds. *rounds is 0 at first. A safepoint. */
bool gc_finalizers_help(gc_mutator *m, unsigned *rounds);
/* Leaves the due finalizers of `m` to other mutators. heap->lock is held. */
void gc_finalizers_leave(gc_mutator *m);
/* Memory has run out. If `m` may run finalizers, leaves those of all other
   mutators to it: rule 5 of Note [Leaving finalizers]. World stopped by `m`. */
void gc_finalizers_gather(gc_mutator *m);
/* Leaves one finalizer, of any heap, to the mutators of that heap. Takes
   heap->lock. */
void gc_finalizable_leave(gc_heap *, struct gc_finalizable *);

/* --- fork (fork.c) ------------------------------------------------------- */

/* Must be called before a process creates its first heap. */
void gc_fork_watch(void);
/* The number of forks between the first process and this one. */
extern uint32_t gc_forks;

/* Note [Fork]: was the heap made by another process? */
GC_INLINE bool gc_heap_is_inherited(const gc_heap *heap) {
  return heap->forks != gc_forks;
}

GC_INLINE void gc_require_own(const gc_heap *heap) {
  gc_require(!gc_heap_is_inherited(heap),
             "this heap was created before fork(): a child process may call "
             "exec or _exit, or create a new heap");
}

/* Held over a fork, so that a child never sees a half-defined type. */
void gc_types_lock(void);
void gc_types_unlock(void);

/* --- the checked flavour (check.c) ---------------------------------------- */

/* The size of a mutator with its record. */
size_t gc_checked_size(void);
/* A new mutator of the calling thread. */
void gc_checked_begin(gc_mutator *);
/* Frees a detached mutator, at once or later. */
void gc_checked_free(gc_mutator *);
/* Stops the program if the mutator was detached. */
void gc_require_attached(const gc_mutator *);

/* --- the mutators of a thread (thread.c) ---------------------------------- */

/* The mutators of the calling thread, linked by own_next, newest first. */
gc_mutator *gc_thread_mutators(void);
struct gc_range {
  const char *begin, *end;
};
/* The stack of the calling thread; empty if the system does not tell. */
struct gc_range gc_thread_stack(void);
/* 0, or ENOMEM. */
int gc_thread_add(gc_mutator *);
/* Stops the program unless the calling thread added the mutator. */
void gc_thread_require_own(const gc_mutator *);
void gc_thread_remove(gc_mutator *);
/* A thread may have at most one running mutator in a heap: with two, it would
   wait for itself when one of them stops the world. */
void gc_thread_require_none(const gc_heap *);

/* --- events -------------------------------------------------------------- */

/* The kind of a mutator's own stop. */
extern const char gc_slow_stop[];

GC_INLINE void gc_tell_slow(gc_mutator *m, const char *kind, uint64_t t_begin,
                            size_t objects) {
  gc_heap *heap = m->heap;
  if (heap->listener.slow == NULL)
    return;
  struct gc_slow_event event = {kind, m->number, t_begin, gc_now_ns(), objects};
  heap->listener.slow(heap->listener.data, &event);
}

#endif
