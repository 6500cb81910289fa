/* SPDX-License-Identifier: MIT */
#include "heap/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "heap/shake.h"

struct worker {
  struct gc_workers *workers;
  pthread_t thread;
  clockid_t clock; /* the thread's CPU */
  unsigned index;
};

struct gc_workers {
  pthread_mutex_t lock;
  pthread_cond_t woken;
  uint64_t rounds; /* lock: how often all were woken */
  bool is_ending;  /* lock */
  void (*work)(void *, unsigned);
  void *data;
  uint32_t shake; /* the heap's seed */
  unsigned count; /* threads that were started */
  struct worker worker[];
};

/* Waits for a round after `seen`. False: the thread must end. */
static bool wait_for_round(struct gc_workers *workers, uint64_t *seen) {
  pthread_mutex_lock(&workers->lock);
  while (workers->rounds == *seen && !workers->is_ending)
    pthread_cond_wait(&workers->woken, &workers->lock);
  *seen = workers->rounds;
  bool goes_on = !workers->is_ending;
  pthread_mutex_unlock(&workers->lock);
  return goes_on;
}

/* The first number of a worker for gc_shake_begin, above those of mutators. */
enum { SHAKE_WORKERS = 1 << 30 };

static void *worker_main(void *data) {
  struct worker *worker = data;
  struct gc_workers *workers = worker->workers;
  uint64_t seen = 0;
  gc_shake_begin(workers->shake, SHAKE_WORKERS + worker->index);
  while (wait_for_round(workers, &seen))
    workers->work(workers->data, worker->index);
  return NULL;
}

/* Workers block all signals: the program's threads must get them. */
static int workers_start(struct gc_workers *workers, unsigned count) {
  sigset_t all, before;
  int error = 0;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (workers->count < count && error == 0) {
    struct worker *worker = &workers->worker[workers->count];
    *worker = (struct worker){.workers = workers, .index = workers->count};
    error = pthread_create(&worker->thread, NULL, worker_main, worker);
    if (error == 0) {
      workers->count++;
      error = pthread_getcpuclockid(worker->thread, &worker->clock);
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

int gc_workers_create(struct gc_workers **out, unsigned count, uint32_t shake,
                      void (*work)(void *data, unsigned i), void *data) {
  struct gc_workers *workers =
      calloc(1, sizeof *workers + count * sizeof workers->worker[0]);
  if (workers == NULL)
    return ENOMEM;
  pthread_mutex_init(&workers->lock, NULL);
  pthread_cond_init(&workers->woken, NULL);
  workers->work = work;
  workers->data = data;
  workers->shake = shake;
  int error = workers_start(workers, count);
  if (error != 0)
    gc_workers_destroy(workers);
  else
    *out = workers;
  return error;
}

void gc_workers_wake(struct gc_workers *workers) {
  pthread_mutex_lock(&workers->lock);
  workers->rounds++;
  pthread_cond_broadcast(&workers->woken);
  pthread_mutex_unlock(&workers->lock);
}

uint64_t gc_workers_cpu_ns(const struct gc_workers *workers) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < workers->count; i++)
    sum += gc_clock_ns(workers->worker[i].clock);
  return sum;
}

void gc_workers_destroy(struct gc_workers *workers) {
  if (workers == NULL)
    return;
  pthread_mutex_lock(&workers->lock);
  workers->is_ending = true;
  pthread_cond_broadcast(&workers->woken);
  pthread_mutex_unlock(&workers->lock);
  for (unsigned i = 0; i < workers->count; i++)
    pthread_join(workers->worker[i].thread, NULL);
  pthread_cond_destroy(&workers->woken);
  pthread_mutex_destroy(&workers->lock);
  free(workers);
}
