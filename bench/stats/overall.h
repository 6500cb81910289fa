/* SPDX-License-Identifier: MIT */
/* One effect over many workloads. */
#ifndef BENCH_OVERALL_H
#define BENCH_OVERALL_H

#include <stddef.h>

#include "bench/stats/moderated.h"

/* The mean over workloads of log ratios, as a line for moderate().
   `ratios` has `rows` rows (workloads) of `blocks` ratios each; NAN where a
   block has none. Each row has its own mean first, and the effect is the mean
   of those, so that every workload counts the same, however many blocks it
   completed. A mean of block means is wrong there: a block that was cut short
   is a mean over other workloads.
   A row without any ratio is left out: the caller says of how many rows the
   mean is. With a whole table, this is the mean and the variance over blocks of
   their mean logarithms. */
struct moderated_line overall_line(const double *ratios, size_t rows,
                                   size_t blocks);

#endif
