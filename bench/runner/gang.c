/* SPDX-License-Identifier: MIT */
#include "bench/runner/gang.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/runner/cores.h"

/* Waits at the gate. Returns false if the thread is to exit. */
static bool gate_pass(struct gang *gang, bool is_attached, bool is_pinned) {
  pthread_mutex_lock(&gang->lock);
  if (!is_attached)
    gang->has_no_memory = true;
  if (!is_pinned)
    gang->has_no_core = true;
  gang->waiting++;
  pthread_cond_signal(&gang->came);
  while (gang->gate == GANG_SHUT)
    pthread_cond_wait(&gang->opened, &gang->lock);
  bool is_open = gang->gate == GANG_OPEN;
  pthread_mutex_unlock(&gang->lock);
  return is_open;
}

static void *thread_main(void *argument) {
  struct gang_thread *thread = argument;
  struct gang *gang = thread->gang;
  bool is_pinned = !gang->pins || cores_pin(thread->index);
  gc_mutator *m = gc_attach(gang->heap);
  thread->m = m;
  if (m != NULL) {
    if (gang->prepare != NULL)
      gang->prepare(thread, gang->data);
    gc_park(m);
  }
  bool is_open = gate_pass(gang, m != NULL, is_pinned);
  thread->begin = gc_now_ns();
  if (m != NULL) {
    gc_unpark(m);
    if (is_open)
      gang->run(thread, gang->data);
    thread->m = NULL;
    gc_detach(m);
  }
  thread->end = gc_now_ns();
  pthread_mutex_lock(&gang->lock);
  gang->away++;
  pthread_cond_signal(&gang->came);
  pthread_mutex_unlock(&gang->lock);
  return NULL;
}

/* Sets the gate, wakes all threads and waits until all are back. */
static void gate_set(struct gang *gang, enum gang_gate gate) {
  pthread_mutex_lock(&gang->lock);
  gang->begin = gc_now_ns();
  gang->gate = gate;
  pthread_cond_broadcast(&gang->opened);
  while (gang->away < gang->size)
    pthread_cond_wait(&gang->came, &gang->lock);
  pthread_mutex_unlock(&gang->lock);
}

static void wait_until_ready(struct gang *gang) {
  pthread_mutex_lock(&gang->lock);
  while (gang->waiting < gang->size)
    pthread_cond_wait(&gang->came, &gang->lock);
  pthread_mutex_unlock(&gang->lock);
}

/* Returns how many threads could be created. */
static unsigned threads_make(struct gang *gang, int *error) {
  unsigned made = 0;
  for (; made < gang->size; made++) {
    struct gang_thread *thread = &gang->threads[made];
    *thread = (struct gang_thread){.gang = gang, .index = made};
    *error = pthread_create(&thread->id, NULL, thread_main, thread);
    if (*error != 0)
      break;
  }
  return made;
}

enum exit_code gang_start(struct gang *gang, char *why, size_t why_size) {
  pthread_mutex_init(&gang->lock, NULL);
  pthread_cond_init(&gang->came, NULL);
  pthread_cond_init(&gang->opened, NULL);
  gang->gate = GANG_SHUT;
  gang->waiting = gang->away = 0;
  gang->has_no_memory = gang->has_no_core = false;
  gang->threads = calloc(gang->size, sizeof *gang->threads);
  unsigned wanted = gang->size;
  int error = gang->threads == NULL ? ENOMEM : 0;
  gang->size = gang->threads == NULL ? 0 : threads_make(gang, &error);
  wait_until_ready(gang);
  if (gang->size == wanted && !gang->has_no_memory && !gang->has_no_core)
    return EXIT_FINE;
  enum exit_code code = gang->has_no_memory ? EXIT_MEMORY : EXIT_THREADS;
  if (gang->has_no_core)
    snprintf(why, why_size, "the system refuses to pin threads to cores");
  else if (code == EXIT_THREADS)
    snprintf(why, why_size, "only %u of %u threads can be created: %s",
             gang->size, wanted, strerror(error));
  else
    snprintf(why, why_size, "out of memory while attaching %u threads", wanted);
  gang_finish(gang);
  return code;
}

void gang_go(struct gang *gang) {
  gate_set(gang, GANG_OPEN);
  gang->end = gang->begin;
  for (unsigned i = 0; i < gang->size; i++)
    if (gang->threads[i].end > gang->end)
      gang->end = gang->threads[i].end;
}

void gang_finish(struct gang *gang) {
  if (gang->gate == GANG_SHUT)
    gate_set(gang, GANG_CANCELLED);
  for (unsigned i = 0; i < gang->size; i++)
    pthread_join(gang->threads[i].id, NULL);
  free(gang->threads);
  gang->threads = NULL;
  pthread_cond_destroy(&gang->came);
  pthread_cond_destroy(&gang->opened);
  pthread_mutex_destroy(&gang->lock);
}
