/* SPDX-License-Identifier: MIT */
/* When is a run of a plan done, and not to be done again? */
#ifndef ROWS_SETTLED_H
#define ROWS_SETTLED_H

#include <stdbool.h>
#include <stddef.h>

/* The runs of one campaign. */
struct settled_plan {
  size_t planned;
  size_t reruns;     /* that all runs have had together */
  size_t reruns_max; /* of one run that is not to be trusted */
};

/* A noisy machine must not make a campaign longer than by a quarter. */
static inline bool settled(const struct settled_plan *p, size_t rows,
                           bool is_untrusted) {
  return rows > 0 && (!is_untrusted || rows > p->reruns_max ||
                      p->reruns >= (p->planned + 3) / 4);
}

#endif
