/* SPDX-License-Identifier: MIT */
/* Safepoints and stopping the world.

   Note [Stopping the world]
   heap->running counts the mutators that run; heap->stopper is the one that
   wants to be the only one. Both change under heap->lock alone.
   1. The stopper waits until nobody else is stopper, becomes it, sets
      GC_POLL_STOP on everybody and waits until running is 1: itself.
   2. A mutator that finds the bit takes the lock and, while there is a
      stopper, does not run: it takes itself off heap->running, wakes the
      stopper, and waits for heap->resumed.
   3. Attaching and unparking wait for the stopper to go before they count
      themselves in. Parking and detaching only count themselves out.
   So between gc_world_stop and gc_world_resume no other mutator touches the
   heap, and what it wrote before is seen, because it took the lock since.
   A mutator that waits (here, or for a grace period) has a safepoint's rights:
   its epoch is GC_EPOCH_PARKED. The poll bit is cleared by its owner under the
   lock with no stopper about, so no request is lost.
   models/world.pml explores this. */
#include <time.h>

#include "heap/heap.h"

/* lock is held. Ceases to run and lets those know who wait for it. */
void gc_world_leave(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert(m->running);
  m->running = 0;
  atomic_store(&m->epoch_seen, GC_EPOCH_PARKED);
  gc_shake();
  atomic_fetch_sub(&heap->running, 1);
  if (heap->stopper)
    pthread_cond_signal(&heap->stopped);
  if (atomic_load(&heap->grace_waiters))
    pthread_cond_broadcast(&heap->graced);
}

/* lock is held. */
void gc_world_enter(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert(!m->running);
  while (heap->stopper)
    pthread_cond_wait(&heap->resumed, &heap->lock);
  atomic_fetch_and(&m->poll, ~(uint32_t)GC_POLL_STOP);
  m->running = 1;
  atomic_store(&m->epoch_seen, atomic_load(&heap->epoch));
  gc_shake();
  atomic_fetch_add(&heap->running, 1);
  gc_fence(); /* Note [Running alone]: counted in before any slot is read */
}

/* A stopper that finds others still running first spins for this many turns,
   some microseconds: most reach a safepoint sooner than a futex wakes us. */
enum { STOP_SPINS = 256 };

static void spin_until_alone(gc_heap *heap) {
  for (int i = 0; i < STOP_SPINS; i++) {
    if (atomic_load_explicit(&heap->running, memory_order_relaxed) == 1)
      return;
    gc_spin_hint();
  }
}

static void request_stop(gc_heap *heap, gc_mutator *m) {
  for (gc_mutator *other = heap->mutators; other; other = other->next)
    if (other != m)
      gc_poll_set(other, GC_POLL_STOP);
}

static void pause_begin(gc_heap *heap, gc_mutator *m, const char *kind,
                        const char *cause) {
  heap->pause = (struct gc_pause){.kind = kind,
                                  .cause = cause,
                                  .generation = -1,
                                  .thread = m->number,
                                  .t_request = gc_now_ns()};
  if (heap->listener.stop_requested)
    heap->listener.stop_requested(heap->listener.data, heap->pause.t_request);
}

static void pause_stopped(gc_heap *heap) {
  heap->pause.t_stopped = gc_now_ns();
  heap->stop_cpu_ns = gc_thread_cpu_ns();
  heap->pause.bytes_before = gc_collector.held_bytes(heap);
  if (heap->listener.stopped)
    heap->listener.stopped(heap->listener.data, heap->pause.t_stopped);
}

void gc_world_stop(gc_mutator *m, const char *kind, const char *cause) {
  gc_heap *heap = m->heap;
  gc_shake();
  pthread_mutex_lock(&heap->lock);
  gc_assert_always(heap->stopper != m);
  if (heap->stopper) {
    gc_world_leave(m);
    gc_world_enter(m);
  }
  heap->stopper = m;
  pause_begin(heap, m, kind, cause);
  request_stop(heap, m);
  pthread_mutex_unlock(&heap->lock);
  gc_shake();
  spin_until_alone(heap);
  pthread_mutex_lock(&heap->lock);
  while (atomic_load(&heap->running) > 1)
    pthread_cond_wait(&heap->stopped, &heap->lock);
  pthread_mutex_unlock(&heap->lock);
  pause_stopped(heap);
}

