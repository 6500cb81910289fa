/* SPDX-License-Identifier: MIT */
/* A run as a benchmark of Google Benchmark, which only keeps the time: the
   threads, the gate and the clock are ours. */
#ifndef RUNNER_JOB_H
#define RUNNER_JOB_H

#include "bench/runner/session.h"
#include "bench/shim/shim.h"

struct job {
  struct options options;
  struct session_result result;
  bool has_run;
};

/* Runs the job in a benchmark that has been registered as self-timed, and
   tells the library what came out. */
void job_run_timed(struct job *, struct shim_state *);
/* Registers this one job and runs it in the library, which prints nothing;
   without the library, directly. The result is there in any case. */
void job_run_alone(struct job *, char *program);

/* Registers every workload at its quick size. False: no memory. */
bool suite_register(void);
/* EXIT_FINE, or what the last workload that failed has failed with. */
enum exit_code suite_outcome(void);

#endif
