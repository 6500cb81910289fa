/* SPDX-License-Identifier: MIT */
/* How far a campaign is, and how long the rest will take. */
#ifndef RACE_PROGRESS_H
#define RACE_PROGRESS_H

#include "bench/plan/plan.h"

struct progress_pace {
  double seconds;
  size_t runs;
};

struct progress {
  struct pool *pool;
  const struct settings *settings;
  const struct plan *plan;
  const bool *done;            /* by index in the plan; the caller's */
  struct progress_pace *paces; /* by entrant */
  struct progress_pace all;
  double begun; /* seconds on the monotonic clock */
  size_t done_count;
  const struct planned_run *running;
  double running_since;
};

void progress_begin(struct progress *, struct pool *, const struct settings *,
                    const struct plan *, const bool *done);
double progress_elapsed(const struct progress *);

/* "rings, 2 threads, heap 1.5, rc" */
const char *progress_label(struct pool *, const struct settings *,
                           const struct plan *, const struct planned_run *);

/* Shows what runs now; then once a second, as a tick of child_run. */
void progress_run_begin(struct progress *, const struct planned_run *);
void progress_tick(void *progress);
void progress_run_end(struct progress *, double seconds, bool is_done);

/* Would this run and the rest of its cell end within the time budget, by what
   is known of them? */
bool progress_fits(const struct progress *, const struct planned_run *);

/* "1 min 20 s" */
const char *progress_duration(struct pool *, double seconds);

#endif
