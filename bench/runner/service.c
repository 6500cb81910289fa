/* SPDX-License-Identifier: MIT */
#include "bench/runner/service.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/runner/hiccup.h"

/* The schedule's random stream. Threads use the streams with their own
   numbers. */
static const uint64_t schedule_stream = UINT64_MAX;

/* The times between requests are exponentially distributed. */
static void schedule_make(struct service *s, uint64_t seed) {
  struct workload_random random = workload_random_make(seed, schedule_stream);
  double due = 0;
  for (size_t i = 0; i < s->count; i++) {
    uint64_t draw = workload_random_next(&random) >> 11;
    due += -log(((double)draw + 1) * 0x1p-53) / s->rate_hz * 1e9;
    s->schedule[i] = (uint64_t)due;
  }
}

bool service_init(struct service *s, const struct workload_service *card,
                  const struct workload_setup *setup) {
  *s = (struct service){.card = card,
                        .count = card->count(setup),
                        .rate_hz = card->rate_hz(setup)};
  s->events = calloc(s->count, sizeof *s->events);
  if (s->rate_hz > 0)
    s->schedule = malloc(s->count * sizeof *s->schedule);
  if (s->events == NULL || (s->rate_hz > 0 && s->schedule == NULL))
    return false;
  if (s->schedule != NULL)
    schedule_make(s, setup->seed);
  return true;
}

void service_finish(struct service *s) {
  free(s->schedule);
  free(s->events);
}

void service_begin(struct service *s) {
  s->next = 0;
  s->has_failed = false;
}

static void wait_until(gc_mutator *m, uint64_t due) {
  if (gc_now_ns() >= due)
    return;
  gc_park(m);
  hiccup_sleep_until(due);
  gc_unpark(m);
}

bool service_run(struct service *s, struct workload_thread *t, uint64_t start) {
  size_t i;
  while (!s->has_failed && (i = s->next++) < s->count) {
    struct latency_event *event = &s->events[i];
    if (s->schedule != NULL)
      wait_until(t->m, start + s->schedule[i]);
    event->begin = gc_now_ns();
    event->due = s->schedule != NULL ? start + s->schedule[i] : event->begin;
    if (!s->card->serve(t, i)) {
      s->has_failed = true;
      return false;
    }
    event->end = gc_now_ns();
  }
  return !s->has_failed;
}

void service_measure(struct service *s, struct latency *latency) {
  memset(latency, 0, sizeof *latency);
  latency_add_times(latency, s->events, s->count);
  latency_add_metered(&latency->metered, s->events, s->count,
                      LATENCY_WINDOW_NS);
  latency_add_metered(&latency->metered_full, s->events, s->count,
                      LATENCY_FULL_RUN);
}
