/* SPDX-License-Identifier: MIT */
/* The smallest heaps: those that are shipped, and the file of those that were
   found. */
#ifndef ROWS_MIN_HEAPS_H
#define ROWS_MIN_HEAPS_H

#include "bench/rows/finds.h"

/* The collector whose smallest heap counts as that of a workload. */
#define MINHEAP_YARDSTICK "gen"

/* min_heap.csv: the smallest heaps that were found. */
enum heap_column {
  HEAP_STARTED_UTC = FIND_COLUMNS,
  HEAP_MIN_HEAP_BYTES,
  HEAP_COLUMNS
};
extern const struct finds_card minheap_finds;

/* The text of workloads/min_heaps.csv, which is compiled in. */
extern const char min_heaps_csv[];
/* Bytes, of that table; NULL if it has no such cell. */
const char *minheap_shipped(struct pool *, const char *workload,
                            const char *params, const char *threads);

#endif
