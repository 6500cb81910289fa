/* SPDX-License-Identifier: MIT */
/* What sweepstakes-<collector> can be asked for: to describe itself, to check
   a tuning, to do one run, to print the table of micro-benchmarks. Asked for
   none of these, it is a Google Benchmark program. */
#ifndef RUNNER_MODES_H
#define RUNNER_MODES_H

#include <stdbool.h>

#include "bench/base/exit_code.h"

/* The micro-benchmarks are built on the runner, so it is handed them. */
struct modes_micro {
  bool (*suite_register)(void); /* false: no memory */
  enum exit_code (*table_print)(void);
};

/* All that main does. Exit code. */
int modes_run(int argc, char **argv, const struct modes_micro *);

#endif
