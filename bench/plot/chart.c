/* SPDX-License-Identifier: MIT */
#include "bench/plot/chart.h"

#include <math.h>
#include <string.h>

/* Pixels. */
enum {
  PANEL_WIDTH = 400,
  PANEL_HEIGHT = 250,
  HEAD = 100, /* title, note, origin and legend */
  FOOT = 16,
  GAP_LEFT = 76, /* left of a panel: tic labels and axis label */
  GAP_RIGHT = 20,
  GAP_TOP = 26, /* its title */
  GAP_BOTTOM = 54
};

/* With more columns, panels would be too small to read. */
enum { COLUMNS_MAX = 3 };

struct chart_panel *chart_add_panel(struct chart *c, struct pool *pool) {
  c->panels = pool_grow(pool, c->panels, c->count, sizeof *c->panels);
  struct chart_panel *p = &c->panels[c->count++];
  *p = (struct chart_panel){.title = ""};
  return p;
}

struct chart_series *chart_add_series(struct chart_panel *p,
                                      struct pool *pool) {
  p->series = pool_grow(pool, p->series, p->count, sizeof *p->series);
  struct chart_series *s = &p->series[p->count++];
  *s = (struct chart_series){.name = "", .colour = "#000000", .point = 7};
  return s;
}

struct chart_point *chart_add_point(struct chart_series *s, struct pool *pool) {
  s->points = pool_grow(pool, s->points, s->count, sizeof *s->points);
  struct chart_point *p = &s->points[s->count++];
  *p = (struct chart_point){.low = NAN, .high = NAN, .label = ""};
  return p;
}

/* --- words and numbers --------------------------------------------------- */

/* Quotes a text for gnuplot. In single quotes, only the single quote itself is
   special. */
static void words_write(FILE *out, const char *text) {
  fputc('\'', out);
  for (; *text != '\0'; text++) {
    if (*text == '\'')
      fputc('\'', out);
    fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
  }
  fputc('\'', out);
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

/* Columns: x y low high value label hover. */
static void series_write(const struct chart_series *s, size_t panel,
                         size_t index, FILE *out) {
  fprintf(out, "$d%zu_%zu << EOD\n", panel, index);
  for (size_t i = 0; i < s->count; i++) {
    const struct chart_point *p = &s->points[i];
    double middle = s->mark == CHART_ROWS ? p->x : p->y;
    fprintf(out, "%.9g %.9g %.9g %.9g %.9g", p->x, p->y,
            number_or(p->low, middle), number_or(p->high, middle), p->value);
    field_write(out, p->label);
    field_write(out, p->hover != NULL ? p->hover : "");
    fputc('\n', out);
  }
  fputs("EOD\n", out);
}

/* --- layout -------------------------------------------------------------- */

struct layout {
  size_t columns, rows;
  double panel_width, panel_height, width, height;
};

static struct layout layout_make(const struct chart *c) {
  struct layout l = {.columns = (size_t)ceil(sqrt((double)c->count))};
  if (l.columns > COLUMNS_MAX)
    l.columns = COLUMNS_MAX;
  l.rows = (c->count + l.columns - 1) / l.columns;
  l.panel_width = c->width > 0 ? c->width : PANEL_WIDTH;
  l.panel_height = c->height > 0 ? c->height : PANEL_HEIGHT;
  /* Wide enough for the title. */
  l.width = fmax(760, l.panel_width * (double)l.columns);
  l.height = HEAD + FOOT + l.panel_height * (double)l.rows;
  return l;
}

struct chart_place chart_panel_place(const struct chart *c, size_t panel) {
  struct layout l = layout_make(c);
  return (struct chart_place){.x = l.panel_width * (double)(panel % l.columns),
                              .y = HEAD +
                                   l.panel_height * (double)(panel / l.columns),
                              .width = l.panel_width,
                              .height = l.panel_height};
}

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
      l->height - HEAD - l->panel_height * (double)(index / l->columns);
  place_write(l, left + GAP_LEFT + extra, left + l->panel_width - GAP_RIGHT,
              top - l->panel_height + GAP_BOTTOM, top - GAP_TOP, out);
}

/* --- legend -------------------------------------------------------------- */

/* gnuplot warns about a curve without points. */
static bool is_drawn(const struct chart_series *s) {
  for (size_t i = 0; i < s->count; i++) {
    if (!isnan(s->points[i].x) && !isnan(s->points[i].y))
      return true;
  }
  return false;
}

