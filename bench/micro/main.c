/* SPDX-License-Identifier: MIT */
/* sweepstakes-<collector>: one collector, all workloads, and the
   micro-benchmarks. */
#include "bench/micro/micro.h"
#include "bench/runner/modes.h"

int main(int argc, char **argv) {
  static const struct modes_micro micro = {micro_register, micro_table};
  return modes_run(argc, argv, &micro);
}
