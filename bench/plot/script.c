/* SPDX-License-Identifier: MIT */
/* The gnuplot script of a chart. */
#include <math.h>
#include <string.h>

#include "bench/plot/axes.h"
#include "bench/plot/layout.h"

/* Pixels; most are between a panel and its frame. */
enum {
  GAP_LEFT = 76, /* tic labels and axis label */
  GAP_RIGHT = 20,
  GAP_TOP = 26, /* the title */
  GAP_BOTTOM = 54,
  REMARK_LINE = 15
};

/* --- words and numbers --------------------------------------------------- */

/* Quotes a text for gnuplot. In single quotes, only the single quote itself is
   special. */
static void span_write(FILE *out, const char *text, size_t length) {
  fputc('\'', out);
  for (const char *end = text + length; text < end; text++) {
    if (*text == '\'')
      fputc('\'', out);
    fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
  }
  fputc('\'', out);
}

static void words_write(FILE *out, const char *text) {
  span_write(out, text, strlen(text));
}

/* Quotes a text in a data block, where a double quote would end it. The SVG
   puts the text between single quotes, so those are replaced as well. */
static void field_write(FILE *out, const char *text) {
  fputs(" \"", out);
  for (; *text != '\0'; text++)
    fputc((unsigned char)*text < ' ' || strchr("\"'\\", *text) != NULL ? ' '
                                                                       : *text,
          out);
  fputc('"', out);
}

static double number_or(double value, double otherwise) {
  return isnan(value) ? otherwise : value;
}

/* --- data ---------------------------------------------------------------- */

/* Columns: x y low high value label hover. An axis that cannot show the point
   makes a gap of it. */
static void series_write(const struct chart *c, size_t panel, size_t index,
                         FILE *out) {
  const struct chart_series *s = &c->panels[panel].series[index];
  fprintf(out, "$d%zu_%zu << EOD\n", panel, index);
  for (size_t i = 0; i < s->count; i++) {
    const struct chart_point *p = &s->points[i];
    double middle = s->mark == CHART_ROWS ? p->x : p->y;
    fprintf(out, "%.9g %.9g %.9g %.9g %.9g", p->x, axes_show(c, p) ? p->y : NAN,
            number_or(p->low, middle), number_or(p->high, middle), p->value);
    field_write(out, p->label);
    field_write(out, p->hover != NULL ? p->hover : "");
    fputc('\n', out);
  }
  fputs("EOD\n", out);
}

/* --- places -------------------------------------------------------------- */

/* Sets the margins, in pixels from the left and the bottom. */
static void place_write(const struct layout *l, double left, double right,
                        double bottom, double top, FILE *out) {
  fprintf(out,
          "set lmargin at screen %.5f; set rmargin at screen %.5f\n"
          "set bmargin at screen %.5f; set tmargin at screen %.5f\n",
          left / l->width, right / l->width, bottom / l->height,
          top / l->height);
}

static void panel_place(const struct layout *l, size_t index, double extra,
                        FILE *out) {
  double left = l->panel_width * (double)(index % l->columns);
  double top =
      l->height - l->head - l->panel_height * (double)(index / l->columns);
  place_write(l, left + GAP_LEFT + extra,
              left + l->panel_width - GAP_RIGHT - l->remarks,
              top - l->panel_height + GAP_BOTTOM, top - GAP_TOP, out);
}

/* --- legend -------------------------------------------------------------- */

static const char *legend_style(enum chart_mark mark) {
  switch (mark) {
  case CHART_LINE:
    return "linespoints";
  case CHART_POINTS:
  case CHART_ROWS:
    return "points";
  case CHART_BOXES:
    return "boxes fill solid 0.9";
  default:
    return "lines";
  }
}

static bool has_points(enum chart_mark mark) {
  return mark == CHART_LINE || mark == CHART_POINTS || mark == CHART_ROWS ||
         mark == CHART_NAMED;
}

