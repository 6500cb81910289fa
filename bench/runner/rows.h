/* SPDX-License-Identifier: MIT */
/* The files beside runs.csv that have many rows for each run, without their
   first column, which is the run. Times count from the opening of the gate. */
#ifndef RUNNER_ROWS_H
#define RUNNER_ROWS_H

#include <stdio.h>

#include "bench/runner/session.h"

/* pauses.csv: one line for each pause. */
void rows_write_pauses(FILE *, const struct session_result *);
/* stalls.csv: one line for each time that one thread was held up. */
void rows_write_stalls(FILE *, const struct session_result *);
/* timeline.csv: one line for each sample. */
void rows_write_timeline(FILE *, const struct session_result *);
/* latency.csv: one line for each non-empty slot of a histogram. */
void rows_write_latency(FILE *, const struct session_result *);

#endif
