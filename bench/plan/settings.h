/* SPDX-License-Identifier: MIT */
/* The options, checked and converted. */
#ifndef PLAN_SETTINGS_H
#define PLAN_SETTINGS_H

#include <stdbool.h>

#include "bench/plan/catalog.h"
#include "bench/plan/noise_limits.h"
#include "bench/plan/options.h"

enum {
  SETTINGS_THREADS_MAX = 1000000, /* more than any machine makes */
  SETTINGS_BLOCKS_MAX = 100000
};

struct settings_param {
  const struct catalog_workload *workload;
  const struct catalog_param *param;
  int64_t value;
};

struct settings_tuning {
  const char *collector, *text;
};

/* The place of a single run in the plan that it belongs to; all count from 1.
 */
struct settings_part {
  size_t run, block, order;
};

struct settings {
  struct pool *pool;
  struct catalog catalog; /* has the chosen collectors, and all workloads */
  const struct catalog_workload **workloads;
  size_t workload_count;
  int64_t *threads;
  size_t thread_count;
  const char **heap_factors; /* as they were written; "0": no limit */
  size_t heap_factor_count;
  struct settings_param *params;
  size_t param_count;
  struct settings_tuning *tunings;
  size_t tuning_count;
  size_t size; /* of size_names */
  int64_t warmups, blocks;
  int64_t reruns; /* of one untrusted run */
  const struct noise_limits *noise;
  /* What the machine gives to every run, as the options name it. */
  const char *huge_pages, *pin, *prefault;
  int64_t gc_threads; /* 0: not given */
  uint64_t seed;
  struct settings_part part; /* run 0: this is a whole plan */
  double timeout;
  double time_budget; /* 0: none */
  double bound_ms;    /* on a percentile of latencies */
  const char *results, *campaign, *machine, *bin_dir;
  const char *folder; /* RESULTS/CAMPAIGN, or a part's folder in there */
  /* Options that a plan does not keep, and that a resumed campaign needs again.
   */
  const char *repeated;
};

/* Fills in the defaults of `options`, so that they can be stored; asks the
   runners for their descriptions; checks everything. Exit code. */
int settings_make(struct settings *, struct options *);

/* The folder of the runners, by the option or beside this program. Exit
   code. */
int settings_bin_dir(const struct options *, const char **out);
/* The folder of all campaigns. */
const char *settings_results(const struct options *);
/* Finds the campaign's folder, before the plan is made. Exit code. */
int settings_folder(struct settings *, const struct options *);

int64_t settings_param_value(const struct settings *,
                             const struct catalog_workload *,
                             const struct catalog_param *);
/* The tuning of a collector: that of --tuning, which its twins and variants
   share, followed by its own. NULL: none. */
const char *settings_tuning(const struct settings *,
                            const struct catalog_collector *);

#endif