static bool panel_is_drawn(const struct chart_panel *p) {
  for (size_t i = 0; i < p->count; i++) {
    if (is_drawn(&p->series[i]))
      return true;
  }
  return false;
}

bool chart_is_empty(const struct chart *c) {
  for (size_t i = 0; i < c->count; i++) {
    if (panel_is_drawn(&c->panels[i]))
      return false;
  }
  return true;
}

static bool has_legend(const struct chart_series *s) {
  return is_drawn(s) && *s->name != '\0' && s->mark != CHART_DASHED &&
         s->mark != CHART_CELLS;
}

/* Does an earlier series have the same name? */
static bool is_repeated(const struct chart *c, size_t panel, size_t index) {
  const struct chart_series *own = &c->panels[panel].series[index];
  for (size_t i = 0; i <= panel; i++) {
    size_t count = i < panel ? c->panels[i].count : index;
    for (size_t j = 0; j < count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      if (has_legend(s) && strcmp(s->name, own->name) == 0)
        return true;
    }
  }
  return false;
}

static bool has_labels(enum chart_mark mark) {
  return mark == CHART_CELLS || mark == CHART_NAMED;
}

static bool has_points(enum chart_mark mark) {
  return mark == CHART_LINE || mark == CHART_POINTS || mark == CHART_ROWS ||
         mark == CHART_NAMED;
}

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

