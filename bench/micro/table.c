/* SPDX-License-Identifier: MIT */
/* The table of micro-benchmarks and their target ratios. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/micro/pair.h"
#include "bench/runner/say.h"
#include "bench/runner/session.h"

struct row {
  const char *micro;
  unsigned threads;
  enum pair_measure measure;
  double aim;
  bool is_for_counting; /* the aim only applies to collectors that count */
};

/* The last row compares two threads with one thread, both on our operation. */
static const struct row rows[] = {
    {"new_clear", 1, PAIR_RATIO, 1.5, true},
    {"root_copy", 1, PAIR_RATIO, 1.3, true},
    {"list_chase", 1, PAIR_RATIO, 1.05, false},
    {"set_overwrite", 1, PAIR_RATIO, 2, true},
    {"set_overwrite", 2, PAIR_RATIO, 2, true},
    {"safepoint", 1, PAIR_EXTRA, 1, false},
    {"private_mix", 2, PAIR_SPEEDUP, 1.9, false},
};

static const double empty_share_aim = 0.01;
enum { SHARE_THREADS = 2 };

static bool is_reached(const struct row *row, double value) {
  return row->measure == PAIR_SPEEDUP ? value >= row->aim : value <= row->aim;
}

/* --- printing ------------------------------------------------------------- */

static void print_heading(void) {
  char cpu[128];
  process_cpu_model(cpu, sizeof cpu);
  printf("sweepstakes-%s: %s, %s, assertion level %d; %s, %ld cores\n"
         "%d rounds of each pair in one process; medians, (min - max)\n"
         "one thread: its CPU time; two: wall time\n"
         "\n%-40s %8s  %-26s %8s  %-24s %-8s %s\n",
         gc_collector.name, runner_compiler, runner_build, GC_ASSERT_LEVEL, cpu,
         sysconf(_SC_NPROCESSORS_ONLN), PAIR_ROUNDS, "operation", "ns",
         "against", "ns", "ratio", "reach", "reached");
}

static void print_value(const struct row *row,
                        const struct quantile_summary *value) {
  static const char *const format[] = {
      [PAIR_RATIO] = "%.2fx (%.2f - %.2f)",
      [PAIR_EXTRA] = "%+.2f ns (%+.2f - %+.2f)",
      [PAIR_SPEEDUP] = "%.2fx (%.2f - %.2f)",
  };
  char text[64];
  snprintf(text, sizeof text, format[row->measure], value->median, value->least,
           value->greatest);
  printf("%-24s ", text);
}

static void print_aim(const struct row *row, double value) {
  char text[32];
  if (row->is_for_counting && !gc_collector.counts) {
    puts("-");
    return;
  }
  snprintf(text, sizeof text, "%s %g%s",
           row->measure == PAIR_SPEEDUP ? ">=" : "<=", row->aim,
           row->measure == PAIR_EXTRA ? " ns" : "x");
  printf("%-8s %s\n", text, is_reached(row, value) ? "yes" : "NO");
}

static void print_row(const struct row *row, const struct pair *pair,
                      const struct pair_result *result) {
  const struct micro *micro = pair->micro;
  char left[64], right[64];
  snprintf(left, sizeof left, "%s%s", micro->words,
           row->threads > 1 ? ", 2 threads" : "");
  bool is_speedup = row->measure == PAIR_SPEEDUP;
  snprintf(right, sizeof right, "%s",
           is_speedup ? "the same, 1 thread" : micro->reference_words);
  printf("%-40s %8.2f  %-26s %8.2f  ", left, result->left_ns.median, right,
         result->right_ns.median);
  print_value(row, &result->value);
  print_aim(row, result->value.median);
  fflush(stdout);
}

/* --- the rows ------------------------------------------------------------- */

static enum exit_code measure_row(const struct row *row) {
  const struct micro *micro = micro_find(row->micro);
  struct pair pair = {.micro = micro,
                      .left = {micro->ours, row->threads},
                      .right = {micro->reference, row->threads},
                      .measure = row->measure};
  if (row->measure == PAIR_SPEEDUP)
    pair.right = (struct pair_side){micro->ours, 1};
  struct pair_result result;
  char why[128];
  enum exit_code code = pair_run(&pair, &result, why, sizeof why);
  if (code != EXIT_FINE)
    return complain(code, "%s", why);
  print_row(row, &pair, &result);
  return EXIT_FINE;
}

/* Nanoseconds of CPU time for each operation, with all threads running. */
static enum exit_code workload_price(const struct workload *workload,
                                     double *out) {
  static struct session_result result; /* too large for the stack */
  struct options options =
      options_initial(workload, SHARE_THREADS, WORKLOAD_QUICK);
  options.warmups_max = 1;
  session_run(&options, NULL, &result);
  enum exit_code code = result.code;
  if (code != EXIT_FINE)
    complain(code, "%s", result.error);
  else
    *out = (double)(result.after.cpu_ns - result.before.cpu_ns) /
           (double)result.figures.ops;
  session_result_finish(&result);
  return code;
}

/* The cost of the harness for each operation is the cost of the empty
   workload. */
static enum exit_code measure_harness(void) {
  const struct workload *empty = options_workload("empty"), *cheapest = NULL;
  double harness, least = 0;
  enum exit_code code = workload_price(empty, &harness);
  for (int i = 0; code == EXIT_FINE && workload_list[i] != NULL; i++) {
    double price = 0;
    if (workload_list[i] == empty)
      continue;
    code = workload_price(workload_list[i], &price);
    if (cheapest == NULL || price < least) {
      cheapest = workload_list[i];
      least = price;
    }
  }
  if (code != EXIT_FINE || cheapest == NULL)
    return code;
  char share[32];
  snprintf(share, sizeof share, "%.3g %%", 100 * harness / least);
  printf("%-40s %8.3f  %-26s %8.2f  %-24s %-8s %s\n",
         "harness: empty, 2 threads", harness, cheapest->name, least, share,
         "< 1 %", harness / least < empty_share_aim ? "yes" : "NO");
  return EXIT_FINE;
}

enum exit_code micro_table(void) {
  print_heading();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    enum exit_code code = measure_row(&rows[i]);
    if (code != EXIT_FINE)
      return code;
  }
  return measure_harness();
}
