/* SPDX-License-Identifier: MIT */
/* A mutator is one attached thread. Collectors put this struct first in their
   own struct; it has the fields that the shared parts need. */
#ifndef GC_MUTATOR_H
#define GC_MUTATOR_H

#include "heap/object.h"

GC_PUBLIC_BEGIN

/* Why a mutator should take the slow path at its next safepoint. Other
   threads set bits; only the owner clears them. */
enum gc_poll {
  GC_POLL_STOP = 1,      /* a thread is stopping the world */
  GC_POLL_HANDSHAKE = 2, /* a grace period was requested */
  GC_POLL_COLLECTOR = 4, /* the collector has work for this mutator */
  GC_POLL_FINALIZE = 8,  /* finalizers are due */
  GC_POLL_STRESS = 16,   /* every safepoint is slow (tuning stress=N) */
  GC_POLL_SHAKE = 32,    /* every safepoint is slow (tuning shake=SEED) */
  GC_POLL_BARRED = 64,   /* a safepoint is an error: the mutator is parked, or
                            has stopped the world */
  GC_POLL_ALONE = 128,   /* another mutator waits until this one is not alone */
};

/* Counters of the statistics build; see gc_statistics. */
struct gc_counters {
  uint64_t objects_allocated, bytes_allocated;
  uint64_t objects_freed, bytes_freed;
  uint64_t increments, decrements, deferred;
  uint64_t ref_stores, failed_cas, barrier_slow;
  uint64_t candidates, traced, cyclic_freed;
  /* Promoted by a generation; survived_bytes: out of the youngest. */
  uint64_t promoted_objects, promoted_bytes, survived_bytes, remembered_peak;
  uint64_t cascade_max, grace_waits;
};
enum { GC_COUNTERS = sizeof(struct gc_counters) / sizeof(uint64_t) };

/* Counts in the statistics build only; written by the owner alone. */
#define gc_count(m, field, n)                                                  \
  do {                                                                         \
    if (GC_STATISTICS)                                                         \
      (m)->counters.field += (n);                                              \
  } while (0)

/* Roots on the C stack: a header, then `count` roots behind it. */
struct gc_frame {
  struct gc_frame *prev;
  size_t count;
};

struct gc_finalizable;

struct gc_mutator {
  GC_ATOMIC(uint32_t) poll; /* enum gc_poll; any thread sets, owner clears */
  uint32_t running;         /* heap->lock: attached and not parked */
  struct gc_frame *frames;  /* owner; others only while it is stopped */
  gc_heap *heap;            /* constant */
  /* Grace periods: the last epoch this mutator has acknowledged. Written by
     the owner, at safepoints, and under heap->lock when it parks. */
  GC_ATOMIC(uint64_t) epoch_seen;
  gc_mutator *next, *prev; /* heap->lock */
  /* Objects whose finalizers are due on this mutator, oldest first. They are
     roots. Written by the owner, or by a collector while the world is stopped.
   */
  struct gc_finalizable *finalize_first, *finalize_last;
  bool is_finalizing;   /* owner: a finalizer runs; they do not nest */
  bool is_serving;      /* owner: it runs the finalizers of a served heap */
  bool is_alone;        /* owner: Note [Alone] in safepoint.c */
  uint32_t alone_wait;  /* owner: attempts to be alone that are skipped */
  uint32_t deferrals;   /* owner: calls of gc_finalizers_defer, not resumed */
  uint32_t number;      /* constant: 0 for the first thread attached */
  int thread_id;        /* constant: as gettid gives it */
  gc_mutator *own_next; /* owner: the next mutator of the same thread */
  struct gc_root_stack *root_stacks; /* as `frames`; heap->globals_lock */
  uint64_t finalized; /* owner: how many finalizers have run here */
  uint64_t safepoints_slow;
  uint64_t stop_begun; /* when it last asked to stop the world; owner */
  struct gc_counters counters;
};

GC_INLINE gc_root *gc_frame_roots(struct gc_frame *frame) {
  return (gc_root *)(frame + 1);
}

/* Pairs a frame with its mutator for the duration of a scope. Its address never
   escapes, so the compiler keeps it in registers and unrolls gc_scope_leave. */
struct gc_scope {
  gc_mutator *mutator;
  struct gc_frame *frame;
  size_t count;
};

GC_INLINE struct gc_scope gc_frame_enter(gc_mutator *m, struct gc_frame *frame,
                                         size_t count) {
  frame->prev = m->frames;
  frame->count = count;
  m->frames = frame;
  struct gc_scope scope = {m, frame, count};
  return scope;
}

/* After a jump out of a scope, the frame list still has the scope's frame,
   whose memory is gone. */
GC_INLINE void gc_scope_check(const struct gc_scope *scope) {
  gc_check(scope->mutator->frames == scope->frame,
           "a GC_FRAME was not left: call gc_frames_unwind before longjmp");
  (void)scope;
}

/* Global roots are read by any thread, hence the acquire. */
GC_INLINE gc_ref gc_root_get(const gc_root *root) {
  return __atomic_load_n(&root->ref, __ATOMIC_ACQUIRE);
}

/* Other threads read a frame's root only while the world is stopped, so a plain
   store would be enough for it. The store is atomic because global roots have
   the same type. */
GC_INLINE void gc_root_put(gc_root *root, gc_ref value) {
  __atomic_store_n(&root->ref, value, __ATOMIC_RELEASE);
}

GC_INLINE bool gc_poll_is_set(gc_mutator *m) {
  return GC_UNLIKELY(atomic_load_explicit(&m->poll, memory_order_relaxed) != 0);
}

/* The slow path of every safepoint. It waits while the world is stopped, runs
   finalizers, and does the collector's work for this mutator. */
void gc_safepoint_slow(gc_mutator *m);

GC_PUBLIC_END

#endif
