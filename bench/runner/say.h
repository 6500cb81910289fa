/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_SAY_H
#define RUNNER_SAY_H

#include "bench/base/exit_code.h"

/* Prints one sentence on stderr, after the name of this program. Returns
   `code`. */
__attribute__((format(printf, 2, 3))) enum exit_code
complain(enum exit_code code, const char *format, ...);

/* The compiler and the build type of this program. */
extern const char runner_compiler[], runner_build[];

#endif
