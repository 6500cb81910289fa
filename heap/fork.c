/* SPDX-License-Identifier: MIT */
/* Note [Fork]
   A child has the thread that forked, and a copy of memory in which other
   threads have stopped anywhere: with locks held, in the middle of a store or a
   collection. Nothing of a heap can be trusted there, so a heap belongs to the
   process that made it. A child may call exec or _exit, and it may make heaps
   of its own. Its first safepoint in a heap that it inherited stops it with a
   sentence: the handler below has every mutator of the forking thread polled,
   and all that is slow asks gc_require_own before it takes a lock. The table of
   types belongs to the process; its lock is held over a fork, so that a child
   finds it whole. */
#include <pthread.h>

#include "heap/heap.h"

uint32_t gc_forks; /* written in a child, by its only thread */

static void on_child(void) {
  gc_types_unlock();
  gc_forks++;
  for (gc_mutator *m = gc_thread_mutators(); m; m = m->own_next)
    gc_poll_set(m, GC_POLL_HANDSHAKE);
}

static void watch(void) {
  gc_assert_always(pthread_atfork(gc_types_lock, gc_types_unlock, on_child) ==
                   0);
}

void gc_fork_watch(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, watch);
}
