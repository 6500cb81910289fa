/* SPDX-License-Identifier: MIT */
/* A run as a benchmark of Google Benchmark, for workloads that are run by
   hand with the library's options. The library only reports the time;
   threads, gate and clock are those of the runner. A campaign's runs do not
   use the library. */
#ifndef RUNNER_JOB_H
#define RUNNER_JOB_H

#include "bench/runner/session.h"
#include "bench/shim/shim.h"

struct job {
  struct options options;
  struct session_result result;
};

/* Runs the job in a benchmark registered as self-timed, and reports the result
   to the library. */
void job_run_timed(struct job *, struct shim_state *);

/* Registers every workload at its quick size. False: no memory. */
bool suite_register(void);
/* EXIT_FINE, or what the last workload that failed has failed with. */
enum exit_code suite_outcome(void);

#endif
