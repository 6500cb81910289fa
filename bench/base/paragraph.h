/* SPDX-License-Identifier: MIT */
#ifndef BASE_PARAGRAPH_H
#define BASE_PARAGRAPH_H

#include <stddef.h>

/* Prints a text to stdout and breaks its lines between words, to fit a
   terminal. `column` characters were printed on the line before; the other
   lines begin at `indent`. */
void paragraph_print(const char *text, size_t column, size_t indent);

#endif
