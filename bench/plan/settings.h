/* SPDX-License-Identifier: MIT */
/* What was asked for, checked and understood. */
#ifndef PLAN_SETTINGS_H
#define PLAN_SETTINGS_H

#include <stdbool.h>

#include "bench/plan/catalog.h"
#include "bench/plan/noise_limits.h"
#include "bench/plan/options.h"

struct settings_param {
  const struct catalog_workload *workload;
  const struct catalog_param *param;
  int64_t value;
};

struct settings_tuning {
  const char *collector, *text;
};

/* Where one run belongs in the plan it was taken from; all count from 1. */
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
  int64_t reruns; /* of one run that is not to be trusted */
  const struct noise_limits *noise;
  int64_t gc_threads; /* 0: not said */
  uint64_t seed;
  struct settings_part part; /* run 0: this is a whole plan */
  double timeout;
  double time_budget; /* 0: none */
  double bound_ms;    /* on a percentile of latencies */
  const char *results, *campaign, *machine, *bin_dir;
  const char *folder; /* RESULTS/CAMPAIGN, or a part's folder in there */
  /* Options that a plan does not keep, to be said again to go on with it. */
  const char *repeated;
};

/* Fills what `options` leave open, so that they can be written down, asks the
   runners what they can do and checks everything. Exit code. */
int settings_make(struct settings *, struct options *);

/* The folder of the runners, by the option or beside this program. Exit
   code. */
int settings_bin_dir(const struct options *, const char **out);
/* The folder of all campaigns. */
const char *settings_results(const struct options *);
/* Where the campaign lies, which is known before its plan is. Exit code. */
int settings_folder(struct settings *, const struct options *);

int64_t settings_param_value(const struct settings *,
                             const struct catalog_workload *,
                             const struct catalog_param *);
/* What --tuning gives its collector, whose twins and variants are tuned so too,
   and then its own. NULL: nothing. */
const char *settings_tuning(const struct settings *,
                            const struct catalog_collector *);

#endif
