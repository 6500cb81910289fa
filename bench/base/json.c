/* SPDX-License-Identifier: MIT */
#include "bench/base/json.h"

#include <math.h>

static void json_quote(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c < ' ')
      fprintf(out, "\\u%04x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

static void json_begin(struct json *j, const char *name) {
  fprintf(j->out, "%s\n%*s", j->has_items ? "," : "", 2 * j->depth, "");
  j->has_items = true;
  if (name != NULL) {
    json_quote(j->out, name);
    fputs(": ", j->out);
  }
}

void json_open(struct json *j, const char *name, char bracket) {
  if (j->depth > 0)
    json_begin(j, name);
  fputc(bracket, j->out);
  j->depth++;
  j->has_items = false;
}

void json_close(struct json *j, char bracket) {
  j->depth--;
  fprintf(j->out, "\n%*s%c", 2 * j->depth, "", bracket);
  j->has_items = true;
}

void json_text(struct json *j, const char *name, const char *value) {
  json_begin(j, name);
  if (value != NULL)
    json_quote(j->out, value);
  else
    fputs("null", j->out);
}

void json_count(struct json *j, const char *name, long long value) {
  json_begin(j, name);
  if (value >= 0)
    fprintf(j->out, "%lld", value);
  else
    fputs("null", j->out);
}

void json_number(struct json *j, const char *name, double value) {
  json_begin(j, name);
  if (isnan(value))
    fputs("null", j->out);
  else
    fprintf(j->out, "%.9g", value);
}

void json_flag(struct json *j, const char *name, bool value) {
  json_begin(j, name);
  fputs(value ? "true" : "false", j->out);
}

void json_literal(struct json *j, const char *name, const char *value) {
  json_begin(j, name);
  fputs(value, j->out);
}
