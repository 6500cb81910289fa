/* SPDX-License-Identifier: MIT */
/* Does everything that was asked for apply to something, and would the runners
   take it? Asked before anything is written. */
#ifndef PLAN_APPLIES_H
#define PLAN_APPLIES_H

#include "bench/plan/settings.h"

/* Exit code. */
int applies_check(const struct settings *);

#endif
