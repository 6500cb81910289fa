/* SPDX-License-Identifier: MIT */
#include "bench/plan/noise_limits.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* The strict limits are for a machine that runs nothing else. On a virtual
   machine with two cores they reject most runs: the loop of loads varies by
   half between runs, and many runs lose more than 2 % of their time to other
   machines. There the usual limits keep 77 to 98 % of the runs, and the pairing
   within blocks has to even out the remaining noise. */
const struct noise_limits noise_limits[] = {
    {"strict", 0.02, 0.02, 0.1, 0.1, 5e6},
    {"usual", 0.2, 0.2, 0.1, 1, 20e6},
    {"any", INFINITY, INFINITY, INFINITY, INFINITY, INFINITY},
    {.name = NULL}};

const struct noise_limits *noise_limits_find(const char *name) {
  const struct noise_limits *l = noise_limits;
  while (l->name != NULL && strcmp(l->name, name) != 0)
    l++;
  return l->name != NULL ? l : NULL;
}
