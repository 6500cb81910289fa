/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>

/* Is the request that is being made the one that fails? */
bool faults_due(void);

#endif
