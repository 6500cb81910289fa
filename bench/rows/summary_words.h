/* SPDX-License-Identifier: MIT */
/* What a summary says, in words. */
#ifndef ROWS_SUMMARY_WORDS_H
#define ROWS_SUMMARY_WORDS_H

#include "bench/rows/summary.h"

/* "2 threads, heap factor 2.5" */
const char *summary_setting_name(struct pool *, const struct summary_setting *);
/* "p99.9 response"; "" if the setting has no such times. */
const char *summary_response_name(const struct summary_setting *);
/* "against rc on 18 workloads, gen is faster on 10 and slower on 3, bdw ...";
   "" if no other collector has a result. */
const char *summary_wins(struct pool *, const struct summary_setting *);
/* "least wall time gen or bdw; memory rc", by what the intervals tell apart;
   "" if they tell nothing. */
const char *summary_best(struct pool *, const struct summary_setting *);

#endif
