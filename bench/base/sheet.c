/* SPDX-License-Identifier: MIT */
#include "bench/base/sheet.h"

#include <float.h>
#include <string.h>

#include "bench/base/csv.h"
#include "bench/base/json.h"
#include "bench/base/number.h"
#include "bench/base/say.h"

/* A name that is shortened keeps NAME_LEAST characters. */
enum { LINE_WIDTH = 100, GAP = 2, NAME_LEAST = 8, NOTES_INDENT = 4 };

int sheet_format_read(const char *name, enum sheet_format *out) {
  static const char *const names[] = {"text", "csv", "markdown", "json"};
  *out = SHEET_TEXT;
  for (size_t i = 0; name != NULL && i <= SHEET_JSON; i++) {
    if (strcmp(name, names[i]) != 0)
      continue;
    *out = (enum sheet_format)i;
    return EXIT_FINE;
  }
  if (name == NULL)
    return EXIT_FINE;
  return complain(EXIT_USAGE,
                  "unknown format '%s'; there are text, csv, markdown and json",
                  name);
}

bool sheet_is_data(enum sheet_format format) {
  return format == SHEET_CSV || format == SHEET_JSON;
}

const char **sheet_add(struct sheet *s) {
  s->rows = pool_grow(s->pool, s->rows, s->row_count, sizeof *s->rows);
  s->colours = pool_grow(s->pool, s->colours, s->row_count, sizeof *s->colours);
  const char **row = pool_alloc(s->pool, s->column_count * sizeof *row);
  for (size_t i = 0; i < s->column_count; i++)
    row[i] = "";
  s->colours[s->row_count] = COLOUR_PLAIN;
  return s->rows[s->row_count++] = row;
}

void sheet_colour(struct sheet *s, enum colour colour) {
  s->colours[s->row_count - 1] = colour;
}

/* --- which columns -------------------------------------------------------- */

static bool is_missing(const struct sheet_column *column, const char *cell) {
  return *cell == '\0' ||
         ((column->kind & SHEET_NUMBER) != 0 && strcmp(cell, "-") == 0);
}

static bool has_cells(const struct sheet *s, size_t column) {
  for (size_t i = 0; i < s->row_count; i++) {
    if (!is_missing(&s->columns[column], s->rows[i][column]))
      return true;
  }
  return false;
}

static bool is_shown(const struct sheet *s, size_t column, bool is_data) {
  unsigned kind = s->columns[column].kind;
  if (is_data)
    return (kind & SHEET_PEOPLE) == 0;
  return (kind & SHEET_DATA) == 0 &&
         ((kind & SHEET_OPTIONAL) == 0 || has_cells(s, column));
}

/* The sheet without the columns that this format does not show. */
static struct sheet sheet_for(const struct sheet *s, bool is_data) {
  struct sheet shown = *s;
  struct sheet_column *columns =
      pool_alloc(s->pool, s->column_count * sizeof *columns);
  shown.rows = pool_alloc(s->pool, s->row_count * sizeof *shown.rows);
  for (size_t i = 0; i < s->row_count; i++)
    shown.rows[i] = pool_alloc(s->pool, s->column_count * sizeof **shown.rows);
  size_t count = 0;
  for (size_t i = 0; i < s->column_count; i++) {
    if (!is_shown(s, i, is_data))
      continue;
    columns[count] = s->columns[i];
    for (size_t j = 0; j < s->row_count; j++)
      shown.rows[j][count] = s->rows[j][i];
    count++;
  }
  shown.columns = columns;
  shown.column_count = count;
  return shown;
}

/* --- widths --------------------------------------------------------------- */

static bool goes_on(char c) {
  return ((unsigned char)c & 0xC0) == 0x80;
}

