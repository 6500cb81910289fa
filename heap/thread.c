/* SPDX-License-Identifier: MIT */
/* The list of mutators that the calling thread has attached. It is kept as
   thread-specific data, so that a thread that ends while attached is noticed.
 */
#include <errno.h>
#include <pthread.h>

#include "heap/heap.h"

static pthread_key_t key; /* constant once created */
static bool is_made;      /* the key was created; constant after that */

static void on_end(void *mutators) {
  gc_require(mutators == NULL,
             "a thread ended while it was attached to a heap: it must call "
             "gc_detach first");
}

static void key_make(void) {
  is_made = pthread_key_create(&key, on_end) == 0;
}

static bool has_key(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, key_make);
  return is_made;
}

gc_mutator *gc_thread_mutators(void) {
  return has_key() ? pthread_getspecific(key) : NULL;
}

struct gc_range gc_thread_stack(void) {
  pthread_attr_t attributes;
  void *begin = NULL;
  size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &begin, &bytes);
    pthread_attr_destroy(&attributes);
  }
  return (struct gc_range){begin, (const char *)begin + bytes};
}

int gc_thread_add(gc_mutator *m) {
  m->own_next = gc_thread_mutators();
  return is_made && pthread_setspecific(key, m) == 0 ? 0 : ENOMEM;
}

void gc_thread_require_own(const gc_mutator *m) {
  const gc_mutator *at = gc_thread_mutators();
  while (at && at != m)
    at = at->own_next;
  gc_require(at != NULL, "a mutator must be detached by the thread that "
                         "attached it");
}

void gc_thread_remove(gc_mutator *m) {
  gc_mutator *at = gc_thread_mutators();
  if (at == m) {
    pthread_setspecific(key, m->own_next);
    return;
  }
  while (at->own_next != m)
    at = at->own_next;
  at->own_next = m->own_next;
}

void gc_thread_require_none(const gc_heap *heap) {
  for (gc_mutator *m = gc_thread_mutators(); m; m = m->own_next)
    gc_require(m->heap != heap || !m->running,
               "a thread may have at most one running mutator in a heap: "
               "detach or park the other one first");
}
