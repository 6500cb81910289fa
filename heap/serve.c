/* SPDX-License-Identifier: MIT */
/* The program decides when and where finalizers run: Note [Leaving finalizers]
   in finalize.c. */
#include "heap/finalizers.h"

#include <errno.h>

#include "heap/check.h"
#include "heap/heap.h"
#include "heap/lifecycle.h"

/* In the checked flavour: the calling thread may use the mutator. */
static void usable_check(const gc_mutator *m) {
  if (GC_IS_CHECKED)
    gc_require_usable(m);
  (void)m;
}

void gc_finalizers_defer(gc_mutator *m) {
  usable_check(m);
  m->deferrals++;
}

void gc_finalizers_resume(gc_mutator *m) {
  usable_check(m);
  gc_check(m->deferrals > 0, "gc_finalizers_resume without "
                             "gc_finalizers_defer: call both equally often");
  if (m->deferrals == 0 || --m->deferrals > 0)
    return;
  gc_shake();
  if (m->finalize_first != NULL || atomic_load(&m->heap->has_left))
    gc_poll_set(m, GC_POLL_FINALIZE);
}

static void require_served(const gc_mutator *m) {
  gc_require(m->heap->serves_finalizers,
             "gc_finalizers_serve and gc_finalizers_wait need a heap that was "
             "created with serves_finalizers");
  gc_require(!m->is_finalizing,
             "gc_finalizers_serve or gc_finalizers_wait in a finalizer");
}

/* lock is held. Returns whether finalizers are due. */
static bool left_wait(gc_heap *heap) {
  while (!heap->is_serving_over && !atomic_load(&heap->has_left))
    pthread_cond_wait(&heap->left, &heap->lock);
  return !heap->is_serving_over;
}

bool gc_finalizers_wait(gc_mutator *m) {
  gc_heap *heap = m->heap;
  require_served(m);
  gc_park(m);
  pthread_mutex_lock(&heap->lock);
  bool are_due = left_wait(heap);
  pthread_mutex_unlock(&heap->lock);
  gc_unpark(m);
  return are_due;
}

size_t gc_finalizers_serve(gc_mutator *m) {
  require_served(m);
  gc_require(m->deferrals == 0, "gc_finalizers_serve while finalizers are "
                                "deferred: call gc_finalizers_resume first");
  uint64_t before = m->finalized;
  m->is_serving = true;
  gc_poll_set(m, GC_POLL_FINALIZE);
  gc_safepoint_slow(m);
  m->is_serving = false;
  return m->finalized - before;
}

void gc_finalizers_stop(gc_heap *heap) {
  gc_require_own(heap);
  pthread_mutex_lock(&heap->lock);
  heap->is_serving_over = true;
  pthread_cond_broadcast(&heap->left);
  pthread_mutex_unlock(&heap->lock);
}

int gc_lock(gc_mutator *m, pthread_mutex_t *mutex) {
  gc_require(m->running, "gc_lock of a parked mutator: call gc_unpark first");
  int error = pthread_mutex_trylock(mutex);
  if (error != EBUSY)
    return error;
  gc_park(m);
  error = pthread_mutex_lock(mutex);
  gc_unpark(m);
  return error;
}
