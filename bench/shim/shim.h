/* SPDX-License-Identifier: MIT */
/* Google Benchmark for C. google.cc wraps the library. stub.c replaces it on
   machines without the library, so that C code still links and gets an error at
   run time. No exception crosses this boundary; strings are copied. Google
   Benchmark calls its repetitions "iterations"; the repetitions inside an
   iteration are called operations here. */
#ifndef SHIM_SHIM_H
#define SHIM_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shim_state; /* one thread's view of a running benchmark */

struct shim_benchmark {
  const char *name;
  void (*run)(struct shim_state *, void *data); /* on every thread */
  void *data;
  unsigned threads;   /* made by the library; one if it is self-timed */
  int64_t iterations; /* fixed; one for a workload */
  bool is_self_timed; /* `run` reports its time; the CPU time is that of the
                         process */
};

bool shim_is_available(void);
/* Removes the library's flags from argv. If an unknown argument is left, prints
   a message and returns false. */
bool shim_initialize(int *argc, char **argv);
/* False: out of memory, or no library. */
bool shim_register(const struct shim_benchmark *);
/* Runs all registered benchmarks that match the filter. Returns the number that
   ran, or -1 if the library failed. */
int shim_run_all(void);

/* For the loop of a benchmark that the library times: true while `count`
   operations remain to be done. Waits for the other threads before the first
   and after the last call. */
bool shim_keep_running(struct shim_state *, int64_t count);
/* For a self-timed benchmark. The CPU clock starts with the loop and must run
   when the loop ends. It can be stopped in between. */
void shim_set_clock(struct shim_state *, bool is_running);
void shim_set_time(struct shim_state *, double seconds);
void shim_set_operations(struct shim_state *, uint64_t count);
/* Reports the benchmark as failed. `run` should then return. */
void shim_fail(struct shim_state *, const char *why);
bool shim_has_failed(const struct shim_state *);

#ifdef __cplusplus
}
#endif

#endif
