/* SPDX-License-Identifier: MIT */
/* The defaults of the options. */
#ifndef PLAN_PRESETS_H
#define PLAN_PRESETS_H

#include <stdbool.h>

#include "bench/plan/options.h"

/* Will presets_fill choose heap factors of a preset? */
bool presets_choose_heap(const struct options *);

/* Fills in the options that are not given, as --preset says. Exit code. */
int presets_fill(struct options *);

#endif
