/* SPDX-License-Identifier: MIT */
/* The file of the smallest heaps that were found. Searches write it, and races
   copy from it into their rows. */
#ifndef ROWS_MIN_HEAPS_H
#define ROWS_MIN_HEAPS_H

#include "bench/rows/finds.h"

/* The collector whose smallest heap counts as that of a workload. */
#define MINHEAP_YARDSTICK "gen"

/* min_heap.csv: the smallest heaps that were found. */
enum heap_column {
  HEAP_STARTED_UTC = FIND_COLUMNS,
  HEAP_LIVE_BYTES,
  HEAP_MIN_HEAP_BYTES,
  HEAP_COLUMNS
};
extern const struct finds_card minheap_finds;

#endif
