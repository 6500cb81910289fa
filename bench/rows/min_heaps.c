/* SPDX-License-Identifier: MIT */
#include "bench/rows/min_heaps.h"

#include <string.h>

#include "bench/base/csv.h"

static const char *const heap_columns[HEAP_COLUMNS] = {
    FIND_COLUMN_NAMES, "started_utc", "min_heap_bytes"};

const struct finds_card minheap_finds = {"min_heap.csv", heap_columns,
                                         HEAP_COLUMNS, HEAP_STARTED_UTC};

enum shipped_column {
  SHIPPED_WORKLOAD,
  SHIPPED_PARAMS,
  SHIPPED_THREADS,
  SHIPPED_MIN_HEAP_BYTES,
  SHIPPED_COLUMNS
};

const char *minheap_shipped(struct pool *pool, const char *workload,
                            const char *params, const char *threads) {
  const struct csv_file file = {"workloads/min_heaps.csv", min_heaps_csv,
                                strlen(min_heaps_csv)};
  struct csv_reader reader = {.file = &file, .pool = pool};
  struct csv_row row;
  while (csv_next(&reader, &row) == CSV_ROW) {
    if (row.count == SHIPPED_COLUMNS &&
        strcmp(row.fields[SHIPPED_WORKLOAD], workload) == 0 &&
        strcmp(row.fields[SHIPPED_PARAMS], params) == 0 &&
        strcmp(row.fields[SHIPPED_THREADS], threads) == 0)
      return row.fields[SHIPPED_MIN_HEAP_BYTES];
  }
  return NULL;
}
