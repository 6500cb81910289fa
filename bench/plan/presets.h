/* SPDX-License-Identifier: MIT */
/* The defaults of options. */
#ifndef PLAN_PRESETS_H
#define PLAN_PRESETS_H

#include "bench/plan/options.h"

/* Gives every option that was not given the value of the preset, or the default
   of all presets. Exit code. */
int presets_fill(struct options *);

#endif
