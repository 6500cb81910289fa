/* SPDX-License-Identifier: MIT */
/* One effect over many workloads. */
#ifndef BENCH_OVERALL_H
#define BENCH_OVERALL_H

#include <stddef.h>

#include "bench/stats/moderated.h"

/* The mean over workloads of log ratios, as a line for moderate(). `ratios` has
   `rows` rows (workloads) of `blocks` ratios each; NAN where a block has none.
   The effect is the mean of the rows' means, so that every workload has the
   same weight, however many blocks it completed. A mean of block means would be
   wrong: a block that was cut short is a mean over other workloads. A row
   without any ratio is left out; the caller reports the number of rows in the
   mean. For a complete table, the result is the mean and the variance of the
   blocks' mean logarithms. */
struct moderated_line overall_line(const double *ratios, size_t rows,
                                   size_t blocks);

#endif
