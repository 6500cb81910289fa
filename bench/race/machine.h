/* SPDX-License-Identifier: MIT */
/* What of a machine disturbs measurements, and how to change it. */
#ifndef RACE_MACHINE_H
#define RACE_MACHINE_H

#include "bench/base/pool.h"

enum machine_verdict { MACHINE_UNKNOWN, MACHINE_QUIET, MACHINE_LOUD };

struct machine_trait {
  const char *name;
  const char *now; /* NULL: the system does not show it */
  enum machine_verdict verdict;
  const char *change; /* a command where there is one, as root */
};

enum { MACHINE_TRAITS = 9 };

/* Fills `out` with all traits. `root` comes before the paths of /proc and /sys:
   "", or the folder of a test. */
void machine_look(struct pool *, const char *root,
                  struct machine_trait out[MACHINE_TRAITS]);

#endif
