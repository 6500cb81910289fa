/* SPDX-License-Identifier: MIT */
#include "bench/rows/min_heaps.h"

static const char *const heap_columns[HEAP_COLUMNS] = {
    FIND_COLUMN_NAMES, "started_utc", "live_bytes", "min_heap_bytes"};

const struct finds_card minheap_finds = {"min_heap.csv", heap_columns,
                                         HEAP_COLUMNS, HEAP_STARTED_UTC};
