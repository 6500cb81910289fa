/* SPDX-License-Identifier: MIT */
/* Checks, before anything is written, that every option applies to something in
   the campaign and that the runners accept their tunings. */
#ifndef PLAN_APPLIES_H
#define PLAN_APPLIES_H

#include "bench/plan/settings.h"

/* Exit code. */
int applies_check(const struct settings *);

#endif
