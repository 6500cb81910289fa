/* SPDX-License-Identifier: MIT */
#ifndef FRONT_CHARACTER_H
#define FRONT_CHARACTER_H

#include "bench/plan/options.h"

/* Prints what kind of program each workload is, in figures that do not depend
   on who collects, or hardly. Exit code. */
int characterise_command(struct options *);

#endif
