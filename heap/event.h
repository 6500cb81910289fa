/* SPDX-License-Identifier: MIT */
/* Events that a listener receives. Times are nanoseconds of CLOCK_MONOTONIC. */
#ifndef GC_EVENT_H
#define GC_EVENT_H

#include "heap/object.h"

GC_PUBLIC_BEGIN

enum gc_phase {
  GC_PHASE_ROOTS,
  GC_PHASE_MARK,
  GC_PHASE_SWEEP,
  GC_PHASE_DRAIN,  /* buffered decrements */
  GC_PHASE_CYCLES, /* trial deletion */
  GC_PHASE_VERIFY,
  GC_PHASE_COUNT
};
const char *gc_phase_name(enum gc_phase);

#define GC_NO_MUTATOR UINT32_MAX

/* One stop of the world, from the request to the last resume. */
struct gc_pause {
  const char *kind;   /* "minor", "full", "drain", "cycles", … */
  const char *cause;  /* "allocation", "request", "limit", "growth", … */
  int generation;     /* the oldest that was collected; -1: none */
  uint32_t thread;    /* number of the mutator that stopped the world */
  uint32_t last;      /* of the last mutator to stop; GC_NO_MUTATOR: none */
  uint64_t t_request; /* the stop was requested */
  uint64_t t_stopped; /* the last mutator had stopped */
  uint64_t t_end;     /* mutators may run again */
  uint64_t cpu_ns;    /* CPU used while stopped, all collector threads */
  bool by_signal;     /* threads were stopped anywhere, not at safepoints */
  /* Of collectors that mark or sweep while mutators run: a cycle has marked
     everything; mutators had to wait for the rest of a cycle, or for a full
     collection that they did not ask for. */
  bool ends_cycle, is_degraded;
  uint64_t phase_ns[GC_PHASE_COUNT];
  size_t bytes_before, bytes_after; /* held by the heap */
  size_t objects_marked, objects_freed, bytes_promoted;
};

/* A time during which the collector held up one mutator. A "stop" is told by
   each mutator that a pause held up, the one that stopped the world included:
   from the time at which it stopped itself until it ran again. After pauses by
   signal no mutator tells it. */
struct gc_slow_event {
  /* "stop", "cascade", "reclaim", "slice", "sweep", "grace" (a wait for one) */
  const char *kind;
  uint32_t thread;
  uint64_t t_begin, t_end;
  size_t objects; /* freed by a cascade, marked in a slice */
};

/* Every function may be NULL. Each is called by the thread that causes the
   event, and must neither allocate objects nor reach a safepoint. `stopped` and
   `resumed` are called while the world is stopped. If a collector stops threads
   elsewhere than at safepoints, both are called afterwards, with the heap's
   lock held. */
struct gc_listener {
  void *data;
  void (*stop_requested)(void *data, uint64_t t);
  void (*stopped)(void *data, uint64_t t);
  void (*resumed)(void *data, const struct gc_pause *);
  void (*slow)(void *data, const struct gc_slow_event *); /* any thread */
  /* The heap is being destroyed; `leaked` bytes of cycles were never freed. */
  void (*ended)(void *data, size_t leaked);
};

GC_PUBLIC_END

#endif
