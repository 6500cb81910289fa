/* SPDX-License-Identifier: MIT */
/* Threads that start together: each attaches to the heap and waits, parked,
   at a gate. The clock runs from the opening of the gate until the last one
   has returned from its work and has detached, so that what a collector puts
   off until then is paid for too. */
#ifndef RUNNER_GANG_H
#define RUNNER_GANG_H

#include <pthread.h>

#include "bench/base/exit_code.h"
#include "heap/sweepstakes.h"

struct gang_thread {
  struct gang *gang;
  pthread_t id;
  unsigned index;
  gc_mutator *m;       /* while `run` runs */
  uint64_t begin, end; /* of this thread, on the clock */
};

enum gang_gate { GANG_SHUT, GANG_OPEN, GANG_CANCELLED };

struct gang {
  /* Set by the caller. */
  gc_heap *heap;
  unsigned size;
  void (*run)(struct gang_thread *, void *data);
  void *data;

  struct gang_thread *threads;
  uint64_t begin, end; /* the clock; after gang_go */
  pthread_mutex_t lock;
  pthread_cond_t came;   /* the maker waits for threads */
  pthread_cond_t opened; /* threads wait for the gate */
  enum gang_gate gate;   /* lock */
  unsigned waiting;      /* lock: at the gate */
  unsigned away;         /* lock: came back from their work, or never went */
  bool has_no_memory;    /* lock: some thread could not attach */
};

/* Makes the threads and waits until all stand at the gate. EXIT_FINE, or
   EXIT_THREADS, or EXIT_MEMORY; then no thread is left, and `why` says more.
   The caller's own mutator, where it has one, is parked. */
enum exit_code gang_start(struct gang *, char *why, size_t why_size);
/* Opens the gate and waits for all. */
void gang_go(struct gang *);
/* After gang_start that went well, with or without gang_go. */
void gang_finish(struct gang *);

#endif
