/* SPDX-License-Identifier: MIT */
/* Note [Grace periods] in grace.h says why this is right. */
#include "heap/grace.h"

#include "heap/heap.h"

uint64_t gc_grace_request(gc_heap *heap) {
  uint64_t epoch = atomic_fetch_add(&heap->epoch, 1) + 1;
  gc_shake();
  pthread_mutex_lock(&heap->lock);
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    gc_poll_set(m, GC_POLL_HANDSHAKE);
  pthread_mutex_unlock(&heap->lock);
  return epoch;
}

/* lock is held. */
static bool everybody_saw(gc_heap *heap, uint64_t epoch) {
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    if (atomic_load(&m->epoch_seen) < epoch)
      return false;
  return true;
}

bool gc_grace_has_passed(gc_heap *heap, uint64_t epoch) {
  pthread_mutex_lock(&heap->lock);
  bool passed = everybody_saw(heap, epoch);
  pthread_mutex_unlock(&heap->lock);
  return passed;
}

void gc_grace_wait(gc_mutator *m, uint64_t epoch) {
  gc_heap *heap = m->heap;
  uint64_t begun = gc_now_ns();
  gc_shake();
  pthread_mutex_lock(&heap->lock);
  gc_world_leave(m);
  atomic_fetch_add(&heap->grace_waiters, 1);
  while (!everybody_saw(heap, epoch))
    pthread_cond_wait(&heap->graced, &heap->lock);
  atomic_fetch_sub(&heap->grace_waiters, 1);
  gc_world_enter(m);
  pthread_mutex_unlock(&heap->lock);
  gc_count(m, grace_waits, 1);
  gc_tell_slow(m, "grace", begun, 0);
}

/* The poll bit is cleared before the epoch is read. A request that comes
   between the two sets the bit again and is then acknowledged twice, which is
   harmless. A waiter adds itself to grace_waiters before it reads epoch_seen;
   this function stores epoch_seen before it reads grace_waiters. So at least
   one of the two sees the other's store. */
void gc_grace_acknowledge(gc_mutator *m) {
  gc_heap *heap = m->heap;
  if (atomic_load_explicit(&m->poll, memory_order_relaxed) & GC_POLL_HANDSHAKE)
    atomic_fetch_and(&m->poll, ~(uint32_t)GC_POLL_HANDSHAKE);
  gc_shake();
  uint64_t epoch = atomic_load(&heap->epoch);
  if (atomic_load_explicit(&m->epoch_seen, memory_order_relaxed) == epoch)
    return;
  gc_shake();
  atomic_store(&m->epoch_seen, epoch);
  gc_shake();
  if (atomic_load(&heap->grace_waiters) == 0)
    return;
  pthread_mutex_lock(&heap->lock);
  pthread_cond_broadcast(&heap->graced);
  pthread_mutex_unlock(&heap->lock);
}

bool gc_runs_alone(gc_mutator *m) {
  return atomic_load(&m->heap->running) == 1;
}
