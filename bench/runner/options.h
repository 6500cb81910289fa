/* SPDX-License-Identifier: MIT */
/* The command line of one run, checked against the description of its
   workload. */
#ifndef RUNNER_OPTIONS_H
#define RUNNER_OPTIONS_H

#include "bench/base/exit_code.h"
#include "bench/base/pages.h"
#include "workloads/workload.h"

struct options {
  const struct workload *workload;
  struct workload_setup setup;
  uint64_t heap_bytes; /* 0: not given */
  /* The limit as a multiple of the live bytes; 0: not given. */
  double live_factor;
  int64_t gc_threads; /* 0: one per core */
  const char *tuning; /* or NULL */
  int64_t warmups_max;
  enum pages_choice huge_pages;
  bool pins, prefaults; /* see gang.h and prefault.h */
  const char *record, *pauses, *timeline, *latency,
      *stalls; /* files, or NULL */
};

/* The default options for a run of `workload`. */
struct options options_initial(const struct workload *, unsigned threads,
                               enum workload_size);
/* Parses "--run=…" and its other options. Returns EXIT_FINE, or EXIT_USAGE
   after printing a message. */
enum exit_code options_parse(struct options *, int argc, char **argv);
/* NULL if no workload has this name. */
const struct workload *options_workload(const char *name);

#endif
