/* SPDX-License-Identifier: MIT */
#include "bench/runner/sampler.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PERIOD_NS = 10000000 };

static uint64_t resident_bytes(int statm) {
  char text[128];
  ssize_t length = pread(statm, text, sizeof text - 1, 0);
  unsigned long long pages = 0;
  if (length <= 0)
    return 0;
  text[length] = '\0';
  if (sscanf(text, "%*u %llu", &pages) != 1)
    return 0;
  return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void series_add(struct sampler_series *series, uint64_t value) {
  series->sum += value;
  if (value > series->peak)
    series->peak = value;
}

static void sample(struct sampler *s) {
  struct sampler_point point = {.ns = gc_now_ns(),
                                .resident = resident_bytes(s->statm),
                                .held = gc_collector.held_bytes(s->heap)};
  series_add(&s->resident, point.resident);
  series_add(&s->held, point.held);
  s->samples++;
  if (s->points != NULL && s->kept < SAMPLER_POINTS)
    s->points[s->kept++] = point;
}

static void add_ns(struct timespec *t, long ns) {
  t->tv_nsec += ns;
  if (t->tv_nsec >= 1000000000) {
    t->tv_nsec -= 1000000000;
    t->tv_sec++;
  }
}

static void *sampler_main(void *argument) {
  struct sampler *s = argument;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  pthread_mutex_lock(&s->lock);
  while (!s->is_stopping) {
    sample(s);
    add_ns(&next, PERIOD_NS);
    while (!s->is_stopping &&
           pthread_cond_timedwait(&s->stop, &s->lock, &next) == 0)
      ; /* woken for nothing */
  }
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

static void sampler_release(struct sampler *s) {
  close(s->statm);
  pthread_cond_destroy(&s->stop);
  pthread_mutex_destroy(&s->lock);
}

bool sampler_start(struct sampler *s, gc_heap *heap) {
  *s = (struct sampler){.heap = heap};
  /* Becomes real page by page as it fills. */
  s->points = malloc(SAMPLER_POINTS * sizeof *s->points);
  s->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&s->stop, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&s->lock, NULL);
  bool is_started = pthread_create(&s->thread, NULL, sampler_main, s) == 0;
  if (!is_started)
    sampler_release(s);
  return is_started;
}

void sampler_stop(struct sampler *s) {
  pthread_mutex_lock(&s->lock);
  s->is_stopping = true;
  pthread_cond_signal(&s->stop);
  pthread_mutex_unlock(&s->lock);
  pthread_join(s->thread, NULL);
  sample(s);
  sampler_release(s);
}

void sampler_finish(struct sampler *s) {
  free(s->points);
  s->points = NULL;
}
