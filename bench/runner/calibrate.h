/* SPDX-License-Identifier: MIT */
/* Two loops whose time depends only on the machine. If they take 10 % longer
   than in the other runs of a campaign, the run was disturbed. */
#ifndef RUNNER_CALIBRATE_H
#define RUNNER_CALIBRATE_H

#include <stdint.h>

/* A chain of multiplications, which measures the core. Nanoseconds. */
uint64_t calibrate_alu_ns(void);
/* A chain of loads, each from another cache line of 16 MiB, which measures
   caches and memory. Nanoseconds; 0: out of memory. */
uint64_t calibrate_mem_ns(void);

#endif
