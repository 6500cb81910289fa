/* SPDX-License-Identifier: MIT */
/* A campaign in a few figures: what each collector costs, where it wins, and
   what it could not run. */
#ifndef ROWS_SUMMARY_H
#define ROWS_SUMMARY_H

#include "bench/rows/versus.h"

enum summary_figure {
  /* Means over the workloads that all collectors completed, as ratios to the
     base (see versus.h). */
  SUMMARY_WALL,
  SUMMARY_CPU,
  SUMMARY_MEMORY, /* the peak of the bytes held */
  SUMMARY_RATIOS,
  /* In nanoseconds: means over those of these workloads that have pauses, or
     requests that arrive at a rate. */
  SUMMARY_PAUSE = SUMMARY_RATIOS, /* 99.9th percentiles of each run */
  SUMMARY_RESPONSE, /* at the highest percentile that all these runs have */
  SUMMARY_FIGURES
};

/* One collector in one setting: a number of threads and a heap factor. */
struct summary_card {
  const char *entrant;
  bool is_floor;  /* its collector has no limit and frees nothing */
  bool is_absent; /* it completed too few workloads for means */
  struct effect figures[SUMMARY_FIGURES]; /* ratio: NAN if there is none */
  double garbage;    /* most bytes of garbage that a run left; 0: hardly any */
  const char *leaky; /* the workload of that run */
  size_t counts[4];  /* workloads by enum verdict_word of their wall time */
  const char *faster, *slower; /* the clearest of them: "cells 0.29, ..." */
  /* The results of workloads with a set rate, as ratios to the base: "requests
     p99.9 0.82 (0.75 to 0.90), requests CPU ..."; "" if there are none. */
  const char *paced;
  const char *failures; /* "splay (3 oom), ..."; "" if there is none */
};

struct summary_setting {
  double threads, factor;
  size_t response;      /* the column of SUMMARY_RESPONSE; RUN_COLUMNS: none */
  const char *base;     /* the entrant that the ratios are to */
  size_t workloads, of; /* in the means; 0: there are no means */
  struct summary_card *cards;
  size_t card_count;
};

struct summary {
  struct pool *pool;
  struct summary_setting *settings; /* what the cards are about */
  size_t setting_count;
  /* Settings without a limit, for numbers of threads that also ran under one.
     There every collector has the memory that it likes, so times are shown only
     beside the memory. */
  struct summary_setting *unlimited;
  size_t unlimited_count;
};

/* Of the entries of one campaign. The base is entry_yardstick(). */
void summary_make(struct summary *, struct pool *, struct span all);

/* Was this run made in the setting, or without a limit, as a floor? */
bool summary_has(const struct summary_setting *, const struct entry *);
/* What SUMMARY_PAUSE and SUMMARY_RESPONSE are means of; NAN: the run has none.
   Of a run with fewer than a thousand pauses, it is the longest one. */
double summary_time(const struct summary_setting *, enum summary_figure,
                    const struct entry *);

/* " (0.680 to 0.746)", or words if it says nothing; "" without an interval. */
const char *summary_interval(struct pool *, double low, double high);

/* Is card `a` as good as `b` in wall time, memory and pauses, and better in
   one? */
bool summary_dominates(const struct summary_card *a,
                       const struct summary_card *b);

#endif
