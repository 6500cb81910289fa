/* SPDX-License-Identifier: MIT */
/* Compares two loops in one process, in many short rounds. Each round measures
   both loops, and the order alternates. Disturbances by the machine affect both
   loops alike, so they affect the ratio less than either time. */
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
  PAIR_RATIO,  /* time of left / time of right */
  PAIR_EXTRA,  /* additional nanoseconds of left */
  PAIR_SPEEDUP /* operations per second of all threads, left / right */
};

struct pair {
  const struct micro *micro;
  struct pair_side left, right;
  enum pair_measure measure;
};

struct pair_result {
  struct quantile_summary left_ns, right_ns; /* per operation, on one thread */
  struct quantile_summary
      value; /* the paired measure, as chosen by `measure` */
};

/* Unless the result is EXIT_FINE, `why` contains a message. */
enum exit_code pair_run(const struct pair *, struct pair_result *, char *why,
                        size_t why_size);

#endif