/* The legend is a separate, empty plot across the page. */
static void legend_write(const struct chart *c, const struct layout *l,
                         FILE *out) {
  place_write(l, 10, l->width - 10, l->height - HEAD + 4, l->height - HEAD + 6,
              out);
  fputs("unset border; unset tics; unset xlabel; unset ylabel; unset title\n",
        out);
  fprintf(out,
          "set key at screen 0.5,%.5f center center horizontal maxrows 1 "
          "samplen 2\nplot [0:1][0:1] NaN notitle",
          (l->height - HEAD + 14) / l->height);
  for (size_t i = 0; i < c->count; i++) {
    for (size_t j = 0; j < c->panels[i].count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      if (!has_legend(s) || is_repeated(c, i, j))
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
  case CHART_CELLS:
    return "using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):5 with boxxyerror "
           "fill solid 1 fc palette";
  default:
    return "using 1:2 with lines";
  }
}

static bool has_hover(const struct chart_series *s) {
  return s->count > 0 && s->points[0].hover != NULL;
}

static void curve_write(const struct chart_series *s, size_t panel,
                        size_t index, FILE *out) {
  fprintf(out, "$d%zu_%zu %s", panel, index, mark_clause(s->mark));
  if (s->mark != CHART_CELLS)
    fprintf(out, " lc rgb '%s'", s->colour);
  if (s->mark == CHART_DASHED)
    fputs(" dt 2 lw 1", out);
  else if (s->mark != CHART_CELLS && s->mark != CHART_BOXES)
    fprintf(out, " dt %d lw 1.6", s->dash > 0 ? s->dash : 1);
  if (has_points(s->mark))
    fprintf(out, " pt %d ps 0.7", s->point);
  if (s->mark == CHART_CELLS)
    fprintf(out, ", $d%zu_%zu using 1:2:6 with labels", panel, index);
  if (s->mark == CHART_NAMED)
    fprintf(out,
            ", $d%zu_%zu using 1:2:6 with labels left offset 0.7,0 tc rgb '%s'",
            panel, index, s->colour);
  if (!has_hover(s))
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

/* Tics at 1, 2 and 5 times each power of ten that a value can have. A range of
   more than three decades gets the powers alone. */
static void power_tics_write(bool is_wide, FILE *out) {
  for (int power = -9; power <= 15; power++) {
    fprintf(out, "%s1e%d", power > -9 ? ", " : "", power);
    if (!is_wide)
      fprintf(out, ", 2e%d, 5e%d", power, power);
  }
}

/* About six evenly spaced tics; the step is 1, 2 or 5 times a power of ten. An
   axis this narrow contains hardly any power of ten. */
static void even_tics_write(double low, double high, FILE *out) {
  double least = (high - low) / 8, step = pow(10, floor(log10(least)));
  step *= least <= step       ? 1
          : least <= 2 * step ? 2
          : least <= 5 * step ? 5
                              : 10;
  const char *between = "";
  for (double i = ceil(low / step); i * step <= high; i++) {
    fprintf(out, "%s%.10g", between, i * step);
    between = ", ";
  }
}

/* Leaves a margin around the data. Without data no range is set. */
static void log_axis_write(const char *axis, const double range[2], FILE *out) {
  double low = range[0] / 1.15, high = range[1] * 1.15;
  bool is_known = low > 0 && isfinite(high);
  fprintf(out, "set logscale %s; set %stics nomirror (", axis, axis);
  if (is_known && high < 10 * low)
    even_tics_write(low, high, out);
  else
    power_tics_write(range[1] > 1e3 * range[0], out);
  fputs(")\n", out);
  if (is_known)
    fprintf(out, "set %srange [%.6g:%.6g]\n", axis, low, high);
}

static void widen(double range[2], double value) {
  range[0] = fmin(range[0], value);
  range[1] = fmax(range[1], value);
}

/* Without an explicit range, gnuplot extends an axis to the next power of
   ten. */
static void log_axes_write(const struct chart *c, const struct chart_panel *p,
                           FILE *out) {
  double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
  for (size_t i = 0; i < p->count; i++) {
    const struct chart_series *s = &p->series[i];
    for (size_t j = 0; j < s->count; j++) {
      const struct chart_point *at = &s->points[j];
      double *own = s->mark == CHART_ROWS ? x : y;
      widen(x, at->x);
      widen(y, at->y);
      widen(own, at->low);
      widen(own, at->high);
    }
  }
  if (c->is_log_x)
    log_axis_write("x", x, out);
  if (c->is_log_y)
    log_axis_write("y", y, out);
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
  log_axes_write(c, p, out);
  if (!panel_is_drawn(p)) /* its empty frame begins at 0 */
    fputs("unset logscale\n", out);
  fprintf(out, "%s\nplot ", c->setup != NULL ? c->setup : "");
  const char *between = "";
  for (size_t i = 0; i < p->count; i++) {
    if (!is_drawn(&p->series[i]))
      continue;
    fputs(between, out);
    curve_write(&p->series[i], index, i, out);
    between = ", \\\n  ";
  }
  /* A panel without data still shows its frame. */
  fputs(*between == '\0' ? "[0:1][0:1] NaN notitle\n" : "\n", out);
}

/* --- names --------------------------------------------------------------- */

static const char **name_add(const char **names, size_t *count,
                             struct pool *pool, const char *name) {
  names = pool_grow(pool, names, *count, sizeof *names);
  names[(*count)++] = name;
  return names;
}

const char **chart_curves(const struct chart *c, struct pool *pool) {
  const char **names = NULL;
  size_t count = 0;
  names = name_add(names, &count, pool, ""); /* the empty curve of the legend */
  for (size_t i = 0; i < c->count; i++) {
    for (size_t j = 0; j < c->panels[i].count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      if (has_legend(s) && !is_repeated(c, i, j))
        names = name_add(names, &count, pool, s->name);
    }
  }
  for (size_t i = 0; i < c->count; i++) {
    size_t before = count;
    for (size_t j = 0; j < c->panels[i].count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      const char *owner = s->owner != NULL ? s->owner : s->name;
      size_t curves = 1 + has_hover(s) + has_labels(s->mark);
      for (size_t k = 0; is_drawn(s) && k < curves; k++)
        names = name_add(names, &count, pool, owner);
    }
    if (count == before && c->panels[i].count > 0) /* its empty frame */
      names = name_add(names, &count, pool, "");
  }
  return name_add(names, &count, pool, NULL);
}

/* --- pages --------------------------------------------------------------- */

static void label_write(const char *text, double y, int size, FILE *out) {
  fputs("set label ", out);
  words_write(out, text);
  fprintf(out, " at screen 0.012,%.5f left font ',%d'\n", y, size);
}

static void page_write(const struct chart *c, const struct layout *l,
                       FILE *out) {
  fputs("set multiplot\n", out);
  label_write(c->title, 1 - 16 / l->height, 14, out);
  label_write(c->note, 1 - 38 / l->height, 10, out);
  label_write(c->origin, 1 - 55 / l->height, 10, out);
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
      series_write(&c->panels[i].series[j], i, j, out);
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
