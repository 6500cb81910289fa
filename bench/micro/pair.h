/* SPDX-License-Identifier: MIT */
/* Two loops measured against each other in one process: many short rounds,
   each of them once this way and once that, in turn the one and the other
   first. What the machine does meanwhile falls on both, and leaves in the
   ratio what it left in neither time. */
#ifndef MICRO_PAIR_H
#define MICRO_PAIR_H

#include "bench/micro/micro.h"
#include "bench/stats/quantile.h"

enum { PAIR_ROUNDS = 31, PAIR_THREADS_MAX = 2 };

struct pair_side {
  micro_loop *loop;
  unsigned threads;
};

enum pair_measure {
  PAIR_RATIO,  /* time of the left over time of the right */
  PAIR_EXTRA,  /* nanoseconds that the left takes more */
  PAIR_SPEEDUP /* operations a second, all threads, left over right */
};

struct pair {
  const struct micro *micro;
  struct pair_side left, right;
  enum pair_measure measure;
};

struct pair_result {
  struct quantile_summary left_ns, right_ns; /* an operation, one thread */
  struct quantile_summary value;             /* as `measure` says, paired */
};

/* A sentence in `why` where the answer is not EXIT_FINE. */
enum exit_code pair_run(const struct pair *, struct pair_result *, char *why,
                        size_t why_size);

#endif
