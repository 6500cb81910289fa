/* SPDX-License-Identifier: MIT */
/* Threads that start together. Each thread attaches to the heap and waits,
   parked, at a gate. The clock starts when the gate opens. It stops when the
   last thread has finished its work and has detached, so that work which a
   collector defers until then is measured too. */
#ifndef RUNNER_GANG_H
#define RUNNER_GANG_H

#include <pthread.h>

#include "bench/base/exit_code.h"
#include "heap/sweepstakes.h"

struct gang_thread {
  struct gang *gang;
  pthread_t id;
  unsigned index;
  gc_mutator *m;       /* valid in `prepare` and `run` */
  uint64_t begin, end; /* of this thread */
};

enum gang_gate { GANG_SHUT, GANG_OPEN, GANG_CANCELLED };

struct gang {
  /* Set by the caller. */
  gc_heap *heap;
  unsigned size;
  /* Before the gate; NULL: there is nothing to prepare. */
  void (*prepare)(struct gang_thread *, void *data);
  void (*run)(struct gang_thread *, void *data);
  void *data;
  bool pins; /* each thread to one of the cores that the process may use; a
                further round begins if there are more threads than cores */

  struct gang_thread *threads;
  uint64_t begin, end; /* of the whole gang; valid after gang_go */
  pthread_mutex_t lock;
  pthread_cond_t came;   /* the creator waits for threads */
  pthread_cond_t opened; /* threads wait for the gate */
  enum gang_gate gate;   /* lock */
  unsigned waiting;      /* lock: at the gate */
  unsigned away;         /* lock: finished their work, or were never created */
  bool has_no_memory;    /* lock: some thread could not attach */
  bool has_no_core;      /* lock: some thread could not be pinned */
};

/* Creates the threads and waits until all are at the gate. Returns EXIT_FINE,
   EXIT_THREADS or EXIT_MEMORY. On failure no thread is left and `why` contains
   the reason. The caller's own mutator, if any, must be parked. */
enum exit_code gang_start(struct gang *, char *why, size_t why_size);
/* Opens the gate and waits until all threads have finished. */
void gang_go(struct gang *);
/* Call it after a successful gang_start, with or without gang_go. */
void gang_finish(struct gang *);

#endif