/* Characters, not bytes: those that go on in UTF-8 take no room. */
static int text_width(const char *text) {
  int width = 0;
  for (; *text != '\0'; text++)
    width += !goes_on(*text);
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

/* With at most `notes` characters of the notes. */
static int line_width(const struct sheet *s, const int *widths, int notes) {
  int width = -GAP;
  for (size_t i = 0; i < s->column_count; i++) {
    bool is_cut = (s->columns[i].kind & SHEET_NOTES) != 0 && widths[i] > notes;
    width += GAP + (is_cut ? notes : widths[i]);
  }
  return width;
}

static const char *characters_skip(const char *text, int count) {
  for (; count > 0; count--) {
    do
      text++;
    while (goes_on(*text));
  }
  return text;
}

/* The beginning and the end of a text, with "…" between them. */
static const char *text_shorten(struct pool *pool, const char *text,
                                int width) {
  int length = text_width(text), before = width / 2;
  if (length <= width)
    return text;
  const char *end = characters_skip(text, before);
  const char *rest = characters_skip(text, length - (width - 1 - before));
  return pool_format(pool, "%.*s…%s", (int)(end - text), text, rest);
}

/* The widest column of names that can be shorter; column_count: none. */
static size_t widest_name(const struct sheet *s, const int *widths) {
  size_t widest = s->column_count;
  for (size_t i = 0; i < s->column_count; i++) {
    int least = text_width(s->columns[i].name);
    least = least > NAME_LEAST ? least : NAME_LEAST;
    if ((s->columns[i].kind & SHEET_NAME) != 0 && widths[i] > least &&
        (widest == s->column_count || widths[i] > widths[widest]))
      widest = i;
  }
  return widest;
}

/* Are names of this width told apart as well as whole ones? */
static bool are_apart(const struct sheet *s, size_t column, int width) {
  for (size_t i = 0; i < s->row_count; i++) {
    const char *name = s->rows[i][column];
    const char *shorter = text_shorten(s->pool, name, width);
    for (size_t j = 0; shorter != name && j < s->row_count; j++) {
      const char *other = s->rows[j][column];
      if (strcmp(name, other) != 0 &&
          strcmp(shorter, text_shorten(s->pool, other, width)) == 0)
        return false;
    }
  }
  return true;
}

static void names_shorten(struct sheet *s, int *widths) {
  size_t column;
  while (line_width(s, widths, 0) > LINE_WIDTH &&
         (column = widest_name(s, widths)) < s->column_count)
    widths[column]--;
  for (size_t i = 0; i < s->column_count; i++) {
    if ((s->columns[i].kind & SHEET_NAME) == 0)
      continue;
    if (!are_apart(s, i, widths[i]))
      widths[i] = column_width(s, i);
    for (size_t j = 0; j < s->row_count; j++)
      s->rows[j][i] = text_shorten(s->pool, s->rows[j][i], widths[i]);
  }
}

/* --- text and Markdown ---------------------------------------------------- */

struct line {
  const struct sheet *sheet;
  const char *const *head;
  const int *widths;
  const char *gap; /* between two cells */
  const char *end;
  FILE *out;
};

/* No spaces end a line of text. */
static void cell_write(const struct line *l, size_t column, const char *cell,
                       enum colour colour, bool is_last) {
  unsigned kind = l->sheet->columns[column].kind;
  int pad = l->widths[column] - text_width(cell);
  bool is_right = (kind & SHEET_NUMBER) != 0;
  if ((kind & SHEET_COLOURED) == 0)
    colour = COLOUR_PLAIN;
  fprintf(l->out, "%*s%s%s%s%*s", is_right ? pad : 0, "",
          colour_begin(colour, l->out), cell, colour_end(colour, l->out),
          is_right || is_last ? 0 : pad, "");
}

static bool notes_wrap(const struct line *l, const char *const *row) {
  size_t last = l->sheet->column_count - 1;
  return *l->end == '\0' && (l->sheet->columns[last].kind & SHEET_NOTES) != 0 &&
         row[last] != NULL && *row[last] != '\0' &&
         line_width(l->sheet, l->widths, text_width(row[last])) > LINE_WIDTH;
}

/* Of text, the columns up to the last one that is not empty. */
static size_t columns_used(const struct line *l, const char *const *row,
                           bool wraps) {
  size_t count = l->sheet->column_count - wraps;
  while (*l->end == '\0' && count > 1 && *row[count - 1] == '\0')
    count--;
  return count;
}

static void line_write(const struct line *l, const char *const *row,
                       enum colour colour) {
  bool wraps = notes_wrap(l, row);
  size_t count = columns_used(l, row, wraps);
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      fputs(l->gap, l->out);
    cell_write(l, i, row[i], colour, i + 1 == count && *l->end == '\0');
  }
  if (wraps && row != l->head) {
    size_t notes = l->sheet->column_count - 1;
    fprintf(l->out, "\n%*s", NOTES_INDENT, "");
    cell_write(l, notes, row[notes], colour, true);
  }
  fprintf(l->out, "%s\n", l->end);
}

