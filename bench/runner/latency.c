/* SPDX-License-Identifier: MIT */
#include "bench/runner/latency.h"

#include <stdlib.h>

void latency_add_times(struct latency *l, const struct latency_event *events,
                       size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct latency_event *e = &events[i];
    histogram_record(&l->service, e->end - e->begin);
    histogram_record(&l->response, e->end - e->due);
  }
}

static int by_begin(const void *left, const void *right) {
  const struct latency_event *a = left, *b = right;
  return (a->begin > b->begin) - (a->begin < b->begin);
}

/* s and e are the first and the last event of the window. */
static uint64_t metered(const struct latency_event *events, size_t i, size_t s,
                        size_t e) {
  uint64_t service = events[i].end - events[i].begin;
  if (e == s)
    return service;
  double interval =
      (double)(events[e].begin - events[s].begin) / (double)(e - s);
  uint64_t as_if = events[s].begin + (uint64_t)((double)(i - s) * interval);
  uint64_t since = events[i].end > as_if ? events[i].end - as_if : 0;
  return since > service ? since : service;
}

/* Both ends of the window only move forward. Without events the array can be
   NULL, which qsort does not accept. */
void latency_add_metered(struct histogram *h, struct latency_event *events,
                         size_t count, uint64_t window) {
  if (count == 0)
    return;
  qsort(events, count, sizeof *events, by_begin);
  uint64_t half = window / 2;
  for (size_t i = 0, s = 0, e = 0; i < count; i++) {
    uint64_t begin = events[i].begin;
    while (events[s].begin + half < begin)
      s++;
    while (e + 1 < count && events[e].begin < begin + half)
      e++;
    histogram_record(h, metered(events, i, s, e));
  }
}
