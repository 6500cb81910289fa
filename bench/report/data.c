/* SPDX-License-Identifier: MIT */
/* What the scripts of the page work with, as JSON: the ratios of each block,
   from which means over any choice of workloads follow, and the charts. */
#include <math.h>
#include <string.h>

#include "bench/report/html.h"
#include "bench/report/page.h"
#include "bench/rows/summary_words.h"

/* Significant digits of ratios and times, and of what is only drawn. */
enum { EXACT_DIGITS = 9, DRAWN_DIGITS = 5 };
/* A curve with more points is thinned out. */
enum { POINTS_MAX = 160 };

/* A workload with its parameters. */
struct program {
  const char *workload, *params;
};

struct data {
  const struct page *page;
  FILE *out;
  struct program *programs;
  size_t program_count;
};

static void comma(FILE *out, bool *is_first) {
  if (!*is_first)
    fputs(",\n", out);
  *is_first = false;
}

static void name_open(FILE *out, const char *name, char bracket) {
  fprintf(out, ",\n\"%s\":%c", name, bracket);
}

/* --- names --------------------------------------------------------------- */

static size_t entrant_index(const struct view *v, const char *entrant) {
  size_t i = 0;
  while (strcmp(v->entrants[i], entrant) != 0)
    i++;
  return i;
}

static size_t workload_index(const struct view *v, const char *workload) {
  size_t i = 0;
  while (i < v->workload_count && strcmp(v->workloads[i], workload) != 0)
    i++;
  return i;
}

static size_t program_index(const struct data *d, const struct entry *e) {
  size_t i = 0;
  while (i < d->program_count &&
         (strcmp(d->programs[i].workload, e->fields[RUN_WORKLOAD]) != 0 ||
          strcmp(d->programs[i].params, e->fields[RUN_PARAMS]) != 0))
    i++;
  return i;
}

static void programs_find(struct data *d) {
  const struct view *v = d->page->view;
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    if (program_index(d, e) < d->program_count)
      continue;
    d->programs =
        pool_grow(v->pool, d->programs, d->program_count, sizeof *d->programs);
    d->programs[d->program_count++] =
        (struct program){e->fields[RUN_WORKLOAD], e->fields[RUN_PARAMS]};
  }
}

static void names_write(const struct data *d) {
  const struct view *v = d->page->view;
  bool is_first = true;
  name_open(d->out, "collectors", '[');
  for (size_t i = 0; i < v->entrant_count; i++) {
    struct palette_style style = view_style(v, v->entrants[i]);
    comma(d->out, &is_first);
    fputs("{\"name\":", d->out);
    html_json(d->out, v->entrants[i]);
    fprintf(d->out, ",\"colour\":\"%s\",\"dash\":%d}", style.colour,
            style.dash);
  }
  fputc(']', d->out);
  name_open(d->out, "workloads", '[');
  for (size_t i = 0; i < v->workload_count; i++) {
    fputs(i > 0 ? "," : "", d->out);
    html_json(d->out, v->workloads[i]);
  }
  fputc(']', d->out);
  name_open(d->out, "programs", '[');
  for (size_t i = 0; i < d->program_count; i++)
    fprintf(d->out, "%s%zu", i > 0 ? "," : "",
            workload_index(v, d->programs[i].workload));
  fputc(']', d->out);
}

/* --- blocks -------------------------------------------------------------- */

static void values_write(FILE *out, const double *values, size_t count) {
  fputc('[', out);
  for (size_t i = 0; i < count; i++) {
    fputs(i > 0 ? "," : "", out);
    html_number(out, values[i], EXACT_DIGITS);
  }
  fputc(']', out);
}

/* The bits tell how versus.c treats the line in means. */
enum { IS_MEASURED = 1, IS_TO_OTHER = 2, IS_APART = 4, IS_FLOOR = 8 };

static int line_bits(const struct versus_line *line) {
  return (line->reason == NULL ? IS_MEASURED : 0) |
         (line->instead != NULL ? IS_TO_OTHER : 0) |
         (versus_is_apart(line) ? IS_APART : 0) |
         (line->cell->is_floor ? IS_FLOOR : 0);
}

