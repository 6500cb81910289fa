/* SPDX-License-Identifier: MIT */
/* How noisy the machine may be during a run that counts. bench/race/noise.h
   applies these limits and says what the figures mean. */
#ifndef PLAN_NOISE_LIMITS_H
#define PLAN_NOISE_LIMITS_H

struct noise_limits {
  const char *name;
  double steal, others, alu, mem; /* shares; INFINITY: any */
  double hiccup_ns;
};
/* Ends with a limit that has no name. */
extern const struct noise_limits noise_limits[];
/* NULL: the name is unknown. */
const struct noise_limits *noise_limits_find(const char *name);

#endif
