/* SPDX-License-Identifier: MIT */
/* A workload on one thread gives the same result for one seed, whatever
   collects: anything else is a bug and not noise. */
#ifndef RACE_CHECKSUMS_H
#define RACE_CHECKSUMS_H

#include <stddef.h>

#include "bench/base/pool.h"

struct checksums {
  struct pool *pool;
  /* By workload: what its runs on one thread have to give, and the run that
     gave it first. NULL: none yet. */
  const char **expected, **runs;
};

struct checksums checksums_make(struct pool *, size_t workloads);

/* Makes a row of this workload "wrong" if its checksum differs from those of
   earlier rows. The pool is that of the row. */
void checksums_check(struct checksums *, struct pool *, size_t workload,
                     const char **fields);

#endif
