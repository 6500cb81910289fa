/* SPDX-License-Identifier: MIT */
/* Latencies. Each request has three times: when it was due, when a thread
   began to serve it, and when it was done.

     service   end - begin: the time to serve the request
     response  end - due: includes the wait for a free thread
     metered   after DaCapo Chopin (Cai and others, 2022): requests that begin
               within a window might as well have come at equal distances, so
               end - that time, where it is more than the service time. It
               tells of a pause to those that have no schedule. */
#ifndef RUNNER_LATENCY_H
#define RUNNER_LATENCY_H

#include <stddef.h>

#include "bench/stats/histogram.h"

/* Nanoseconds of one clock. */
struct latency_event {
  uint64_t due, begin, end;
};

#define LATENCY_WINDOW_NS UINT64_C(100000000)
#define LATENCY_FULL_RUN  (UINT64_MAX / 4) /* no run is longer */

struct latency {
  struct histogram service, response;
  struct histogram metered, metered_full; /* by window; over the full run */
};

/* Adds the service and response times of all. */
void latency_add_times(struct latency *, const struct latency_event *,
                       size_t count);
/* Sorts the events by their begin, and adds their metered times within windows
   of so many nanoseconds. */
void latency_add_metered(struct histogram *, struct latency_event *,
                         size_t count, uint64_t window);

#endif
