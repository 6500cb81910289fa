/* SPDX-License-Identifier: MIT */
#ifndef FRONT_MINHEAP_H
#define FRONT_MINHEAP_H

#include "bench/plan/options.h"
#include "bench/rows/finds.h"

/* Whose least heap counts as that of a workload. */
#define MINHEAP_YARDSTICK "gen"

/* min_heap.csv: the least heaps that were found. */
enum heap_column {
  HEAP_STARTED_UTC = FIND_COLUMNS,
  HEAP_LIVE_BYTES,
  HEAP_MIN_HEAP_BYTES,
  HEAP_COLUMNS
};
extern const struct finds_card minheap_finds;

/* Finds the least heap limit that each workload comes through with, by
   bisection, and keeps it for later. Exit code. */
int minheap_command(struct options *);

#endif
