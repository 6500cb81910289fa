/* SPDX-License-Identifier: MIT */
#ifndef FRONT_TRUST_H
#define FRONT_TRUST_H

#include "bench/plan/options.h"

/* Compares collectors with their twins, and tells what effects the machine
   lets one see. Exit code; that of an untrusted machine if it finds any. */
int trust_command(struct options *);

#endif
