/* SPDX-License-Identifier: MIT */
/* The operation does nothing, so the run measures the harness itself. */
#include "workloads/helpers.h"

enum { OPS };

static size_t no_bytes(const struct workload_setup *setup) {
  (void)setup;
  return 0;
}

/* The harness adds nothing to an operation. What remains is the start gate, and
   the safepoint that every workload has once a stride. */
static bool run(struct workload_thread *t) {
  uint64_t ops = (uint64_t)t->setup->param[OPS];
  for (uint64_t done = 0; done < ops; done += WORKLOAD_STRIDE) {
    __asm__ volatile("" ::: "memory");
    gc_safepoint(t->m);
  }
  t->figures.ops = ops;
  t->figures.checksum = ops;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  uint64_t ops = (uint64_t)main->setup->param[OPS];
  bool right = workload_checksums_are(threads, ops);
  return right ? NULL : "a thread did not do all of its operations";
}

static const struct workload_param params[] = {
    [OPS] = {"ops",
             1,
             INT64_C(1000000000000),
             {INT64_C(2000000000), INT64_C(20000000000), INT64_C(200000000000)},
             "operations per thread"},
    {0},
};

const struct workload workload_empty = {
    .name = "empty",
    .summary = "The operation does nothing",
    .stresses = "nothing; it shows the cost of the harness",
    .params = params,
    .live_bytes = no_bytes,
    .alloc_bytes = no_bytes,
    .is_control = true,
    .run = run,
    .check = check,
};
