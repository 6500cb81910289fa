/* SPDX-License-Identifier: MIT */
/* The counters of the statistics build, printed for people to read. */
#ifndef RUNNER_COUNTERS_H
#define RUNNER_COUNTERS_H

#include <stdio.h>

#include "heap/mutator.h"

/* Writes a line for each counter that changed in the run, and the ratios
   derived from them. `before` and `after` are the heap's counters before and
   after the timed section. */
void counters_write(FILE *out, const struct gc_counters *before,
                    const struct gc_counters *after);

#endif
