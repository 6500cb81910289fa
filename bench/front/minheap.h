/* SPDX-License-Identifier: MIT */
#ifndef FRONT_MINHEAP_H
#define FRONT_MINHEAP_H

#include "bench/plan/options.h"

/* Finds the least heap limit that each workload comes through with, by
   bisection, and keeps it for later. Exit code. */
int minheap_command(struct options *);

#endif
