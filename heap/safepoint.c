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
   models/world.pml explores this.

   Note [Turns]
   A thread that stops the world again as soon as it has resumed it would win
   every time against those that have to wake up first. So:
   1. Whoever wants to stop the world draws a ticket, and tickets are served in
      order.
   2. The mutators that a stop holds up (held_up: they wait in gc_world_enter)
      each have a turn before the next stop begins: resuming makes them
      turns_due, each takes itself off as it begins to run, and nobody becomes
      stopper while some are due. A turn lasts to the mutator's next safepoint.
   3. One step at a time may be too little, so a stop that the program asks for
      gives way first where the same mutator made the last stop and others were
      held up: they run for as long as that stop took (gc_world_give_way).
   Nobody waits for ever: those that are due wait for nothing but the lock,
   since there is no stopper while they are due, and a mutator that waits with
   its ticket does not run, so no stopper waits for it. Ticket holders cannot go
   away: they are served, in order, one after each resume. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "heap/heap.h"

static const char within_a_stop[] =
    "the world is stopped by this thread already: what a listener or "
    "gc_visit_objects calls may not reach a safepoint";

/* lock is held. Ceases to run and lets those know who wait for it. */
void gc_world_leave(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert(m->running);
  m->running = 0;
  atomic_store(&m->epoch_seen, GC_EPOCH_PARKED);
  gc_shake();
  atomic_fetch_sub(&heap->running, 1);
  if (heap->stopper) {
    heap->pause.last = m->number;
    pthread_cond_signal(&heap->stopped);
  }
  if (atomic_load(&heap->grace_waiters))
    pthread_cond_broadcast(&heap->graced);
}

/* lock is held, and there is no stopper. */
static void run_begin(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert(!m->running && heap->stopper == NULL);
  atomic_fetch_and(&m->poll, ~(uint32_t)GC_POLL_STOP);
  m->running = 1;
  atomic_store(&m->epoch_seen, atomic_load(&heap->epoch));
  gc_shake();
  atomic_fetch_add(&heap->running, 1);
  gc_fence(); /* Note [Running alone]: counted in before any slot is read */
}

/* lock is held. Waits for the stopper to go; Note [Turns]. */
static void held_up_wait(gc_heap *heap) {
  heap->held_up++;
  while (heap->stopper)
    pthread_cond_wait(&heap->resumed, &heap->lock);
  gc_assert(heap->turns_due > 0);
  if (--heap->turns_due == 0)
    pthread_cond_broadcast(&heap->resumed);
}

