/* SPDX-License-Identifier: MIT */
#include "bench/base/paragraph.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 79 };

void paragraph_print(const char *text, size_t column, size_t indent) {
  bool is_first = true;
  while (*text != '\0') {
    size_t length = strcspn(text, " ");
    if (!is_first && column + 1 + length > LINE_WIDTH) {
      printf("\n%*s", (int)indent, "");
      column = indent;
    } else if (!is_first) {
      putchar(' ');
      column++;
    }
    printf("%.*s", (int)length, text);
    column += length;
    text += length;
    text += strspn(text, " ");
    is_first = false;
  }
  putchar('\n');
}
