/* SPDX-License-Identifier: MIT */
#include "bench/plot/layout.h"

#include <math.h>
#include <string.h>

/* Pixels. */
enum {
  PANEL_WIDTH = 400,
  PANEL_HEIGHT = 250,
  HEAD = 46, /* the title, and space */
  FOOT = 16,
  LEGEND_SAMPLE = 50
};

/* The width of a character. */
static const double NOTE_CHARACTER = 6.9, LABEL_CHARACTER = 7.5,
                    REMARK_CHARACTER = 6.3;

/* On a wider page, panels would be too small to read. */
enum { COLUMNS_MAX = 3, PAGE_MAX = 1600 };

/* Names take a place each, of the width of the longest. */
static size_t legend_rows(const struct chart *c, double width) {
  size_t longest = 0, count = 0;
  for (size_t i = 0; i < c->count; i++) {
    for (size_t j = 0; j < c->panels[i].count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      if (!chart_in_legend(c, i, j))
        continue;
      size_t length = strlen(s->name);
      longest = length > longest ? length : longest;
      count++;
    }
  }
  double each = LABEL_CHARACTER * (double)longest + LEGEND_SAMPLE;
  return (size_t)ceil((double)count * each / (width - 20));
}

/* The length of the first line of a text when its lines have so many characters
   at most. */
size_t layout_line(const char *text, size_t most) {
  size_t length = strlen(text), last = 0;
  if (length <= most)
    return length;
  for (size_t i = 0; i <= most; i++)
    last = text[i] == ' ' ? i : last;
  return last > 0 ? last : most;
}

static size_t line_count(const char *text, size_t most) {
  size_t count = 0;
  for (; *text != '\0'; count++) {
    text += layout_line(text, most);
    text += *text == ' ';
  }
  return count;
}

size_t layout_characters(const struct layout *l) {
  return (size_t)((l->width - 20) / NOTE_CHARACTER);
}

static double remarks_width(const struct chart *c) {
  size_t longest = 0;
  for (size_t i = 0; c->has_remarks_beside && i < c->count; i++) {
    for (size_t j = 0; j < c->panels[i].remark_count; j++) {
      size_t length = strlen(c->panels[i].remarks[j].text);
      longest = length > longest ? length : longest;
    }
  }
  return REMARK_CHARACTER * (double)longest;
}

struct layout layout_make(const struct chart *c) {
  struct layout l = {.columns = (size_t)ceil(sqrt((double)c->count)),
                     .remarks = remarks_width(c)};
  l.panel_width = (c->width > 0 ? c->width : PANEL_WIDTH) + l.remarks;
  l.panel_height = c->height > 0 ? c->height : PANEL_HEIGHT;
  size_t most = (size_t)fmax(1, fmin(COLUMNS_MAX, PAGE_MAX / l.panel_width));
  if (l.columns > most)
    l.columns = most;
  l.rows = (c->count + l.columns - 1) / l.columns;
  /* Wide enough for the title. */
  l.width = fmax(CHART_WIDTH_MIN, l.panel_width * (double)l.columns);
  size_t lines = line_count(c->note, layout_characters(&l)) +
                 line_count(c->origin, layout_characters(&l));
  l.legend_rows = legend_rows(c, l.width);
  l.head = HEAD + LAYOUT_NOTE * (double)lines +
           LAYOUT_LEGEND * (double)l.legend_rows;
  l.height = l.head + FOOT + l.panel_height * (double)l.rows;
  return l;
}

double chart_names_width(const char *const *names, size_t count) {
  size_t longest = 0;
  for (size_t i = 0; i < count; i++) {
    size_t length = strlen(names[i]);
    longest = length > longest ? length : longest;
  }
  return LABEL_CHARACTER * (double)(longest + 2);
}
