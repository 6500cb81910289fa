/* SPDX-License-Identifier: MIT */
/* How noisy the machine may be while a run that counts is measured. What the
   figures mean is said in bench/race/noise.h, which judges by them. */
#ifndef PLAN_NOISE_LIMITS_H
#define PLAN_NOISE_LIMITS_H

struct noise_limits {
  const char *name;
  double steal, alu, mem; /* shares; INFINITY: any */
  double hiccup_ns;
};
/* Ends with a limit that has no name. */
extern const struct noise_limits noise_limits[];
/* NULL where there are none of that name. */
const struct noise_limits *noise_limits_find(const char *name);

#endif
