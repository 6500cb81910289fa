/* SPDX-License-Identifier: MIT */
/* Messages to the user, all on stderr. */
#ifndef BASE_SAY_H
#define BASE_SAY_H

#include <stdbool.h>

#include "bench/base/exit_code.h"

/* Prints one sentence about an error and returns `code`, for the caller to
   return. */
__attribute__((format(printf, 2, 3))) int complain(enum exit_code code,
                                                   const char *, ...);
__attribute__((format(printf, 1, 2))) void say(const char *, ...);
/* The same for a failed run: coloured on a terminal with colours. */
__attribute__((format(printf, 1, 2))) void say_failure(const char *, ...);

/* The same for messages about progress, which --quiet leaves out. */
__attribute__((format(printf, 1, 2))) void say_progress(const char *, ...);
void say_be_quiet(bool is_quiet);
bool say_is_quiet(void);

/* Is stderr a terminal on which the status line can be drawn? */
bool say_can_draw(void);
/* Draws a line that the next status line or message replaces. */
void say_status(const char *text);
void say_status_end(void);

#endif
