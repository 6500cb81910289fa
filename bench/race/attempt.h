/* SPDX-License-Identifier: MIT */
/* One run that belongs to no campaign: its record is looked at and forgotten.
 */
#ifndef RACE_ATTEMPT_H
#define RACE_ATTEMPT_H

#include "bench/plan/command.h"
#include "bench/rows/record.h"

struct attempt {
  struct record record; /* status, and what the runner has said */
  bool fits;            /* it completed; otherwise its heap was too small */
};

/* Runs the cell once, without warming up, with a heap as an option of the
   runner says. Exit code; all but "ok", "oom" and "timeout" is complained of.
 */
int attempt_run(struct pool *, const struct settings *,
                const struct command_cell *, const char *heap,
                struct attempt *);

/* Does this code mean that only this cell has failed? */
bool attempt_may_go_on(int code);

/* A figure of the record, by its column; 0 if it is missing. */
double attempt_figure(const struct attempt *, const char *column);

#endif
