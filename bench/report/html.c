/* SPDX-License-Identifier: MIT */
#include "bench/report/html.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

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

void html_element(FILE *out, const char *tag, const char *attributes,
                  const char *text) {
  fprintf(out, "<%s%s%s>", tag, *attributes != '\0' ? " " : "", attributes);
  html_text(out, text);
  fprintf(out, "</%s>", tag);
}

void html_id(FILE *out, const char *kind, const char *name) {
  fprintf(out, "%s-", kind);
  for (; *name != '\0'; name++) {
    bool is_plain =
        isalnum((unsigned char)*name) || strchr("_-.", *name) != NULL;
    fputc(is_plain ? *name : '-', out);
  }
}

void html_json(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c < ' ' || c == '<')
      fprintf(out, "\\u%04x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

void html_number(FILE *out, double value, int digits) {
  if (isfinite(value))
    fprintf(out, "%.*g", digits, value);
  else
    fputs("null", out);
}
