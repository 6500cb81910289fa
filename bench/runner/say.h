/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_SAY_H
#define RUNNER_SAY_H

#include "bench/base/exit_code.h"

/* One sentence on stderr, after this program's name; returns `code`. */
__attribute__((format(printf, 2, 3))) enum exit_code
complain(enum exit_code code, const char *format, ...);

/* What compiled this program, and how. */
extern const char runner_compiler[], runner_build[];

#endif
