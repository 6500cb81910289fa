/* SPDX-License-Identifier: MIT */
/* What a person reads beside the results, all of it on stderr. */
#ifndef BASE_SAY_H
#define BASE_SAY_H

#include <stdbool.h>

#include "bench/base/exit_code.h"

/* One sentence on what was wrong; returns `code`, for the caller to return. */
__attribute__((format(printf, 2, 3))) int complain(enum exit_code code,
                                                   const char *, ...);
__attribute__((format(printf, 1, 2))) void say(const char *, ...);
/* Of a run that failed: in colour where there are colours. */
__attribute__((format(printf, 1, 2))) void say_failure(const char *, ...);

/* The same for what only says how far the work is: --quiet leaves it out. */
__attribute__((format(printf, 1, 2))) void say_progress(const char *, ...);
void say_be_quiet(bool is_quiet);
bool say_is_quiet(void);

/* Is there a terminal that the status line can be drawn on? */
bool say_can_draw(void);
/* Draws a line that the next one, or anything that is said, replaces. */
void say_status(const char *text);
void say_status_end(void);

#endif
