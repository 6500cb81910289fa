/* SPDX-License-Identifier: MIT */
/* Google Benchmark for C. google.cc stands on the library; stub.c takes its
   place where there is none, so that C code links all the same and is told at
   run time. No exception crosses this boundary; strings are copied.

   Google Benchmark calls its own repetitions "iterations"; what a benchmark
   repeats inside one of them are operations here. */
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
  unsigned threads;   /* the library's; one where it is self-timed */
  int64_t iterations; /* pinned; one for a workload */
  bool is_self_timed; /* `run` says the time; the CPU is the process's */
};

bool shim_is_available(void);
/* Takes the library's flags out of argv. False, and a sentence on stderr,
   where something is left that nobody knows. */
bool shim_initialize(int *argc, char **argv);
/* False: no memory, or no library. */
bool shim_register(const struct shim_benchmark *);
/* Runs all registered benchmarks that match the filter. Returns how many ran,
   or -1 if the library failed. */
int shim_run_all(void);

/* For the loop of a benchmark that is timed by the library: true while there
   are `count` operations more to do. Blocks for the other threads before the
   first and after the last. */
bool shim_keep_running(struct shim_state *, int64_t count);
/* For one that is self-timed. The clock of the CPU starts with the loop and
   must run when the loop ends; in between it may be stopped. */
void shim_set_clock(struct shim_state *, bool is_running);
void shim_set_time(struct shim_state *, double seconds);
void shim_set_operations(struct shim_state *, uint64_t count);
/* The benchmark is reported as failed; `run` should return. */
void shim_fail(struct shim_state *, const char *why);
bool shim_has_failed(const struct shim_state *);

#ifdef __cplusplus
}
#endif

#endif
