/* SPDX-License-Identifier: MIT */
#include "bench/runner/sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/runner/say.h"

enum { PERIOD_NS = 10000000 };

static const char STATM[] = "/proc/self/statm";

/* Keeps the first reason. */
static uint64_t resident_unknown(struct sampler *s) {
  if (s->error == 0)
    s->error = errno;
  return 0;
}

/* 0: unknown. */
static uint64_t resident_bytes(struct sampler *s) {
  char text[128];
  ssize_t length = pread(s->statm, text, sizeof text - 1, 0);
  unsigned long long pages = 0;
  if (length <= 0)
    return resident_unknown(s);
  text[length] = '\0';
  if (sscanf(text, "%*u %llu", &pages) != 1)
    return 0;
  return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void series_add(struct sampler_series *series, uint64_t value) {
  series->count++;
  series->sum += value;
  if (value > series->peak)
    series->peak = value;
}

static void sample(struct sampler *s) {
  struct sampler_point point = {.ns = gc_now_ns(),
                                .resident = resident_bytes(s),
                                .held = gc_collector.held_bytes(s->heap)};
  if (point.resident > 0)
    series_add(&s->resident, point.resident);
  series_add(&s->held, point.held);
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
      ; /* ignore spurious wake-ups */
  }
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

static void sampler_release(struct sampler *s) {
  if (s->statm >= 0)
    close(s->statm);
  pthread_cond_destroy(&s->stop);
  pthread_mutex_destroy(&s->lock);
}

bool sampler_start(struct sampler *s, gc_heap *heap) {
  *s = (struct sampler){.heap = heap};
  /* Becomes resident page by page as it fills. */
  s->points = malloc(SAMPLER_POINTS * sizeof *s->points);
  s->statm = open(STATM, O_RDONLY | O_CLOEXEC);
  if (s->statm < 0)
    s->error = errno;
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
  if (s->resident.count == 0)
    complain(EXIT_FINE, "cannot read %s: %s: rss_peak and rss_mean are omitted",
             STATM, strerror(s->error));
  if (s->points == NULL)
    complain(EXIT_FINE, "out of memory for samples: drag_byte_s is omitted");
}

void sampler_finish(struct sampler *s) {
  free(s->points);
  s->points = NULL;
}
