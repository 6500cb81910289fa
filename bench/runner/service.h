/* SPDX-License-Identifier: MIT */
/* An open loop: requests arrive according to a schedule, whether a thread is
   free or not, like the requests of users. The schedule is made in advance: the
   arrivals of a Poisson process, the same for the same seed. Threads take
   requests in order. A thread that is early sleeps, parked, until its request
   is due. */
#ifndef RUNNER_SERVICE_H
#define RUNNER_SERVICE_H

#include "bench/runner/latency.h"
#include "workloads/workload.h"

struct service {
  const struct workload_service *card;
  size_t count;
  double rate_hz;
  uint64_t *schedule; /* due times after the start; NULL: due when taken */
  struct latency_event
      *events; /* written by the thread that serves the request */
  _Atomic size_t next;
  _Atomic bool has_failed;
};

/* False: out of memory; service_finish must still be called. */
bool service_init(struct service *, const struct workload_service *,
                  const struct workload_setup *);
void service_finish(struct service *);

/* Before the threads of an iteration start. */
void service_begin(struct service *);
/* The work of one thread, from time `start` on. False: out of memory. */
bool service_run(struct service *, struct workload_thread *, uint64_t start);
/* Adds the latencies of a successful iteration. */
void service_measure(struct service *, struct latency *);

#endif