/* The legend is a separate, empty plot across the page. */
static void legend_write(const struct chart *c, const struct layout *l,
                         FILE *out) {
  place_write(l, 10, l->width - 10, l->height - l->head + 4,
              l->height - l->head + 6, out);
  fputs("unset border; unset tics; unset xlabel; unset ylabel; unset title\n",
        out);
  fprintf(
      out,
      "set key at screen 0.5,%.5f center center horizontal maxrows %zu "
      "samplen 2\nplot [0:1][0:1] NaN notitle",
      (l->height - l->head + 4 + LAYOUT_LEGEND / 2.0 * (double)l->legend_rows) /
          l->height,
      l->legend_rows);
  for (size_t i = 0; i < c->count; i++) {
    for (size_t j = 0; j < c->panels[i].count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      if (!chart_in_legend(c, i, j))
        continue;
      fprintf(out, ", keyentry with %s lc rgb '%s' dt %d",
              legend_style(s->mark), s->colour, s->dash > 0 ? s->dash : 1);
      if (s->mark != CHART_BOXES)
        fputs(" lw 2", out);
      if (has_points(s->mark))
        fprintf(out, " pt %d ps 0.9", s->point);
      fputs(" title ", out);
      words_write(out, s->name);
    }
  }
  fputs("\nunset key\nset border 3; set xtics nomirror; "
        "set ytics nomirror\n",
        out);
}

/* --- panels -------------------------------------------------------------- */

static const char *mark_clause(enum chart_mark mark) {
  switch (mark) {
  case CHART_LINE:
    return "using 1:2:3:4 with yerrorlines";
  case CHART_STEPS:
    return "using 1:2 with steps";
  case CHART_FRONT:
    return "using 1:2 with steps";
  case CHART_POINTS:
  case CHART_NAMED:
    return "using 1:2 with points";
  case CHART_ROWS:
    return "using 1:2:3:4 with xerrorbars";
  case CHART_BOXES:
    return "using 1:2:($1-0.4):($1+0.4):3:4 with boxxyerror fill solid 0.9";
  case CHART_WORDS:
    return "using 1:2:6 with labels offset 0,0.6";
  case CHART_CELLS:
    return "using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):5 with boxxyerror "
           "fill solid 1 fc palette";
  default:
    return "using 1:2 with lines";
  }
}

static void curve_write(const struct chart_series *s, size_t panel,
                        size_t index, FILE *out) {
  fprintf(out, "$d%zu_%zu %s", panel, index, mark_clause(s->mark));
  if (s->mark == CHART_WORDS) {
    fprintf(out, " tc rgb '%s'", s->colour);
    return;
  }
  if (s->mark != CHART_CELLS)
    fprintf(out, " lc rgb '%s'", s->colour);
  if (s->mark == CHART_DASHED)
    fputs(" dt 2 lw 1", out);
  else if (s->mark != CHART_CELLS && s->mark != CHART_BOXES)
    fprintf(out, " dt %d lw 1.6", /* intervals alone are too short for dashes */
            s->dash > 0 && s->mark != CHART_ROWS ? s->dash : 1);
  if (has_points(s->mark))
    fprintf(out, " pt %d ps 0.7", s->point);
  if (s->mark == CHART_CELLS)
    fprintf(out, ", $d%zu_%zu using 1:2:6 with labels", panel, index);
  if (s->mark == CHART_NAMED)
    fprintf(out,
            ", $d%zu_%zu using 1:2:6 with labels left offset 0.7,0 tc rgb '%s'",
            panel, index, s->colour);
  if (!chart_has_hover(s))
    return;
  /* Invisible points, large enough to hit with a mouse. */
  fprintf(out,
          ", $d%zu_%zu using 1:2:7 %s with labels hypertext point pt 7 ps %s "
          "lc rgb '#FF000000'",
          panel, index, s->mark == CHART_STEPS ? "every 10" : "",
          has_points(s->mark) ? "1.4" : "2.5");
}

static void tics_write(const char *axis, const char **names, size_t count,
                       FILE *out) {
  if (names == NULL)
    return;
  fprintf(out, "set %stics nomirror (", axis);
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      fputs(", ", out);
    words_write(out, names[i]);
    fprintf(out, " %zu", i);
  }
  fputs(") scale 0\n", out);
  fprintf(out, "set %srange [%s]\n", axis,
          *axis == 'y' ? "*:*" : "-0.6:*"); /* the setup may override this */
}

/* Extra space on the left for names that are longer than numbers. */
static double tics_room(const struct chart_panel *p) {
  size_t longest = 0;
  for (size_t i = 0; p->y_tics != NULL && i < p->y_tic_count; i++) {
    size_t length = strlen(p->y_tics[i]);
    longest = length > longest ? length : longest;
  }
  return longest > 7 ? 7.0 * (double)(longest - 7) : 0;
}

/* Remarks stand below each other. Labels from 1 on are this panel's. */
static void remarks_write(const struct chart *c, const struct chart_panel *p,
                          const struct layout *l, FILE *out) {
  double line = REMARK_LINE / (l->panel_height - GAP_TOP - GAP_BOTTOM);
  for (size_t i = 0; i < p->remark_count; i++) {
    fprintf(out, "set label %zu ", i + 1);
    words_write(out, p->remarks[i].text);
    fprintf(out, " at graph %s,%.3f left font ',9' front tc rgb '%s'\n",
            c->has_remarks_beside ? "1.02" : "0.03", 0.96 - line * (double)i,
            p->remarks[i].colour);
  }
}

