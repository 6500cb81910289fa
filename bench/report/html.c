/* SPDX-License-Identifier: MIT */
#include "bench/report/html.h"

void html_text(FILE *out, const char *text) {
  for (; *text != '\0'; text++) {
    switch (*text) {
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '&':
      fputs("&amp;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    default:
      fputc(*text, out);
    }
  }
}

void html_json(FILE *out, const char *text) {
  fputs("&quot;", out);
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\')
      fputc('\\', out);
    html_text(out, (unsigned char)*text < ' ' ? " " : (char[]){*text, '\0'});
  }
  fputs("&quot;", out);
}
