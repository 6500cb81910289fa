/* SPDX-License-Identifier: MIT */
/* The summary of a campaign in words, and a card for each collector. */
#ifndef FRONT_CARDS_H
#define FRONT_CARDS_H

#include "bench/rows/summary.h"

/* Prints to stdout, for people. */
void cards_print(const struct summary *);

/* "0.712 of rc's wall time (0.680 to 0.746), ..." */
const char *cards_costs(struct pool *, const struct summary_setting *,
                        const struct summary_card *);
/* "least wall time gen or bdw; memory rc", by what the intervals tell apart;
   "" if there is nothing to say. */
const char *cards_best(struct pool *, const struct summary_setting *);

#endif
