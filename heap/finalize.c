/* SPDX-License-Identifier: MIT */
/* Finalizers. An object that has one gets a node when it is made, so that
   nothing need be allocated when it dies. A node is either in the registry,
   found by the object's address, or on a mutator's queue, where its root
   keeps the object alive; it is freed when the finalizer has run. An object
   without a node has had its turn. */
#include <stdlib.h>

#include "heap/heap.h"

bool gc_finalizable_add(gc_heap *heap, gc_ref object) {
  struct gc_finalizable *node = malloc(sizeof *node);
  if (node == NULL)
    return false;
  *node = (struct gc_finalizable){.self = {object}};
  pthread_mutex_lock(&heap->finalizable_lock);
  bool ok = gc_ptrmap_reserve(&heap->finalizable);
  if (ok)
    gc_ptrmap_put(&heap->finalizable, object, node);
  pthread_mutex_unlock(&heap->finalizable_lock);
  if (!ok)
    free(node);
  return ok;
}

struct gc_finalizable *gc_finalizable_take(gc_heap *heap, gc_ref object) {
  pthread_mutex_lock(&heap->finalizable_lock);
  struct gc_finalizable *node = gc_ptrmap_remove(&heap->finalizable, object);
  pthread_mutex_unlock(&heap->finalizable_lock);
  return node;
}

void gc_finalizable_queue(gc_mutator *m, struct gc_finalizable *node) {
  node->next = NULL;
  if (m->finalize_last)
    m->finalize_last->next = node;
  else
    m->finalize_first = node;
  m->finalize_last = node;
  gc_poll_set(m, GC_POLL_FINALIZE);
}

/* Removing moves entries about, so the nodes are first strung together. */
static struct gc_finalizable *collect_nodes(struct gc_ptrmap *map,
                                            bool (*wanted)(gc_ref, void *),
                                            void *data) {
  struct gc_finalizable *first = NULL;
  for (size_t i = 0; i < map->capacity; i++) {
    struct gc_finalizable *node = map->entries[i].value;
    if (map->entries[i].key == NULL || !wanted(node->self.ref, data))
      continue;
    node->next = first;
    first = node;
  }
  for (struct gc_finalizable *node = first; node; node = node->next)
    gc_ptrmap_remove(map, node->self.ref);
  return first;
}

size_t gc_finalizable_queue_dead(gc_mutator *m, bool (*is_dead)(gc_ref, void *),
                                 void *data) {
  gc_heap *heap = m->heap;
  pthread_mutex_lock(&heap->finalizable_lock);
  struct gc_finalizable *node =
      collect_nodes(&heap->finalizable, is_dead, data);
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

/* There is room for as many as were taken out. */
void gc_finalizable_moved(gc_heap *heap, gc_ref (*place)(gc_ref, void *),
                          void *data) {
  pthread_mutex_lock(&heap->finalizable_lock);
  struct gc_finalizable *node = collect_nodes(&heap->finalizable, always, NULL);
  for (; node; node = node->next) {
    node->self.ref = place(node->self.ref, data);
    gc_ptrmap_put(&heap->finalizable, node->self.ref, node);
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

static void run_first(gc_mutator *m) {
  struct gc_finalizable *node = m->finalize_first;
  gc_type type = gc_type_of(node->self.ref);
  gc_shake();
  gc_type_info(type)->desc.finalize(m, &node->self);
  gc_assert_always(m->finalize_first == node);
  m->finalize_first = node->next;
  if (node->next == NULL)
    m->finalize_last = NULL;
  gc_collector.root_set(m, &node->self, NULL);
  free(node);
}

/* The node stays on the queue, a root, until its finalizer has returned. */
void gc_finalizers_run(gc_mutator *m) {
  if (m->is_finalizing)
    return;
  atomic_fetch_and(&m->poll, ~(uint32_t)GC_POLL_FINALIZE);
  m->is_finalizing = true;
  while (m->finalize_first != NULL)
    run_first(m);
  m->is_finalizing = false;
}

void gc_finalizable_discard(gc_heap *heap) {
  for (size_t i = 0; i < heap->finalizable.capacity; i++)
    if (heap->finalizable.entries[i].key != NULL)
      free(heap->finalizable.entries[i].value);
}
