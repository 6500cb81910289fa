/* SPDX-License-Identifier: MIT */
/* What the statistics build counted in a run, for a person to read. */
#ifndef RUNNER_COUNTERS_H
#define RUNNER_COUNTERS_H

#include <stdio.h>

#include "heap/mutator.h"

/* A line for each counter that the run moved, and what follows from them. The
   counters are those of a heap before and after the timed section. */
void counters_write(FILE *out, const struct gc_counters *before,
                    const struct gc_counters *after);

#endif
