/* SPDX-License-Identifier: MIT */
/* The columns of the result files, in order. What each one means is said in
   results/README.md; a test holds the two together. */
#ifndef BASE_COLUMNS_H
#define BASE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

/* Goes up whenever a column is added, goes or changes its meaning. */
#define SCHEMA_VERSION "5"

/* A version whose rows are read: its columns are the first of these, and the
   rest count as not measured. */
struct run_schema {
  const char *version;
  size_t columns;
  const char *slow_ns; /* its name of RUN_SLOW_NS, which 2 left empty */
  bool tells_limits;   /* of failed runs, too */
};
enum { RUN_SCHEMAS = 4 };
extern const struct run_schema run_schemas[RUN_SCHEMAS]; /* the present: last */

/* Columns of runs.csv that the front end reads or fills itself. The rest come
   by name from the runners. */
enum run_column {
  RUN_SCHEMA,
  RUN_CAMPAIGN,
  RUN_RUN,
  RUN_STARTED_UTC,
  RUN_COMMIT,
  RUN_DIRTY,
  RUN_COMPILER,
  RUN_BUILD,
  RUN_MACHINE,
  RUN_SEED,
  RUN_BLOCK,
  RUN_ORDER,
  RUN_WARMUPS,
  RUN_WORKLOAD,
  RUN_PARAMS,
  RUN_COLLECTOR,
  RUN_TUNING,
  RUN_THREADS,
  RUN_GC_THREADS,
  RUN_HEAP_BYTES,
  RUN_HEAP_FACTOR,
  RUN_MIN_HEAP_BYTES,
  RUN_RATE_HZ,
  RUN_STATUS,
  RUN_EXIT_CODE,
  RUN_CHECKSUM,
  RUN_ERROR,
  RUN_WALL_NS,
  RUN_SLOW_NS = 34,
  RUN_GARBAGE_END = 104,
  RUN_HUGE_PAGES = 124,
  RUN_PIN,
  RUN_PREFAULT,
  RUN_TICKS,
  RUN_OTHERS,
  RUN_CONTROL,
  RUN_CONTENDED,
  RUN_GC_NONE,
  RUN_CONCURRENT_CYCLES = RUN_GC_NONE + 17, /* after bmu_… */
  RUN_DEGRADED_CYCLES,
  RUN_HICCUP_SUM_NS,
  RUN_COLUMNS = RUN_HICCUP_SUM_NS + 15 /* and …_net_… */
};

/* Files beside runs.csv with rows that belong to runs: the first column of each
   is the run, the rest come from the runner. */
enum companion { PAUSES, TIMELINE, LATENCY, STALLS, COMPANIONS };
enum { COMPANION_RUN, PAUSE_COLUMNS = 23, COMPANION_COLUMNS_MAX = 23 };
struct companion_card {
  const char *name; /* of the runner's option, and with ".csv" of the file */
  const char *file;
  const char *const *columns;
  size_t column_count;
};
extern const struct companion_card companions[COMPANIONS];

extern const char *const run_columns[RUN_COLUMNS];

/* The version with so many columns; if there is none, the present one. */
const struct run_schema *run_schema_of(size_t columns);
bool run_schema_is_older(const struct run_schema *);

/* RUN_COLUMNS: there is no such column. */
size_t run_column_find(const char *name, size_t length);
/* Is the column text, or a number that serves as a name? */
bool run_column_is_text(size_t column);

#endif
