/* SPDX-License-Identifier: MIT */
#include "bench/base/sheet.h"

#include <string.h>

#include "bench/base/csv.h"
#include "bench/base/say.h"

int sheet_format_read(const char *name, enum sheet_format *out) {
  static const char *const names[] = {"text", "csv", "markdown"};
  *out = SHEET_TEXT;
  for (size_t i = 0; name != NULL && i <= SHEET_MARKDOWN; i++) {
    if (strcmp(name, names[i]) != 0)
      continue;
    *out = (enum sheet_format)i;
    return EXIT_FINE;
  }
  if (name == NULL)
    return EXIT_FINE;
  return complain(EXIT_USAGE,
                  "unknown format '%s'; there are text, csv and markdown",
                  name);
}

const char **sheet_add(struct sheet *s) {
  s->rows = pool_grow(s->pool, s->rows, s->row_count, sizeof *s->rows);
  const char **row = pool_alloc(s->pool, s->column_count * sizeof *row);
  for (size_t i = 0; i < s->column_count; i++)
    row[i] = "";
  return s->rows[s->row_count++] = row;
}

/* Characters, not bytes: those that go on in UTF-8 take no room. */
static int text_width(const char *text) {
  int width = 0;
  for (; *text != '\0'; text++)
    width += ((unsigned char)*text & 0xC0) != 0x80;
  return width;
}

static int column_width(const struct sheet *s, size_t column) {
  int width = text_width(s->columns[column].name);
  for (size_t i = 0; i < s->row_count; i++) {
    int own = text_width(s->rows[i][column]);
    width = own > width ? own : width;
  }
  return width;
}

/* `gap` lies between two cells; no spaces end a line. */
static void line_write(const struct sheet *s, const char *const *row,
                       const int *widths, const char *gap, const char *end,
                       FILE *out) {
  char *line = "";
  for (size_t i = 0; i < s->column_count; i++) {
    int pad = widths[i] - text_width(row[i]);
    bool is_right = s->columns[i].is_number;
    line = pool_format(s->pool, "%s%s%*s%s%*s", line, i > 0 ? gap : "",
                       is_right ? pad : 0, "", row[i], is_right ? 0 : pad, "");
  }
  if (*end == '\0') {
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == ' ')
      line[--length] = '\0';
  }
  fprintf(out, "%s%s\n", line, end);
}

static void text_write(const struct sheet *s, const char *const *head,
                       const int *widths, FILE *out) {
  line_write(s, head, widths, "  ", "", out);
  for (size_t i = 0; i < s->row_count; i++)
    line_write(s, s->rows[i], widths, "  ", "", out);
}

static void markdown_write(const struct sheet *s, const char *const *head,
                           const int *widths, FILE *out) {
  fputs("| ", out);
  line_write(s, head, widths, " | ", " |", out);
  for (size_t i = 0; i < s->column_count; i++)
    fputs(s->columns[i].is_number ? "| ---: " : "| --- ", out);
  fputs("|\n", out);
  for (size_t i = 0; i < s->row_count; i++) {
    fputs("| ", out);
    line_write(s, s->rows[i], widths, " | ", " |", out);
  }
}

void sheet_write(const struct sheet *s, enum sheet_format format, FILE *out) {
  const char **head = pool_alloc(s->pool, s->column_count * sizeof *head);
  int *widths = pool_alloc(s->pool, s->column_count * sizeof *widths);
  for (size_t i = 0; i < s->column_count; i++) {
    head[i] = s->columns[i].name;
    widths[i] = column_width(s, i);
  }
  if (format == SHEET_TEXT)
    text_write(s, head, widths, out);
  else if (format == SHEET_MARKDOWN)
    markdown_write(s, head, widths, out);
  if (format != SHEET_CSV)
    return;
  csv_write_row(out, head, s->column_count);
  for (size_t i = 0; i < s->row_count; i++)
    csv_write_row(out, s->rows[i], s->column_count);
}
