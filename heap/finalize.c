/* SPDX-License-Identifier: MIT */
/* Finalizers. An object with a finalizer gets a node when it is created, so
   that its death need not allocate memory. The node is in the registry, where
   the object's address finds it, or on a mutator's queue, where its root keeps
   the object alive. It is freed when the finalizer has run. If the object has
   no node, its finalizer has run.

   Note [Bounded runs]
   A finalizer may create objects that have finalizers and drop them at once. If
   all of these ran too, a run might never end. So a run ends after as many
   finalizers as there were nodes when it began, due or not. That is enough for
   all of these objects, in whatever order the death of one makes the next one
   due. The remaining finalizers are due at the next safepoint. A mutator that
   parks or detaches makes a bounded number of runs and leaves the rest. At the
   end of the heap, finalizers that remain after FINAL_ROUNDS are given up.

   Note [Leaving finalizers]
   A finalizer is queued on the mutator that finds its object dead: a counting
   collector queues it where the last count goes, a tracing one on the mutator
   that collects. It need not run there. heap->left has the finalizers that are
   left to others; it changes under heap->lock, and has_left says that it is not
   empty.
   1. A mutator that parks or detaches leaves its queue: it may not come back.
   2. A mutator that defers finalizers keeps its queue and adopts none, until it
      resumes, parks or detaches.
   3. In a heap that serves finalizers, every mutator leaves its queue at its
      next safepoint. Only gc_finalizers_serve adopts, and gc_heap_destroy.
   4. A finalizer that runs parks with its queue, which its mutator goes on with
      afterwards.
   5. A mutator for which memory has run out takes the queues of all others
      while the world is stopped, except finalizers that are running. What they
      free may be all the memory there is, and their mutators may wait for this
      one, or for a processor. If memory runs out for several mutators at once,
      one of them runs what another one has taken from it. So a mutator without
      finalizers waits for a while, parked, as long as any are queued or running
      elsewhere, before it gives up: gc_finalizers_help.
   No finalizer is forgotten:
   - Without serving, whoever leaves finalizers sets has_left, then
     GC_POLL_FINALIZE of all mutators. A mutator clears its own bit, then reads
     has_left, and sets the bit again if there is something that it may run. One
     that defers only clears it, and reads has_left in gc_finalizers_resume. So
     a bit that it has cleared is replaced, and one that is set later stays. A
     mutator that attaches reads has_left under the lock.
   - With serving, gc_finalizers_wait reads has_left and waits under the lock
     under which has_left is set. It has parked before, so a stop does not wait
     for it, and its own queue has been left by then. One waiter is woken, and
     the one that adopts takes the whole list. gc_finalizers_stop sets a flag
     under the same lock, and wakes all.
   - What remains when all mutators have detached is on heap->left, where
     gc_heap_destroy finds it.
   models/serving.pml explores this. */
#include <time.h>

#include "heap/heap.h"
#include "heap/lifecycle.h"

bool gc_finalizable_add(gc_heap *heap, gc_ref object) {
  pthread_mutex_lock(&heap->finalizable_lock);
  bool ok = gc_registry_add(heap, object);
  pthread_mutex_unlock(&heap->finalizable_lock);
  return ok;
}

struct gc_finalizable *gc_finalizable_take(gc_heap *heap, gc_ref object) {
  pthread_mutex_lock(&heap->finalizable_lock);
  struct gc_finalizable *node = gc_registry_take(&heap->finalizable, object);
  pthread_mutex_unlock(&heap->finalizable_lock);
  return node;
}

void gc_finalizable_free(gc_heap *heap, struct gc_finalizable *node) {
  pthread_mutex_lock(&heap->finalizable_lock);
  gc_registry_free(heap, node);
  pthread_mutex_unlock(&heap->finalizable_lock);
}

/* Appends the list from `more` to `more_last`. */
static void list_append(struct gc_finalizable **first,
                        struct gc_finalizable **last,
                        struct gc_finalizable *more,
                        struct gc_finalizable *more_last) {
  if (more == NULL)
    return;
  if (*last)
    (*last)->next = more;
  else
    *first = more;
  *last = more_last;
}