/* The pause is told while the world still stands, so that a listener needs
   no lock of its own. */
static void pause_end(gc_heap *heap) {
  struct gc_pause *pause = &heap->pause;
  pause->cpu_ns += gc_thread_cpu_ns() - heap->stop_cpu_ns;
  pause->bytes_after = gc_collector.held_bytes(heap);
  pause->t_end = gc_now_ns();
  if (heap->listener.resumed)
    heap->listener.resumed(heap->listener.data, pause);
}

void gc_world_resume(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert_always(gc_world_is_stopped_by(m));
  pause_end(heap);
  atomic_fetch_add(&heap->stops, 1);
  pthread_mutex_lock(&heap->lock);
  heap->stopper = NULL;
  pthread_cond_broadcast(&heap->resumed);
  pthread_mutex_unlock(&heap->lock);
  gc_shake();
}

bool gc_world_is_stopped_by(gc_mutator *m) {
  return m->heap->stopper == m && atomic_load(&m->heap->running) == 1;
}

uint64_t gc_phase_begin(void) {
  return gc_now_ns();
}

void gc_phase_end(gc_heap *heap, enum gc_phase phase, uint64_t begun) {
  uint64_t now = gc_now_ns();
  heap->pause.phase_ns[phase] += now - begun;
  if (heap->listener.phase)
    heap->listener.phase(heap->listener.data, phase, begun, now);
}

/* --- the slow safepoint -------------------------------------------------- */

static void stand_still(gc_mutator *m) {
  gc_heap *heap = m->heap;
  pthread_mutex_lock(&heap->lock);
  gc_assert(heap->stopper); /* who has asked waits for this one, too */
  gc_world_leave(m);
  gc_world_enter(m);
  pthread_mutex_unlock(&heap->lock);
}

/* Not inside a finalizer: a stress collection there would only nest. */
static void maybe_stress(gc_mutator *m) {
  if (gc_collector.stress && !m->is_finalizing &&
      m->safepoints_slow % m->heap->stress == 0)
    gc_collector.stress(m);
}

void gc_safepoint_slow(gc_mutator *m) {
  gc_assert_always(m->running);
  m->safepoints_slow++;
  gc_shake();
  uint32_t poll = atomic_load(&m->poll);
  gc_shake();
  if (poll & GC_POLL_STOP)
    stand_still(m);
  gc_grace_acknowledge(m);
  if (gc_collector.safepoint)
    gc_collector.safepoint(m);
  if (poll & GC_POLL_STRESS)
    maybe_stress(m);
  if (m->finalize_first != NULL)
    gc_finalizers_run(m);
}

/* --- roots --------------------------------------------------------------- */

void gc_visit_mutator_roots(gc_mutator *m, void (*visit)(gc_root *, void *),
                            void *data) {
  for (struct gc_frame *frame = m->frames; frame; frame = frame->prev)
    for (size_t i = 0; i < frame->count; i++)
      visit(&gc_frame_roots(frame)[i], data);
  for (struct gc_finalizable *f = m->finalize_first; f; f = f->next)
    visit(&f->self, data);
}

void gc_visit_roots(gc_heap *heap, void (*visit)(gc_root *, void *),
                    void *data) {
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    gc_visit_mutator_roots(m, visit, data);
  /* A thread that is not attached may add a global meanwhile. */
  pthread_mutex_lock(&heap->globals_lock);
  for (size_t i = 0; i < heap->globals.capacity; i++)
    if (heap->globals.entries[i].key != NULL)
      visit(heap->globals.entries[i].key, data);
  pthread_mutex_unlock(&heap->globals_lock);
}

const char *gc_phase_name(enum gc_phase phase) {
  static const char *const names[GC_PHASE_COUNT] = {
      [GC_PHASE_ROOTS] = "roots",   [GC_PHASE_MARK] = "mark",
      [GC_PHASE_SWEEP] = "sweep",   [GC_PHASE_DRAIN] = "drain",
      [GC_PHASE_CYCLES] = "cycles", [GC_PHASE_VERIFY] = "verify",
  };
  return (unsigned)phase < GC_PHASE_COUNT ? names[phase] : "unknown";
}
