/* SPDX-License-Identifier: MIT */
#include "bench/runner/job.h"

static void set_clock(void *data, bool is_running) {
  shim_set_clock(data, is_running);
}

static void tell(const struct session_result *r, struct shim_state *state) {
  if (r->code != EXIT_FINE) {
    shim_fail(state, r->error);
    return;
  }
  shim_set_time(state, (double)(r->end - r->begin) / 1e9);
  shim_set_operations(state, r->figures.ops);
}

void job_run_timed(struct job *job, struct shim_state *state) {
  const struct session_clock clock = {set_clock, state};
  while (shim_keep_running(state, 1)) {
    shim_set_clock(state, false);
    session_run(&job->options, &clock, &job->result);
    shim_set_clock(state, true);
  }
  job->has_run = true;
  tell(&job->result, state);
}

/* Once, even where the library's environment asks for repetitions. */
static void run_once(struct shim_state *state, void *data) {
  struct job *job = data;
  if (job->has_run)
    shim_fail(state, "a run is not repeated in one process");
  else
    job_run_timed(job, state);
}

void job_run_alone(struct job *job, char *program) {
  int argc = 1;
  char *argv[] = {program, NULL};
  const struct shim_benchmark card = {.name = job->options.workload->name,
                                      .run = run_once,
                                      .data = job,
                                      .threads = 1,
                                      .iterations = 1,
                                      .is_self_timed = true};
  if (shim_is_available() && shim_initialize(&argc, argv) &&
      shim_register(&card))
    shim_run_all(true);
  if (!job->has_run)
    session_run(&job->options, NULL, &job->result);
}