void gc_finalizable_queue(gc_mutator *m, struct gc_finalizable *node) {
  node->next = NULL;
  atomic_fetch_add(&m->heap->finalizers_queued, 1);
  list_append(&m->finalize_first, &m->finalize_last, node, node);
  gc_poll_set(m, GC_POLL_FINALIZE);
}

size_t gc_finalizable_queue_dead(gc_mutator *m, bool (*is_dead)(gc_ref, void *),
                                 void *data) {
  gc_heap *heap = m->heap;
  pthread_mutex_lock(&heap->finalizable_lock);
  struct gc_finalizable *node =
      gc_registry_take_all(&heap->finalizable, is_dead, data);
  pthread_mutex_unlock(&heap->finalizable_lock);
  size_t queued = 0;
  for (struct gc_finalizable *next; node; node = next, queued++) {
    next = node->next;
    gc_finalizable_queue(m, node);
  }
  return queued;
}

static bool always(gc_ref object, void *data) {
  (void)data;
  return object != NULL;
}

void gc_finalizable_moved(gc_heap *heap, gc_ref (*place)(gc_ref, void *),
                          void *data) {
  pthread_mutex_lock(&heap->finalizable_lock);
  struct gc_finalizable *node =
      gc_registry_take_all(&heap->finalizable, always, NULL);
  for (struct gc_finalizable *next; node; node = next) {
    next = node->next;
    node->self.ref = place(node->self.ref, data);
    gc_registry_put(&heap->finalizable, node);
  }
  pthread_mutex_unlock(&heap->finalizable_lock);
}

size_t gc_finalizable_queue_all(gc_mutator *m) {
  struct gc_finalizable *last = m->finalize_last;
  size_t queued = gc_finalizable_queue_dead(m, always, NULL);
  struct gc_finalizable *node = last ? last->next : m->finalize_first;
  for (; node; node = node->next) {
    gc_ref object = node->self.ref;
    node->self.ref = NULL;
    gc_collector.root_set(m, &node->self, object);
  }
  return queued;
}

/* --- running them -------------------------------------------------------- */

/* Without this, nobody would resume. */
static void deferral_end(gc_mutator *m) {
  gc_check(
      m->deferrals == 0,
      "a finalizer ended without gc_finalizers_resume: call it as often as "
      "gc_finalizers_defer");
  m->deferrals = 0;
}

/* The node stays on the queue, a root, until its finalizer has returned. */
static void run_first(gc_mutator *m) {
  struct gc_finalizable *node = m->finalize_first;
  gc_type type = gc_type_of(node->self.ref);
  gc_shake();
  gc_type_info(type)->desc.finalize(m, &node->self);
  gc_assert_always(m->finalize_first == node);
  m->finalize_first = node->next;
  if (node->next == NULL)
    m->finalize_last = NULL;
  m->finalized++;
  deferral_end(m);
  gc_collector.root_set(m, &node->self, NULL);
  gc_finalizable_free(m->heap, node);
  size_t queued = atomic_fetch_sub(&m->heap->finalizers_queued, 1);
  gc_assert_always(queued > 0);
}

/* heap->lock is held: Note [Leaving finalizers]. */
static void leave(gc_heap *heap, struct gc_finalizable *first,
                  struct gc_finalizable *last) {
  list_append(&heap->left_first, &heap->left_last, first, last);
  atomic_store(&heap->has_left, true);
  gc_shake();
  if (heap->serves_finalizers)
    pthread_cond_signal(&heap->left);
  else
    for (gc_mutator *other = heap->mutators; other; other = other->next)
      gc_poll_set(other, GC_POLL_FINALIZE);
}

void gc_finalizable_leave(gc_heap *heap, struct gc_finalizable *node) {
  node->next = NULL;
  atomic_fetch_add(&heap->finalizers_queued, 1);
  pthread_mutex_lock(&heap->lock);
  leave(heap, node, node);
  pthread_mutex_unlock(&heap->lock);
}