/* [program, collector, threads, factor, bits, family, [ratio, ...]] */
static void line_write(const struct data *d, const struct versus_line *line) {
  const struct view *v = d->page->view;
  fprintf(d->out, "[%zu,%zu,%g,%g,%d,%d,", program_index(d, line->cell),
          entrant_index(v, line->side->name), line->heap->threads,
          line->heap->heap_factor, line_bits(line), (int)line->family);
  values_write(d->out, line->ratios, v->blocks);
  fputc(']', d->out);
}

static void lines_write(const struct data *d, const struct versus *versus) {
  bool is_first = true;
  fputc('[', d->out);
  for (size_t i = 0; i < versus->line_count; i++) {
    if (versus->lines[i].workloads > 0)
      continue;
    comma(d->out, &is_first);
    line_write(d, &versus->lines[i]);
  }
  fputc(']', d->out);
}

static void figure_write(const struct data *d, const char *column) {
  const struct versus *results = &d->page->versus;
  struct versus versus = {.pool = results->pool,
                          .all = results->all,
                          .column = run_column_find(column, strlen(column)),
                          .sides = results->sides,
                          .side_count = results->side_count};
  versus_compute(&versus);
  lines_write(d, &versus);
}

/* In the order of the figures of a card. */
static void ratios_write(const struct data *d) {
  name_open(d->out, "lines", '[');
  lines_write(d, &d->page->versus);
  fputs(",\n", d->out);
  figure_write(d, "task_clock_ns");
  fputs(",\n", d->out);
  figure_write(d, "held_peak");
  fputc(']', d->out);
}

/* [program, collector, is_cell, [pause, ...], [response, ...]]; a valid run
   without such a time has 0. A floor that ran at another factor makes no
   cell. */
static void times_of(const struct data *d, const struct summary_setting *s,
                     struct span runs) {
  const struct view *v = d->page->view;
  double *times[2];
  for (size_t i = 0; i < 2; i++) {
    times[i] = pool_alloc(v->pool, v->blocks * sizeof **times);
    for (size_t j = 0; j < v->blocks; j++)
      times[i][j] = NAN;
    for (const struct entry *e = runs.begin; e < runs.end; e++) {
      double ns = summary_time(s, (enum summary_figure)(SUMMARY_PAUSE + i), e);
      if (e->is_ok && summary_has(s, e))
        times[i][(size_t)e->block - 1] = fmax(0, ns);
    }
  }
  const struct entry *e = runs.begin;
  fprintf(d->out, "[%zu,%zu,%d,", program_index(d, e),
          entrant_index(v, e->entrant), e->heap_factor == s->factor);
  values_write(d->out, times[0], v->blocks);
  fputc(',', d->out);
  values_write(d->out, times[1], v->blocks);
  fputc(']', d->out);
}

static bool has_any(const struct summary_setting *s, struct span runs) {
  bool is_any = false;
  for (const struct entry *e = runs.begin; e < runs.end; e++)
    is_any |= summary_has(s, e);
  return is_any;
}

static void times_write(const struct data *d, const struct summary_setting *s) {
  struct span all = d->page->view->all, runs = {all.begin, all.begin};
  bool is_first = true;
  fputs("],\"times\":[", d->out);
  while (runs.end < all.end) {
    runs = span_of(runs.end, all.end, entry_compare_entrants);
    if (!has_any(s, runs))
      continue;
    comma(d->out, &is_first);
    times_of(d, s, runs);
  }
}

/* --- settings ------------------------------------------------------------ */

static void effect_write(FILE *out, const struct effect *e) {
  fputc('[', out);
  html_number(out, e->ratio, EXACT_DIGITS);
  fputc(',', out);
  html_number(out, e->low, EXACT_DIGITS);
  fputc(',', out);
  html_number(out, e->high, EXACT_DIGITS);
  fprintf(out, ",%zu]", e->blocks);
}

/* The figures of the cards: what the scripts compute if nothing is hidden. */
static void setting_write(const struct data *d,
                          const struct summary_setting *s) {
  fprintf(d->out,
          "{\"threads\":%g,\"factor\":%g,\"response\":\"%s\",\"cards\":[",
          s->threads, s->factor, summary_response_name(s));
  for (size_t i = 0; i < s->card_count; i++) {
    const struct summary_card *card = &s->cards[i];
    fprintf(d->out, "%s{\"collector\":%zu,\"floor\":%s,\"figures\":[",
            i > 0 ? "," : "", entrant_index(d->page->view, card->entrant),
            card->is_floor ? "true" : "false");
    for (size_t j = 0; j < SUMMARY_FIGURES; j++) {
      fputs(j > 0 ? "," : "", d->out);
      effect_write(d->out, &card->figures[j]);
    }
    fputs("]}", d->out);
  }
  times_write(d, s);
  fputs("]}", d->out);
}

