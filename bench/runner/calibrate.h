/* SPDX-License-Identifier: MIT */
/* Two loops whose time depends on the machine alone: a run in which they took
   10 % longer than in the rest of its campaign was disturbed. */
#ifndef RUNNER_CALIBRATE_H
#define RUNNER_CALIBRATE_H

#include <stdint.h>

/* A chain of multiplications: what the core does. Nanoseconds. */
uint64_t calibrate_alu_ns(void);
/* A chain of loads, each from another cache line of 16 MiB: what caches and
   memory do. 0: no memory. */
uint64_t calibrate_mem_ns(void);

#endif
