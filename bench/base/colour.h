/* SPDX-License-Identifier: MIT */
/* Colours on a terminal. There are none in files and pipes, with NO_COLOR set,
   or on a terminal that knows none (TERM=dumb). */
#ifndef BASE_COLOUR_H
#define BASE_COLOUR_H

#include <stdbool.h>
#include <stdio.h>

enum colour { COLOUR_PLAIN, COLOUR_GOOD, COLOUR_BAD, COLOUR_FAILED };

/* Is it a terminal that understands escape sequences? */
bool colour_is_terminal(FILE *);

/* What to print before and after a text; "" where there are no colours. */
const char *colour_begin(enum colour, FILE *);
const char *colour_end(enum colour, FILE *);

#endif
