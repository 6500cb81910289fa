/* SPDX-License-Identifier: MIT */
/* Runs a plan: one process after the other, a row for each. */
#ifndef RACE_RACE_H
#define RACE_RACE_H

#include "bench/plan/plan.h"
#include "bench/rows/campaign.h"
#include "bench/rows/environment.h"

/* Exit code of the campaign: what went wrong in its runs, or why it stopped
   before its end. */
int race_run(const struct settings *, const struct plan *, struct campaign *,
             const struct environment_commit *);

#endif