static void panel_write(const struct chart *c, const struct layout *l,
                        size_t index, FILE *out) {
  const struct chart_panel *p = &c->panels[index];
  panel_place(l, index, tics_room(p), out);
  fputs("set title ", out);
  words_write(out, p->title);
  fputs(" offset 0,-0.6\n", out);
  tics_write("x", p->x_tics, p->x_tic_count, out);
  tics_write("y", p->y_tics, p->y_tic_count, out);
  if (chart_draws_panel(c, p))
    axes_write(
        c, p, l->panel_width - GAP_LEFT - tics_room(p) - GAP_RIGHT - l->remarks,
        l->panel_height - GAP_TOP - GAP_BOTTOM, out);
  else /* its empty frame begins at 0 */
    fputs("unset logscale\n", out);
  remarks_write(c, p, l, out);
  fprintf(out, "%s\nplot ", c->setup != NULL ? c->setup : "");
  const char *between = "";
  for (size_t i = 0; i < p->count; i++) {
    if (!chart_draws(c, &p->series[i]))
      continue;
    fputs(between, out);
    curve_write(&p->series[i], index, i, out);
    between = ", \\\n  ";
  }
  /* A panel without data still shows its frame. */
  fputs(*between == '\0' ? "[0:1][0:1] NaN notitle\n" : "\n", out);
  for (size_t i = 0; i < p->remark_count; i++)
    fprintf(out, "unset label %zu\n", i + 1);
}

/* --- pages --------------------------------------------------------------- */

static void label_write(const char *text, size_t length, double y, int size,
                        FILE *out) {
  fputs("set label ", out);
  span_write(out, text, length);
  fprintf(out, " at screen 0.012,%.5f left font ',%d'\n", y, size);
}

/* Breaks a text at the width of the page. Returns the place below it, in pixels
   from the top. */
static double lines_write(const char *text, const struct layout *l, double top,
                          FILE *out) {
  while (*text != '\0') {
    size_t length = layout_line(text, layout_characters(l));
    label_write(text, length, 1 - top / l->height, 10, out);
    text += length;
    text += *text == ' ';
    top += LAYOUT_NOTE;
  }
  return top;
}

static void page_write(const struct chart *c, const struct layout *l,
                       FILE *out) {
  fputs("set multiplot\n", out);
  label_write(c->title, strlen(c->title), 1 - 16 / l->height, 14, out);
  double y = lines_write(c->note, l, 38, out);
  lines_write(c->origin, l, y, out);
  legend_write(c, l, out);
  fputs("unset label\nset xlabel ", out);
  words_write(out, c->x_label);
  fputs("\nset ylabel ", out);
  words_write(out, c->y_label);
  fputs("\nset grid lc rgb '#DDDDDD' lt 1 lw 0.5\n", out);
  for (size_t i = 0; i < c->count; i++) {
    if (c->panels[i].count > 0)
      panel_write(c, l, i, out);
  }
  fputs("unset multiplot\nset output\nreset\n", out);
}

static void file_begin(const char *terminal, const struct layout *l,
                       const char *path, const char *ending, FILE *out) {
  fprintf(out, "set terminal %s size %.0f,%.0f noenhanced background 'white'\n",
          terminal, l->width, l->height);
  fputs("set output ", out);
  /* A path is quoted as words are, but nothing in it is changed. */
  fputc('\'', out);
  for (; *path != '\0'; path++)
    fputs(*path == '\'' ? "''" : (char[]){*path, '\0'}, out);
  fprintf(out, ".%s'\n", ending);
}

void chart_write(const struct chart *c, struct pool *pool, const char *path,
                 FILE *out) {
  struct layout l = layout_make(c);
  for (size_t i = 0; i < c->count; i++)
    for (size_t j = 0; j < c->panels[i].count; j++)
      series_write(c, i, j, out);
  char *id = pool_copy(pool, c->name, strlen(c->name));
  for (char *at = strchr(id, '-'); at != NULL; at = strchr(at, '-'))
    *at = '_';
  const char *svg =
      pool_format(pool, "svg dynamic font 'sans,12' name '%s'", id);
  file_begin(svg, &l, path, "svg", out);
  page_write(c, &l, out);
  file_begin("pngcairo font 'sans,9.5'", &l, path, "png", out);
  page_write(c, &l, out);
}