static void settings_write(const struct data *d) {
  bool is_first = true;
  fprintf(d->out, ",\n\"setting\":%zu", d->page->setting);
  name_open(d->out, "settings", '[');
  for (size_t i = 0; i < d->page->setting_count; i++) {
    comma(d->out, &is_first);
    setting_write(d, &d->page->settings[i]);
  }
  fputc(']', d->out);
}

/* --- charts -------------------------------------------------------------- */

/* Of a curve with many points, which says nothing of single ones. */
static bool is_dense(const struct chart_series *s) {
  return s->mark == CHART_PLAIN || s->mark == CHART_DASHED ||
         s->mark == CHART_STEPS;
}

/* The point with the largest y of each bucket, so that peaks stay. */
static size_t thin(const struct chart_series *s, size_t from, size_t step) {
  size_t best = from;
  for (size_t i = from; i < from + step && i < s->count; i++)
    best = s->points[i].y > s->points[best].y ? i : best;
  return best;
}

static void column_write(FILE *out, const struct chart_series *s,
                         const char *name, bool is_needed,
                         double (*of)(struct chart_point)) {
  size_t step = is_dense(s) ? 1 + s->count / POINTS_MAX : 1;
  bool is_any = is_needed;
  for (size_t i = 0; i < s->count; i++)
    is_any |= isfinite(of(s->points[i]));
  if (!is_any)
    return;
  fprintf(out, ",\"%s\":[", name);
  for (size_t i = 0; i < s->count; i += step) {
    fputs(i > 0 ? "," : "", out);
    html_number(out, of(s->points[thin(s, i, step)]), DRAWN_DIGITS);
  }
  fputc(']', out);
}

static double x_of(struct chart_point p) {
  return p.x;
}
static double y_of(struct chart_point p) {
  return p.y;
}
static double low_of(struct chart_point p) {
  return p.low != 0 || p.high != 0 ? p.low : NAN;
}
static double high_of(struct chart_point p) {
  return p.low != 0 || p.high != 0 ? p.high : NAN;
}
static double value_of(struct chart_point p) {
  return *p.label != '\0' ? p.value : NAN;
}

/* The script knows whose point it is: the name before the bar is left out. */
static const char *hover_of(const struct chart_point *p) {
  if (p->hover == NULL)
    return "";
  const char *bar = strstr(p->hover, " | ");
  return bar != NULL ? bar + 3 : p->hover;
}

static const char *label_of(const struct chart_point *p) {
  return p->label != NULL ? p->label : "";
}

static void words_write(FILE *out, const struct chart_series *s,
                        const char *name,
                        const char *(*of)(const struct chart_point *)) {
  bool is_any = false;
  for (size_t i = 0; i < s->count; i++)
    is_any |= *of(&s->points[i]) != '\0';
  if (!is_any || is_dense(s))
    return;
  fprintf(out, ",\"%s\":[", name);
  for (size_t i = 0; i < s->count; i++) {
    fputs(i > 0 ? "," : "", out);
    html_json(out, of(&s->points[i]));
  }
  fputc(']', out);
}

static void series_write(FILE *out, const struct chart_series *s) {
  static const char *const marks[] = {
      [CHART_LINE] = "line",     [CHART_PLAIN] = "plain",
      [CHART_DASHED] = "dashed", [CHART_STEPS] = "steps",
      [CHART_FRONT] = "front",   [CHART_POINTS] = "points",
      [CHART_ROWS] = "rows",     [CHART_NAMED] = "named",
      [CHART_WORDS] = "words",   [CHART_BOXES] = "boxes",
      [CHART_CELLS] = "cells"};
  fprintf(out, "{\"mark\":\"%s\"", marks[s->mark]);
  if (s->name != NULL) {
    fputs(",\"name\":", out);
    html_json(out, s->name);
  }
  if (s->owner != NULL) {
    fputs(",\"owner\":", out);
    html_json(out, s->owner);
  }
  if (s->colour != NULL) {
    fputs(",\"colour\":", out);
    html_json(out, s->colour);
  }
  column_write(out, s, "x", true, x_of);
  column_write(out, s, "y", true, y_of);
  column_write(out, s, "low", false, low_of);
  column_write(out, s, "high", false, high_of);
  column_write(out, s, "value", false, value_of);
  words_write(out, s, "label", label_of);
  words_write(out, s, "hover", hover_of);
  fputc('}', out);
}