void gc_finalizers_leave(gc_mutator *m) {
  if (m->finalize_first == NULL || m->is_finalizing)
    return;
  leave(m->heap, m->finalize_first, m->finalize_last);
  m->finalize_first = m->finalize_last = NULL;
}

/* Leaves what is queued on `other` behind the finalizer that is running. */
static void behind_first_leave(gc_mutator *other) {
  struct gc_finalizable *running = other->finalize_first;
  if (running == NULL || running->next == NULL)
    return;
  leave(other->heap, running->next, other->finalize_last);
  running->next = NULL;
  other->finalize_last = running;
}

void gc_finalizers_gather(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert_always(gc_world_is_stopped_by(m));
  if (!gc_finalizers_may_run(m))
    return;
  pthread_mutex_lock(&heap->lock);
  for (gc_mutator *other = heap->mutators; other; other = other->next)
    if (other->is_finalizing)
      behind_first_leave(other);
    else if (other != m)
      gc_finalizers_leave(other);
  pthread_mutex_unlock(&heap->lock);
}

static void left_adopt(gc_mutator *m) {
  gc_heap *heap = m->heap;
  if (!atomic_load(&heap->has_left))
    return;
  pthread_mutex_lock(&heap->lock);
  list_append(&m->finalize_first, &m->finalize_last, heap->left_first,
              heap->left_last);
  heap->left_first = heap->left_last = NULL;
  atomic_store(&heap->has_left, false);
  pthread_mutex_unlock(&heap->lock);
}

/* The bit is cleared before has_left is read: Note [Leaving finalizers]. */
static void poll_renew(gc_mutator *m) {
  gc_poll_clear(m, GC_POLL_FINALIZE);
  gc_shake();
  if (m->finalize_first != NULL || atomic_load(&m->heap->has_left))
    gc_poll_set(m, GC_POLL_FINALIZE);
}

/* How many finalizers may run: Note [Bounded runs]. */
static size_t run_most(gc_mutator *m) {
  gc_heap *heap = m->heap;
  pthread_mutex_lock(&heap->finalizable_lock);
  size_t most = heap->finalizable.count;
  pthread_mutex_unlock(&heap->finalizable_lock);
  for (struct gc_finalizable *node = m->finalize_first; node; node = node->next)
    most++;
  return most;
}

/* The finalizers of `m` may not run now. */
static void put_off(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_poll_clear(m, GC_POLL_FINALIZE);
  if (!heap->serves_finalizers || m->finalize_first == NULL)
    return;
  pthread_mutex_lock(&heap->lock);
  gc_finalizers_leave(m);
  pthread_mutex_unlock(&heap->lock);
}

void gc_finalizers_run(gc_mutator *m) {
  if (m->is_finalizing)
    return;
  if (!gc_finalizers_may_run(m)) {
    put_off(m);
    return;
  }
  left_adopt(m);
  m->is_finalizing = true;
  for (size_t most = run_most(m); most > 0 && m->finalize_first; most--)
    run_first(m);
  m->is_finalizing = false;
  poll_renew(m);
}

/* Enough rounds for each of many threads to be scheduled in turn. */
enum { HELP_ROUNDS = 32, HELP_WAIT_NS = 1000000 };

static size_t queued_here(const gc_mutator *m) {
  size_t count = 0;
  for (struct gc_finalizable *node = m->finalize_first; node; node = node->next)
    count++;
  return count;
}

static void others_await(gc_mutator *m) {
  const struct timespec moment = {.tv_nsec = HELP_WAIT_NS};
  gc_park(m);
  nanosleep(&moment, NULL);
  gc_unpark(m);
}

bool gc_finalizers_help(gc_mutator *m, unsigned *rounds) {
  gc_shake();
  bool are_due = gc_finalizers_are_due(m);
  size_t queued = atomic_load(&m->heap->finalizers_queued);
  if ((!are_due && queued <= queued_here(m)) || (*rounds)++ == HELP_ROUNDS)
    return false;
  if (are_due)
    gc_finalizers_run(m);
  else
    others_await(m);
  return true;
}
