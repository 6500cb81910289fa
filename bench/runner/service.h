/* SPDX-License-Identifier: MIT */
/* An open loop: requests come when the schedule says, whether anybody is free
   or not, as those of people do. The schedule is made before: arrivals of a
   Poisson process, the same for one seed. Threads take requests in order; one
   that is early sleeps, parked, until its request is due. */
#ifndef RUNNER_SERVICE_H
#define RUNNER_SERVICE_H

#include "bench/runner/latency.h"
#include "workloads/workload.h"

struct service {
  const struct workload_service *card;
  size_t count;
  double rate_hz;
  uint64_t *schedule;           /* due after the start; NULL: when taken */
  struct latency_event *events; /* whoever serves it writes it */
  _Atomic size_t next;
  _Atomic bool has_failed;
};

/* False: no memory; all the same it is to be finished. */
bool service_init(struct service *, const struct workload_service *,
                  const struct workload_setup *);
void service_finish(struct service *);

/* Before the threads of an iteration start. */
void service_begin(struct service *);
/* The work of one thread, from the time `start` on. False: out of memory. */
bool service_run(struct service *, struct workload_thread *, uint64_t start);
/* After an iteration that went well: its latencies. */
void service_measure(struct service *, struct latency *);

#endif
