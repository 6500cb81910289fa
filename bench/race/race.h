/* SPDX-License-Identifier: MIT */
/* Runs a plan: one process after the other, with one row each. */
#ifndef RACE_RACE_H
#define RACE_RACE_H

#include "bench/plan/plan.h"
#include "bench/rows/campaign.h"
#include "bench/rows/environment.h"

/* Exit code of the campaign: the worst outcome of its runs, or the reason why
   it stopped early. */
int race_run(const struct settings *, const struct plan *, struct campaign *,
             const struct environment_commit *);

#endif
