/* SPDX-License-Identifier: MIT */
#include "bench/plan/noise_limits.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* What is strict suits a machine of one's own. On a virtual one with two cores
   it distrusts most runs: the loop of loads varies by half between runs, and
   many lose more than 2 % to others. There the usual limits keep 77 to 98 % of
   a campaign, and pairs within blocks have to bear the rest. */
const struct noise_limits noise_limits[] = {
    {"strict", 0.02, 0.1, 0.1, 5e6},
    {"usual", 0.2, 0.1, 1, 20e6},
    {"any", INFINITY, INFINITY, INFINITY, INFINITY},
    {.name = NULL}};

const struct noise_limits *noise_limits_find(const char *name) {
  const struct noise_limits *l = noise_limits;
  while (l->name != NULL && strcmp(l->name, name) != 0)
    l++;
  return l->name != NULL ? l : NULL;
}
