/* SPDX-License-Identifier: MIT */
/* Note [Fork]
   A child has only the thread that forked, and a copy of memory in which the
   other threads stopped at any point: with locks held, in the middle of a store
   or of a collection. It cannot trust the state of a heap, so a heap belongs to
   the process that created it. A child may call exec or _exit, and it may
   create new heaps. Its first safepoint in an inherited heap stops it with a
   message: the handler below sets a poll bit of every mutator of the forking
   thread, and every slow path calls gc_require_own before it takes a lock.
   The table of types and the pool of arenas belong to the process. Their locks
   are held during a fork, so that the child's copies are consistent and nobody
   holds these locks there. A collector does the same with locks of its own that
   are not part of a heap. */
#include <pthread.h>

#include "heap/heap.h"
#include "heap/memory.h"

uint32_t gc_forks; /* written in a child, by its only thread */

static void before_fork(void) {
  gc_types_lock();
  gc_memory_pool_lock();
}

static void after_fork(void) {
  gc_memory_pool_unlock();
  gc_types_unlock();
}

static void on_child(void) {
  after_fork();
  gc_forks++;
  for (gc_mutator *m = gc_thread_mutators(); m; m = m->own_next)
    gc_poll_set(m, GC_POLL_HANDSHAKE);
}

static void watch(void) {
  if (pthread_atfork(before_fork, after_fork, on_child) != 0)
    gc_panic(__FILE__, __LINE__, "pthread_atfork has memory");
}

void gc_fork_watch(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, watch);
}
