/* SPDX-License-Identifier: MIT */
/* Runs the tests named as arguments, or all.
   SWEEPSTAKES_SECONDS=N: repeats each of them for that long, with the next seed
   each time; the memory of the process must not keep growing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/stress/stress.h"

static const struct {
  const char *name;
  stress_test *run;
} tests[] = {
    {"readers", stress_readers},
    {"held_references", stress_held_references},
    {"writers", stress_writers},
    {"published", stress_published},
    {"cas_counter", stress_cas_counter},
    {"cas_stack", stress_cas_stack},
    {"hot_references", stress_hot_references},
    {"last_references", stress_last_references},
    {"weak_last", stress_weak_last},
    {"handover", stress_handover},
    {"queue", stress_queue},
    {"resurrection", stress_resurrection},
    {"weak", stress_weak},
    {"weak_table", stress_weak_table},
    {"attach", stress_attach},
    {"subthreads", stress_subthreads},
    {"parking", stress_parking},
    {"parked_handshake", stress_parked_handshake},
    {"left_behind", stress_left_behind},
    {"slow_thread", stress_slow_thread},
    {"large_garbage", stress_large_garbage},
    {"limit", stress_limit},
    {"limit_churn", stress_limit_churn},
    {"long_list", stress_long_list},
    {"stops", stress_stops},
    {"globals", stress_globals},
    {"graph", stress_graph},
    {"graphs", stress_graphs},
};
enum { TESTS = sizeof tests / sizeof tests[0] };

static void run(int test, unsigned threads) {
  uint64_t begun = gc_now_ns();
  printf("%-18s %2u threads", tests[test].name, threads);
  fflush(stdout);
  tests[test].run(threads);
  printf("  %6.2f s\n", (double)(gc_now_ns() - begun) / 1e9);
  fflush(stdout);
}

static long resident_kib(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%*d %ld", &pages) == 1);
  fclose(file);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

enum { GROWTH_KIB = 32 << 10 };

/* Compares the peaks of resident memory in the first half of the time and in
   the second. */
static void run_for(int test, unsigned threads, double seconds) {
  double begun = (double)gc_now_ns() / 1e9, passed = 0;
  long most[2] = {0, 0};
  for (uint64_t seed = test_seed(); passed < seconds; seed++) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, seed);
    setenv("SWEEPSTAKES_SEED", text, 1);
    run(test, threads);
    long *half = &most[passed > seconds / 2], now = resident_kib();
    *half = now > *half ? now : *half;
    passed = (double)gc_now_ns() / 1e9 - begun;
  }
  printf("resident: at most %ld KiB, then %ld KiB\n", most[0], most[1]);
  CHECK(most[1] < most[0] + most[0] / 4 + GROWTH_KIB);
}

static void run_all(int test) {
  const char *threads = getenv("SWEEPSTAKES_THREADS");
  const char *seconds = getenv("SWEEPSTAKES_SECONDS");
  unsigned given = threads ? (unsigned)atoi(threads) : 0;
  if (seconds != NULL) {
    run_for(test, given ? given : 8, atof(seconds));
    return;
  }
  if (given > 0) {
    run(test, given);
    return;
  }
  for (unsigned count = 2; count <= 8; count *= 2)
    run(test, count);
}

static bool run_named(const char *name) {
  for (int i = 0; i < TESTS; i++)
    if (strcmp(tests[i].name, name) == 0) {
      run_all(i);
      return true;
    }
  fprintf(stderr, "there is no test named '%s'\n", name);
  return false;
}

int main(int argc, char **argv) {
  printf("collector %s, SWEEPSTAKES_SEED=%llu\n", gc_collector.name,
         (unsigned long long)test_seed());
  bool ok = true;
  for (int i = 1; i < argc; i++)
    ok = run_named(argv[i]) && ok;
  for (int i = 0; argc == 1 && i < TESTS; i++)
    run_all(i);
  return !ok;
}
