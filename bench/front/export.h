/* SPDX-License-Identifier: MIT */
#ifndef FRONT_EXPORT_H
#define FRONT_EXPORT_H

#include "bench/plan/options.h"

/* Prints the runs of one collector as Google Benchmark would have, so that its
   own tools read them. Exit code. */
int export_command(struct options *);

#endif
