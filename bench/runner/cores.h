/* SPDX-License-Identifier: MIT */
/* The processors that the process may use. */
#ifndef RUNNER_CORES_H
#define RUNNER_CORES_H

#include <stdbool.h>

/* How many there are; 1 if the system does not tell. */
unsigned cores_count(void);
/* Keeps the calling thread on one of those that it may use. After the last
   index a further round begins. False: the system refused. */
bool cores_pin(unsigned index);

#endif
