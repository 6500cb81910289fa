/* SPDX-License-Identifier: MIT */
#include "bench/runner/modes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/output.h"
#include "bench/runner/counters.h"
#include "bench/runner/describe.h"
#include "bench/runner/job.h"
#include "bench/runner/report.h"
#include "bench/runner/rows.h"
#include "bench/runner/say.h"
#include "heap/tuning.h"

static const char usage[] =
    "Usage: sweepstakes-%s MODE\n"
    "  --describe            print what is supported, for programs to read\n"
    "  --check-tuning=KEY=VALUE,...  check whether a tuning is valid\n"
    "  --micro               print a table of operations against plain C\n"
    "  --run=WORKLOAD        do one run, with these options:\n"
    "    --threads=N --seed=S --size=quick|default|large\n"
    "    --param=NAME=VALUE  (see --describe)\n"
    "    --heap-bytes=B      heap limit; 0: none\n"
    "    --live-factor=F     the same, in multiples of the live bytes\n"
    "    --gc-threads=N --tuning=KEY=VALUE,...\n"
    "    --warmups=MAX       most untimed iterations; stops once times agree\n"
    "    --huge-pages=system|never|always --pin=none|cores --prefault=no|yes\n"
    "                        what the machine gives to the run\n"
    "    --record=FILE --pauses=FILE --timeline=FILE --latency=FILE\n"
    "    --stalls=FILE                       output files\n"
    "  otherwise             run as a Google Benchmark program\n";

static bool has_argument(int argc, char **argv, const char *start) {
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], start, strlen(start)) == 0)
      return true;
  return false;
}

/* --- one run -------------------------------------------------------------- */

/* NULL if no path was given or the file cannot be opened. */
static FILE *file_open(const char *path, enum exit_code *code) {
  if (path == NULL || *code != EXIT_FINE)
    return NULL;
  FILE *file = fopen(path, "we");
  if (file == NULL)
    *code =
        complain(EXIT_RESULTS, "cannot write %s: %s", path, strerror(errno));
  return file;
}

static void file_close(FILE *file, const char *path, enum exit_code *code) {
  if (file == NULL)
    return;
  bool is_bad = ferror(file) != 0;
  if (fclose(file) != 0 || is_bad)
    *code = complain(EXIT_RESULTS, "cannot write all of %s", path);
}

/* Before the heap is made: memory that is mapped later follows the choice. */
static enum exit_code pages_take(enum pages_choice choice) {
  const char *why = pages_refusal(choice, "");
  if (why == NULL && !pages_apply(choice))
    why = "the system refuses to keep huge pages from a process";
  return why == NULL ? EXIT_FINE
                     : complain(EXIT_USAGE, "--huge-pages: %s", why);
}

static void (*const row_writers[])(FILE *, const struct session_result *) = {
    rows_write_pauses, rows_write_timeline, rows_write_latency,
    rows_write_stalls};
enum { ROW_FILES = sizeof row_writers / sizeof *row_writers };

static enum exit_code run_and_record(const struct options *options,
                                     FILE *record, FILE *const rows[]) {
  static struct session_result result; /* too large for the stack */
  struct report_machine machine = report_look_at_machine();
  session_run(options, NULL, &result);
  report_write(record, options, &result);
  report_write_machine(record, &machine);
  if (GC_STATISTICS && record == stdout)
    counters_write(stdout, &result.counted[0], &result.counted[1]);
  for (size_t i = 0; i < ROW_FILES; i++) {
    if (rows[i] != NULL)
      row_writers[i](rows[i], &result);
  }
  enum exit_code code = result.code;
  if (code != EXIT_FINE)
    complain(code, "%s", result.error);
  session_result_finish(&result);
  return code;
}

/* Opens the files first, so that no run is wasted if its figures cannot be
   written. */
static enum exit_code run_one(int argc, char **argv) {
  struct options o = {0};
  enum exit_code code = options_parse(&o, argc, argv);
  if (code == EXIT_FINE)
    code = pages_take(o.huge_pages);
  FILE *record = file_open(o.record, &code);
  /* in the order of row_writers */
  const char *const paths[ROW_FILES] = {o.pauses, o.timeline, o.latency,
                                        o.stalls};
  FILE *rows[ROW_FILES];
  for (size_t i = 0; i < ROW_FILES; i++)
    rows[i] = file_open(paths[i], &code);
  if (code == EXIT_FINE)
    code = run_and_record(&o, record ? record : stdout, rows);
  file_close(record, o.record, &code);
  for (size_t i = 0; i < ROW_FILES; i++)
    file_close(rows[i], paths[i], &code);
  return code;
}

/* --- a Google Benchmark program ------------------------------------------- */

static enum exit_code run_suite(int argc, char **argv,
                                const struct modes_micro *micro) {
  if (!shim_is_available())
    return complain(EXIT_MISSING,
                    "built without Google Benchmark; only --run, "
                    "--micro, --describe and --check-tuning work");
  if (has_argument(argc, argv, "--benchmark_format=csv") ||
      has_argument(argc, argv, "--benchmark_out_format=csv"))
    return complain(EXIT_USAGE, "the CSV writer of Google Benchmark 1.7.1 can "
                                "abort; use json");
  if (!shim_initialize(&argc, argv))
    return EXIT_USAGE;
  if (!micro->suite_register() || !suite_register())
    return complain(EXIT_MEMORY, "out of memory for the benchmarks");
  int count = shim_run_all();
  if (count == 0)
    return EXIT_USAGE; /* the library has reported that none matches the filter
                        */
  return count < 0 ? EXIT_FAILED : suite_outcome();
}

static const char tuning_option[] = "--check-tuning=";

static enum exit_code tuning_check(const char *text) {
  char why[256];
  if (gc_tuning_check(text, why, sizeof why))
    return EXIT_FINE;
  return complain(EXIT_USAGE, "--tuning: %s", why);
}

static enum exit_code mode_run(int argc, char **argv,
                               const struct modes_micro *micro) {
  if (has_argument(argc, argv, "--run"))
    return run_one(argc, argv);
  if (argc == 2 && strcmp(argv[1], "--describe") == 0) {
    describe();
    return EXIT_FINE;
  }
  if (argc == 2 && has_argument(argc, argv, tuning_option))
    return tuning_check(argv[1] + strlen(tuning_option));
  if (argc == 2 && strcmp(argv[1], "--micro") == 0)
    return micro->table_print();
  if (has_argument(argc, argv, "--help")) {
    printf(usage, gc_collector.name);
    return EXIT_FINE;
  }
  return run_suite(argc, argv, micro);
}

int modes_run(int argc, char **argv, const struct modes_micro *micro) {
  enum exit_code code = mode_run(argc, argv, micro);
  if (output_is_written())
    return (int)code;
  complain(EXIT_RESULTS, "cannot write all output");
  return (int)(code == EXIT_FINE ? EXIT_RESULTS : code);
}
