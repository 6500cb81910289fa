/* SPDX-License-Identifier: MIT */
/* The modes of sweepstakes-<collector>: describe itself, check a tuning, do one
   run, print the table of micro-benchmarks. Without one of these it is a Google
   Benchmark program. */
#ifndef RUNNER_MODES_H
#define RUNNER_MODES_H

#include <stdbool.h>

#include "bench/base/exit_code.h"

/* The micro-benchmarks depend on the runner, so the caller passes them in. */
struct modes_micro {
  bool (*suite_register)(void); /* false: no memory */
  enum exit_code (*table_print)(void);
};

/* The body of main. Exit code. */
int modes_run(int argc, char **argv, const struct modes_micro *);

#endif
