/* SPDX-License-Identifier: MIT */
#include "bench/base/colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Select graphic rendition of ECMA-48: green, red, bold red. */
static const char *const begins[] = {"", "\033[32m", "\033[31m", "\033[1;31m"};

bool colour_is_terminal(FILE *out) {
  const char *terminal = getenv("TERM");
  return terminal != NULL && strcmp(terminal, "dumb") != 0 &&
         isatty(fileno(out));
}

/* https://no-color.org: set to anything but the empty text. */
static bool has_colours(FILE *out) {
  const char *refused = getenv("NO_COLOR");
  return (refused == NULL || *refused == '\0') && colour_is_terminal(out);
}

const char *colour_begin(enum colour colour, FILE *out) {
  return has_colours(out) ? begins[colour] : "";
}

const char *colour_end(enum colour colour, FILE *out) {
  return colour != COLOUR_PLAIN && has_colours(out) ? "\033[0m" : "";
}
