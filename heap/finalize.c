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
   parks or detaches makes a bounded number of runs and leaves the rest to the
   heap; the next slow safepoint of any mutator takes it over. At the end of the
   heap, finalizers that remain after FINAL_ROUNDS are given up. */
#include "heap/heap.h"

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
  gc_collector.root_set(m, &node->self, NULL);
  gc_finalizable_free(m->heap, node);
}

void gc_finalizers_leave(gc_mutator *m) {
  gc_heap *heap = m->heap;
  if (m->finalize_first == NULL || m->is_finalizing)
    return; /* a finalizer parks: its mutator will go on with the queue */
  list_append(&heap->left_first, &heap->left_last, m->finalize_first,
              m->finalize_last);
  m->finalize_first = m->finalize_last = NULL;
  atomic_store(&heap->has_left, true);
  for (gc_mutator *other = heap->mutators; other; other = other->next)
    gc_poll_set(other, GC_POLL_FINALIZE);
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

/* The bit is cleared before has_left is read. A mutator that leaves finalizers
   sets has_left first and the bit after that; so none is missed. */
static void poll_renew(gc_mutator *m) {
  atomic_fetch_and(&m->poll, ~(uint32_t)GC_POLL_FINALIZE);
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

void gc_finalizers_run(gc_mutator *m) {
  if (m->is_finalizing)
    return;
  left_adopt(m);
  m->is_finalizing = true;
  for (size_t most = run_most(m); most > 0 && m->finalize_first; most--)
    run_first(m);
  m->is_finalizing = false;
  poll_renew(m);
}