static void tics_write(FILE *out, const char *name, const char **tics,
                       size_t count) {
  if (count == 0)
    return;
  fprintf(out, ",\"%s\":[", name);
  for (size_t i = 0; i < count; i++) {
    fputs(i > 0 ? "," : "", out);
    html_json(out, tics[i]);
  }
  fputc(']', out);
}

/* [[colour or null, text], ...] */
static void remarks_write(FILE *out, const struct chart_panel *panel) {
  if (panel->remark_count == 0)
    return;
  fputs(",\"remarks\":[", out);
  for (size_t i = 0; i < panel->remark_count; i++) {
    fputs(i > 0 ? ",[" : "[", out);
    if (panel->remarks[i].colour != NULL)
      html_json(out, panel->remarks[i].colour);
    else
      fputs("null", out);
    fputc(',', out);
    html_json(out, panel->remarks[i].text);
    fputc(']', out);
  }
  fputc(']', out);
}

static void panel_write(const struct data *d, const struct chart_panel *panel) {
  const struct view *v = d->page->view;
  const char *title = panel->title != NULL ? panel->title : "";
  /* "name, service" belongs to the workload of that name. */
  const char *workload = pool_copy(v->pool, title, strcspn(title, ","));
  size_t index = workload_index(v, workload);
  fputs("{\"title\":", d->out);
  html_json(d->out, title);
  if (index < v->workload_count)
    fprintf(d->out, ",\"workload\":%zu", index);
  if (panel->may_be_in_mean)
    fputs(",\"mayBeInMean\":true", d->out);
  tics_write(d->out, "xTics", panel->x_tics, panel->x_tic_count);
  tics_write(d->out, "yTics", panel->y_tics, panel->y_tic_count);
  if (panel->y_top > 0)
    fprintf(d->out, ",\"yTop\":%.5g", panel->y_top);
  remarks_write(d->out, panel);
  fputs(",\"series\":[", d->out);
  bool is_first = true;
  for (size_t i = 0; i < panel->count; i++) {
    if (panel->series[i].count == 0)
      continue;
    comma(d->out, &is_first);
    series_write(d->out, &panel->series[i]);
  }
  fputs("]}", d->out);
}

static void chart_write_data(const struct data *d, const struct chart *c) {
  fprintf(d->out, "{\"name\":\"%s\",\"title\":", c->name);
  html_json(d->out, c->title);
  fputs(",\"xLabel\":", d->out);
  html_json(d->out, c->x_label);
  fputs(",\"yLabel\":", d->out);
  html_json(d->out, c->y_label);
  fprintf(d->out,
          ",\"logX\":%s,\"logY\":%s,\"zeroX\":%s,\"zeroY\":%s,\"panels\":[",
          c->is_log_x ? "true" : "false", c->is_log_y ? "true" : "false",
          c->is_zero_x ? "true" : "false", c->is_zero_y ? "true" : "false");
  bool is_first = true;
  for (size_t i = 0; i < c->count; i++) {
    comma(d->out, &is_first);
    panel_write(d, &c->panels[i]);
  }
  fputs("]}", d->out);
}

static void charts_write(const struct data *d) {
  bool is_first = true;
  name_open(d->out, "charts", '[');
  for (size_t i = 0; i < d->page->chart_count; i++) {
    if (chart_is_empty(&d->page->charts[i]))
      continue;
    comma(d->out, &is_first);
    chart_write_data(d, &d->page->charts[i]);
  }
  fputc(']', d->out);
}

/* --- all of it ----------------------------------------------------------- */

void data_write(const struct page *p) {
  struct data d = {.page = p, .out = p->out};
  programs_find(&d);
  fputs("<script type=\"application/json\" id=\"data\">{\"base\":", p->out);
  html_json(p->out, p->view->versus.sides[0].name);
  fprintf(p->out, ",\"blocks\":%zu", p->view->blocks);
  names_write(&d);
  settings_write(&d);
  ratios_write(&d);
  charts_write(&d);
  fputs("}</script>\n", p->out);
}
