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
  tell(&job->result, state);
}