/* lock is held. */
void gc_world_enter(gc_mutator *m) {
  if (m->heap->stopper)
    held_up_wait(m->heap);
  run_begin(m);
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
                                  .last = GC_NO_MUTATOR,
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

/* lock is held. */
static bool may_stop(const gc_heap *heap, uint64_t ticket) {
  return heap->stopper == NULL && heap->turns_due == 0 &&
         heap->stop_served == ticket;
}

/* lock is held. Returns, running, when it is this mutator's turn to stop the
   world; Note [Turns]. */
static void stop_turn_wait(gc_mutator *m) {
  gc_heap *heap = m->heap;
  uint64_t ticket = heap->stop_tickets++;
  if (may_stop(heap, ticket))
    return;
  gc_world_leave(m);
  while (!may_stop(heap, ticket))
    pthread_cond_wait(&heap->resumed, &heap->lock);
  run_begin(m);
}

static struct timespec monotonic_time(uint64_t ns) {
  return (struct timespec){.tv_sec = (time_t)(ns / 1000000000),
                           .tv_nsec = (long)(ns % 1000000000)};
}

/* lock is held. */
static void overdue_tell(const gc_heap *heap, const gc_mutator *m) {
  for (gc_mutator *other = heap->mutators; other; other = other->next)
    if (other != m && other->running)
      fprintf(stderr,
              "sweepstakes: mutator %u (thread %d) has not reached a safepoint "
              "for %u ms, and all wait for it: call gc_park before what may "
              "block, and gc_safepoint in long loops\n",
              other->number, other->thread_id, heap->overdue);
}

/* lock is held. Says once who keeps the world from standing still. */
static void others_wait(gc_heap *heap, const gc_mutator *m) {
  struct timespec due =
      monotonic_time(heap->pause.t_request + (uint64_t)heap->overdue * 1000000);
  bool is_told = heap->overdue == 0;
  while (atomic_load(&heap->running) > 1) {
    if (is_told) {
      pthread_cond_wait(&heap->stopped, &heap->lock);
    } else if (pthread_cond_timedwait(&heap->stopped, &heap->lock, &due) ==
               ETIMEDOUT) {
      overdue_tell(heap, m);
      is_told = true;
    }
  }
}

void gc_world_stop(gc_mutator *m, const char *kind, const char *cause) {
  gc_heap *heap = m->heap;
  gc_require_own(heap);
  gc_require(m->running, "a parked mutator may do nothing but gc_unpark");
  gc_shake();
  pthread_mutex_lock(&heap->lock);
  gc_require(heap->stopper != m, within_a_stop);
  stop_turn_wait(m);
  heap->stopper = m;
  pause_begin(heap, m, kind, cause);
  request_stop(heap, m);
  pthread_mutex_unlock(&heap->lock);
  gc_shake();
  spin_until_alone(heap);
  pthread_mutex_lock(&heap->lock);
  others_wait(heap, m);
  pthread_mutex_unlock(&heap->lock);
  gc_poll_set(m, GC_POLL_BARRED);
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
  gc_poll_clear(m, GC_POLL_BARRED);
  atomic_fetch_add(&heap->stops, 1);
  pthread_mutex_lock(&heap->lock);
  gc_assert(heap->turns_due == 0);
  heap->stopper = NULL;
  heap->stop_served++;
  heap->turns = heap->turns_due = heap->held_up;
  heap->held_up = 0;
  pthread_cond_broadcast(&heap->resumed);
  pthread_mutex_unlock(&heap->lock);
  gc_shake();
}

/* Half of the time is enough for others; and nobody who asks for a collection
   should wait long for it. */
enum { GIVES_WAY_MOST_NS = 10000000 };

/* lock is held. When the others have had their time; 0: they are owed none. */
static uint64_t way_given_at(const gc_heap *heap, const gc_mutator *m) {
  const struct gc_pause *last = &heap->pause;
  if (heap->stopper || heap->turns == 0 || last->thread != m->number)
    return 0;
  uint64_t took = last->t_end - last->t_request;
  return last->t_end + (took < GIVES_WAY_MOST_NS ? took : GIVES_WAY_MOST_NS);
}

void gc_world_give_way(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_require_own(heap);
  gc_require(m->running, "a parked mutator may do nothing but gc_unpark");
  pthread_mutex_lock(&heap->lock);
  uint64_t until = way_given_at(heap, m);
  if (gc_now_ns() < until) {
    struct timespec time = monotonic_time(until);
    gc_world_leave(m);
    pthread_mutex_unlock(&heap->lock);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) ==
           EINTR) {
    }
    pthread_mutex_lock(&heap->lock);
    gc_world_enter(m);
  }
  pthread_mutex_unlock(&heap->lock);
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
  gc_assert(heap->stopper); /* which still waits for this mutator */
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
  gc_require_own(m->heap);
  gc_require(m->running, "a parked mutator may do nothing but gc_unpark");
  m->safepoints_slow++;
  gc_shake();
  uint32_t poll = atomic_load(&m->poll);
  gc_require((poll & GC_POLL_BARRED) == 0, within_a_stop);
  gc_shake();
  if (poll & GC_POLL_STOP)
    stand_still(m);
  gc_grace_acknowledge(m);
  if (gc_collector.safepoint)
    gc_collector.safepoint(m);
  if (poll & GC_POLL_STRESS)
    maybe_stress(m);
  if (m->finalize_first != NULL || atomic_load(&m->heap->has_left))
    gc_finalizers_run(m);
}

/* --- roots --------------------------------------------------------------- */

static void visit_nodes(struct gc_finalizable *node,
                        void (*visit)(gc_root *, void *), void *data) {
  for (; node; node = node->next)
    visit(&node->self, data);
}

void gc_visit_mutator_roots(gc_mutator *m, void (*visit)(gc_root *, void *),
                            void *data) {
  for (struct gc_frame *frame = m->frames; frame; frame = frame->prev)
    for (size_t i = 0; i < frame->count; i++)
      visit(&gc_frame_roots(frame)[i], data);
  visit_nodes(m->finalize_first, visit, data);
}

void gc_visit_roots(gc_heap *heap, void (*visit)(gc_root *, void *),
                    void *data) {
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    gc_visit_mutator_roots(m, visit, data);
  visit_nodes(heap->left_first, visit, data);
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
