/* SPDX-License-Identifier: MIT */
/* Safepoints and stopping the world.

   Note [Stopping the world]
   heap->running counts the running mutators; heap->stopper is the mutator that
   stops the world. Both change only under heap->lock.
   1. A mutator that wants to stop the world waits until there is no stopper. It
      becomes the stopper, sets GC_POLL_STOP on all others, and waits until
      running is 1, which is itself.
   2. A mutator that finds the bit set takes the lock. While there is a stopper,
      it does not run: it subtracts itself from heap->running, signals the
      stopper, and waits for heap->resumed.
   3. Attaching and unparking wait until there is no stopper before they add one
      to heap->running. Parking and detaching subtract one without waiting.
   So between gc_world_stop and gc_world_resume no other mutator accesses the
   heap. The stopper sees all that the others wrote before, because each of them
   took the lock after that.
   A mutator that waits, here or for a grace period, is at a safepoint: its
   epoch is GC_EPOCH_PARKED. The owner clears the poll bit under the lock, while
   there is no stopper, so no request is lost. models/world.pml explores this.

   Note [Turns]
   A thread that stops the world again right after resuming it would always be
   faster than the threads that have to wake up first. So:
   1. A mutator that wants to stop the world draws a ticket. Tickets are served
      in order.
   2. Each mutator that a stop holds up (held_up: it waits in gc_world_enter)
      has a turn before the next stop begins. Resuming copies held_up to
      turns_due; each mutator subtracts itself when it begins to run; and no
      mutator becomes the stopper while turns_due is not 0. A turn lasts until
      the mutator's next safepoint.
   3. Such a turn may be too short. So before a stop that the program asks for,
      if the same mutator made the last stop and that stop held up others, it
      lets them run for as long as that stop took (gc_world_give_way).
   No mutator waits for ever. One whose turn is due waits only for the lock,
   since there is no stopper while turns are due. One that waits with its ticket
   does not run, so no stopper waits for it. Tickets are served in order, one
   after each resume. When the turn of one has come, another mutator may have
   done already what it wanted; then it does not stop the world, and the next
   ticket is served at once: two mutators that use up a nursery at the same time
   stop the world once. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "heap/heap.h"

static const char within_a_stop[] =
    "safepoint while this thread has stopped the world: a listener or the "
    "callback of gc_visit_objects must not reach a safepoint";

const char gc_slow_stop[] = "stop";

/* lock is held. Stops running and wakes the threads that wait for that. */
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
  gc_fence(); /* Note [Running alone]: the addition precedes loads of slots */
}

/* lock is held. Waits until there is no stopper; Note [Turns]. */
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

/* A stopper first spins this many times, for some microseconds: most mutators
   reach a safepoint sooner than a futex could wake the stopper. */
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

/* lock is held. Waits until it is this mutator's turn to stop the world. It
   runs when this returns; Note [Turns]. Its stop begins here. */
static void stop_turn_wait(gc_mutator *m) {
  gc_heap *heap = m->heap;
  uint64_t ticket = heap->stop_tickets++;
  m->stop_begun = gc_now_ns();
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
              "for %u ms and delays a stop of the world: call gc_park before "
              "calls that may block, and gc_safepoint in long loops\n",
              other->number, other->thread_id, heap->overdue);
}

/* lock is held. Waits until the others have stopped. If that takes too long,
   reports once which mutators still run. */
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

/* The lock is held, and is released. */
static void turn_give_up(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert(m->running && heap->stopper == NULL);
  heap->stop_served++;
  pthread_cond_broadcast(&heap->resumed);
  pthread_mutex_unlock(&heap->lock);
  gc_shake();
  gc_tell_slow(m, gc_slow_stop, m->stop_begun, 0);
}

bool gc_world_stop_if(gc_mutator *m, const char *kind, const char *cause,
                      gc_stop_need *is_needed, uint64_t seen) {
  gc_heap *heap = m->heap;
  gc_require_own(heap);
  gc_require(m->running, "use of a parked mutator: call gc_unpark first");
  gc_shake();
  pthread_mutex_lock(&heap->lock);
  gc_require(heap->stopper != m, within_a_stop);
  stop_turn_wait(m);
  if (is_needed && !is_needed(m, seen)) {
    turn_give_up(m);
    return false;
  }
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
  return true;
}

void gc_world_stop(gc_mutator *m, const char *kind, const char *cause) {
  gc_world_stop_if(m, kind, cause, NULL, 0);
}

/* The listener is called while the world is still stopped, so that it needs no
   lock. */
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
  gc_tell_slow(m, gc_slow_stop, m->stop_begun, 0);
}

/* The others get as much time as the last stop took, half of the whole. The
   bound keeps a thread that asks for a collection from waiting long. */
enum { GIVES_WAY_MOST_NS = 10000000 };

/* lock is held. The time until which `m` must give way; 0: it need not. */
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
  gc_require(m->running, "use of a parked mutator: call gc_unpark first");
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
  heap->pause.phase_ns[phase] += gc_now_ns() - begun;
}

/* --- the slow safepoint -------------------------------------------------- */

static void stand_still(gc_mutator *m) {
  gc_heap *heap = m->heap;
  uint64_t begun = gc_now_ns();
  pthread_mutex_lock(&heap->lock);
  gc_assert(heap->stopper); /* the stopper is still waiting for this mutator */
  gc_world_leave(m);
  gc_world_enter(m);
  pthread_mutex_unlock(&heap->lock);
  gc_tell_slow(m, gc_slow_stop, begun, 0);
}

/* Not inside a finalizer: there is no gain in nested collections. */
static void maybe_stress(gc_mutator *m) {
  if (gc_collector.stress && !m->is_finalizing &&
      m->safepoints_slow % m->heap->stress == 0)
    gc_collector.stress(m);
}

void gc_safepoint_slow(gc_mutator *m) {
  gc_require_attached(m);
  gc_require_own(m->heap);
  gc_require(m->running, "use of a parked mutator: call gc_unpark first");
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
  poll = atomic_load_explicit(&m->poll, memory_order_relaxed);
  if (m->finalize_first != NULL || (poll & GC_POLL_FINALIZE))
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
  gc_visit_root_stacks(m, visit, data);
  visit_nodes(m->finalize_first, visit, data);
}

void gc_visit_roots(gc_heap *heap, void (*visit)(gc_root *, void *),
                    void *data) {
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    gc_visit_mutator_roots(m, visit, data);
  gc_visit_heap_roots(heap, visit, data);
}

void gc_visit_heap_roots(gc_heap *heap, void (*visit)(gc_root *, void *),
                         void *data) {
  visit_nodes(heap->left_first, visit, data);
  /* The lock: a thread that is not attached may add a global root meanwhile. */
  pthread_mutex_lock(&heap->globals_lock);
  gc_visit_globals(heap, visit, data);
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