static void rows_write(const struct line *l) {
  const struct sheet *s = l->sheet;
  for (size_t i = 0; i < s->row_count; i++)
    line_write(l, s->rows[i], s->colours[i]);
}

static void markdown_write(struct line *l) {
  const struct sheet *s = l->sheet;
  l->gap = " | ";
  l->end = " |";
  fputs("| ", l->out);
  line_write(l, l->head, COLOUR_PLAIN);
  for (size_t i = 0; i < s->column_count; i++)
    fputs((s->columns[i].kind & SHEET_NUMBER) != 0 ? "| ---: " : "| --- ",
          l->out);
  fputs("|\n", l->out);
  for (size_t i = 0; i < s->row_count; i++) {
    fputs("| ", l->out);
    line_write(l, s->rows[i], COLOUR_PLAIN);
  }
}

static const char **head_make(const struct sheet *s) {
  const char **head = pool_alloc(s->pool, s->column_count * sizeof *head);
  for (size_t i = 0; i < s->column_count; i++)
    head[i] = s->columns[i].name;
  return head;
}

static void people_write(struct sheet *s, enum sheet_format format, FILE *out) {
  int *widths = pool_alloc(s->pool, s->column_count * sizeof *widths);
  for (size_t i = 0; i < s->column_count; i++)
    widths[i] = column_width(s, i);
  if (format == SHEET_TEXT)
    names_shorten(s, widths);
  struct line line = {.sheet = s,
                      .head = head_make(s),
                      .widths = widths,
                      .gap = "  ",
                      .end = "",
                      .out = out};
  if (format == SHEET_MARKDOWN) {
    markdown_write(&line);
    return;
  }
  line_write(&line, line.head, COLOUR_PLAIN);
  rows_write(&line);
}

/* --- CSV and JSON --------------------------------------------------------- */

static void field_write(struct json *j, const struct sheet_column *column,
                        const char *cell) {
  double ignored;
  if (is_missing(column, cell))
    json_text(j, column->name, NULL);
  else if ((column->kind & SHEET_NUMBER) != 0 &&
           number_real(cell, -DBL_MAX, DBL_MAX, &ignored) == NUMBER_FINE)
    json_literal(j, column->name, cell);
  else
    json_text(j, column->name, cell);
}

static void json_write(const struct sheet *s, FILE *out) {
  struct json j = {.out = out, .pool = s->pool};
  json_open(&j, NULL, '[');
  for (size_t i = 0; i < s->row_count; i++) {
    json_open(&j, NULL, '{');
    for (size_t k = 0; k < s->column_count; k++)
      field_write(&j, &s->columns[k], s->rows[i][k]);
    json_close(&j, '}');
  }
  json_close(&j, ']');
  fputc('\n', out);
}

static void csv_write(const struct sheet *s, FILE *out) {
  csv_write_row(out, head_make(s), s->column_count);
  for (size_t i = 0; i < s->row_count; i++)
    csv_write_row(out, s->rows[i], s->column_count);
}

void sheet_write(const struct sheet *all, enum sheet_format format, FILE *out) {
  struct sheet s = sheet_for(all, sheet_is_data(format));
  if (format == SHEET_CSV)
    csv_write(&s, out);
  else if (format == SHEET_JSON)
    json_write(&s, out);
  else
    people_write(&s, format, out);
}
