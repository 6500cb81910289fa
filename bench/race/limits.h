/* SPDX-License-Identifier: MIT */
/* The heap limits of a campaign.

   Note [Heap limits]
   ~~~~~~~~~~~~~~~~~~
   Time and memory can be traded for each other, so collectors are compared at
   the same limit in bytes. A heap factor multiplies the smallest heap in which
   the yardstick completes the workload, and the product is the limit of every
   collector.

   Workloads that keep little alive have a smallest heap of some kilobytes.
   Under multiples of that, only fixed costs are seen: the buffers and tables
   that each mutator has, and the size of a block. So no limit is below a floor
   of 4 MiB for each mutator. That is a small heap by today's measures (the
   caches of one core hold about as much) and several times what the fixed
   costs are. A limit at the floor is the same at several factors.

   The smallest heaps are taken from a table that is compiled in, made from
   workloads/min_heaps.csv. It has the parameters of the shipped sizes on one
   and two threads. All other cells are searched before the first run, and the
   results are kept in min_heap.csv in the folder of all campaigns. The seed
   takes no part: campaigns with different seeds have the same limits. */
#ifndef RACE_LIMITS_H
#define RACE_LIMITS_H

#include "bench/plan/plan.h"
#include "bench/race/search.h"

/* See Note [Heap limits]. */
enum { LIMIT_FLOOR = 4 << 20 };

uint64_t limit_bytes(double factor, uint64_t min_heap, int64_t threads);

struct limits {
  struct settings plain;     /* with the yardstick, and not tuned */
  struct search_store store; /* of smallest heaps */
  /* By workload and threads: the smallest heap. NULL: it was not asked for.
     "": there is none, because the yardstick fails. */
  const char **min_heaps;
};

/* What was found before is in `folder`. Exit code. */
int limits_load(struct limits *, const struct settings *, const char *folder,
                const struct environment_commit *);

/* Makes the smallest heap of a cell known, for a factor above 0. The indices
   are those of the settings. Exit code. */
int limits_find(struct limits *, size_t workload, size_t threads,
                const char *factor);
/* The same for all runs of a plan that are not done. */
int limits_find_all(struct limits *, const struct plan *, const bool *done);

/* The smallest heap that the limit is a multiple of; NULL: there is no
   limit. */
const char *limits_min_heap(const struct limits *, size_t workload,
                            size_t threads, const char *factor);
/* The limit in bytes; "0": none; NULL: it cannot be known. */
const char *limits_bytes(const struct limits *, struct pool *, size_t workload,
                         size_t threads, const char *factor);

#endif
