/* SPDX-License-Identifier: MIT */
/* What a run has many rows of: the files beside runs.csv, less their first
   column, which is the run. Times count from the opening of the gate. */
#ifndef RUNNER_ROWS_H
#define RUNNER_ROWS_H

#include <stdio.h>

#include "bench/runner/session.h"

/* One line a pause: pauses.csv. */
void rows_write_pauses(FILE *, const struct session_result *);
/* One line a sample: timeline.csv. */
void rows_write_timeline(FILE *, const struct session_result *);
/* One line a slot of a histogram that is not empty: latency.csv. */
void rows_write_latency(FILE *, const struct session_result *);

#endif
