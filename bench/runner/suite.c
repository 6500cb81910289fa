/* SPDX-License-Identifier: MIT */
/* The workloads as benchmarks, so that the tools of Google Benchmark can
   compare collectors. Campaigns do not use them. */
#include <stdio.h>

#include "bench/runner/job.h"

enum { THREADS_MAX = 2, WORKLOADS_MAX = 64, WARMUPS = 1 };

struct suite_entry {
  const struct workload *workload;
  unsigned threads;
};

static enum exit_code outcome = EXIT_FINE;

enum exit_code suite_outcome(void) {
  return outcome;
}

static void run_entry(struct shim_state *state, void *data) {
  static struct job job; /* too large for the stack; one runs at a time */
  const struct suite_entry *entry = data;
  job.options =
      options_initial(entry->workload, entry->threads, WORKLOAD_QUICK);
  job.options.warmups_max = WARMUPS;
  job_run_timed(&job, state);
  if (job.result.code != EXIT_FINE)
    outcome = job.result.code;
  session_result_finish(&job.result);
}

static bool entry_register(struct suite_entry *entry) {
  char name[128];
  snprintf(name, sizeof name, "workload/%s/threads:%u", entry->workload->name,
           entry->threads);
  return shim_register(&(struct shim_benchmark){.name = name,
                                                .run = run_entry,
                                                .data = entry,
                                                .threads = 1,
                                                .iterations = 1,
                                                .is_self_timed = true});
}

bool suite_register(void) {
  static struct suite_entry entries[WORKLOADS_MAX * THREADS_MAX];
  struct suite_entry *entry = entries;
  for (int i = 0; workload_list[i] != NULL; i++)
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
      gc_assert_always(i < WORKLOADS_MAX);
      *entry = (struct suite_entry){workload_list[i], threads};
      if (!entry_register(entry++))
        return false;
    }
  return true;
}
