/* SPDX-License-Identifier: MIT */
#include "bench/rows/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/stats/overall.h"

/* How many workloads a card names as its wins, and as its losses. */
enum { NAMED_MAX = 4 };
/* Garbage at the end of a run that is worth a word: bytes, and as a share of
   the peak. Less is what a conservative or lazy collector has not found. */
static const double GARBAGE_LEAST = 1 << 20, GARBAGE_SHARE = 0.1;

static const char *const ratio_columns[SUMMARY_RATIOS] = {
    [SUMMARY_WALL] = "wall_ns",
    [SUMMARY_CPU] = "task_clock_ns",
    [SUMMARY_MEMORY] = "held_peak"};
struct making {
  struct pool *pool;
  struct span all;
  struct versus versus[SUMMARY_RATIOS];
  struct summary *summary;
};

bool summary_has(const struct summary_setting *s, const struct entry *e) {
  return e->threads == s->threads &&
         (e->heap_factor == s->factor || e->is_floor);
}

/* --- ratios -------------------------------------------------------------- */

static void sides_add(struct making *m, struct versus_side **sides,
                      size_t *count, const char *name) {
  for (size_t i = 0; i < *count; i++) {
    if (strcmp((*sides)[i].name, name) == 0)
      return;
  }
  *sides = pool_grow(m->pool, *sides, *count, sizeof **sides);
  (*sides)[(*count)++] = (struct versus_side){name, name, 0};
}

static void versus_make(struct making *m) {
  struct versus_side *sides = NULL;
  size_t count = 0;
  sides_add(m, &sides, &count,
            entry_find_entrant(m->all, entry_yardstick(m->all)));
  for (const struct entry *e = m->all.begin; e < m->all.end; e++)
    sides_add(m, &sides, &count, e->entrant);
  for (size_t i = 0; i < SUMMARY_RATIOS; i++) {
    const char *name = ratio_columns[i];
    m->versus[i] =
        (struct versus){.pool = m->pool,
                        .all = m->all,
                        .column = run_column_find(name, strlen(name)),
                        .is_headline = i == SUMMARY_WALL,
                        .sides = sides,
                        .side_count = count};
    versus_compute(&m->versus[i]);
  }
}

static bool is_line_of(const struct versus_line *line,
                       const struct summary_setting *s, const char *entrant) {
  return line->heap->threads == s->threads &&
         line->heap->heap_factor == s->factor &&
         (entrant == NULL || strcmp(line->side->name, entrant) == 0);
}

static bool is_same_workload(const struct entry *a, const struct entry *b) {
  return strcmp(a->fields[RUN_WORKLOAD], b->fields[RUN_WORKLOAD]) == 0 &&
         strcmp(a->fields[RUN_PARAMS], b->fields[RUN_PARAMS]) == 0;
}

/* Is it a workload that can be won or lost? */
static bool is_counted(const struct versus_line *line) {
  return line->workloads == 0 && line->reason == NULL &&
         line->instead == NULL && !versus_is_apart(line);
}

/* Did all sides complete the workload of this line? The floor has no say. */
static bool is_common(const struct versus *v, const struct summary_setting *s,
                      const struct versus_line *of) {
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (line->workloads == 0 && is_line_of(line, s, NULL) &&
        is_same_workload(line->heap, of->heap) && !line->cell->is_floor &&
        !is_counted(line))
      return false;
  }
  return true;
}

static bool has_means(const struct versus *v, const struct summary_setting *s) {
  for (size_t i = 0; i < v->line_count; i++) {
    if (v->lines[i].workloads > 0 && is_line_of(&v->lines[i], s, NULL))
      return true;
  }
  return false;
}

/* The mean of an entrant, or of any if it is NULL. If all completed a single
   workload of the setting, its line is the mean. NULL: there is none. */
static const struct versus_line *mean_find(const struct versus *v,
                                           const struct summary_setting *s,
                                           const char *entrant) {
  const struct versus_line *only = NULL;
  bool is_single = !has_means(v, s);
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (!is_line_of(line, s, entrant))
      continue;
    if (line->workloads > 0)
      return line;
    if (!is_counted(line) || !is_common(v, s, line))
      continue;
    is_single &= only == NULL || is_same_workload(only->heap, line->heap);
    only = line;
  }
  return is_single ? only : NULL;
}

static bool is_member(const struct versus_line *mean, const struct entry *e) {
  for (size_t i = 0; i < mean->workloads; i++) {
    if (is_same_workload(mean->members[i], e))
      return true;
  }
  return mean->workloads == 0 && is_same_workload(mean->cell, e);
}

/* --- times --------------------------------------------------------------- */

double summary_time(const struct summary_setting *s, enum summary_figure figure,
                    const struct entry *e) {
  if (figure == SUMMARY_RESPONSE)
    return s->response < RUN_COLUMNS ? entry_number(e, s->response) : NAN;
  double ns = entry_figure(e, "pause_p999_ns");
  return isnan(ns) ? entry_figure(e, "pause_max_ns") : ns;
}

/* The highest percentile of response times that all valid runs of the setting
   have; RUN_COLUMNS: they have none. */
static size_t response_find(const struct making *m,
                            const struct summary_setting *s) {
  size_t column = headline_response();
  for (const struct entry *e = m->all.begin; e < m->all.end; e++) {
    if (e->is_ok && summary_has(s, e) && headline_is_paced(e))
      column = headline_lower(column, e);
  }
  return column;
}

/* Takes the figure of the valid runs of a workload. False if one of them has
   none, or 0. */
static bool times_take(const struct making *m, const struct summary_setting *s,
                       const char *entrant, const struct entry *workload,
                       enum summary_figure figure, double *out) {
  size_t found = 0;
  for (const struct entry *e = m->all.begin; e < m->all.end; e++) {
    if (!e->is_ok || !summary_has(s, e) || strcmp(e->entrant, entrant) != 0 ||
        !is_same_workload(e, workload))
      continue;
    double value = summary_time(s, figure, e);
    if (!(value > 0))
      return false;
    out[(size_t)e->block - 1] = value;
    found++;
  }
  return found > 0;
}

static size_t blocks_most(struct span all) {
  double most = 1;
  for (const struct entry *e = all.begin; e < all.end; e++)
    most = fmax(most, e->block);
  return (size_t)most;
}

/* The mean over the workloads that have such times, and that are in `among`. */
static struct effect times_mean(const struct making *m,
                                const struct summary_setting *s,
                                const char *entrant, enum summary_figure figure,
                                const struct versus_line *among) {
  size_t blocks = blocks_most(m->all), rows = 0;
  size_t room = (size_t)(m->all.end - m->all.begin) * blocks;
  double *values = pool_alloc(m->pool, room * sizeof *values);
  struct span cell = {m->all.begin, m->all.begin};
  while (cell.end < m->all.end) {
    cell = span_of(cell.end, m->all.end, entry_compare_cells);
    double *row = values + rows * blocks;
    for (size_t i = 0; i < blocks; i++)
      row[i] = NAN;
    if (cell.begin->threads == s->threads &&
        cell.begin->heap_factor == s->factor &&
        (among == NULL || is_member(among, cell.begin)))
      rows += times_take(m, s, entrant, cell.begin, figure, row);
  }
  struct moderated_line line = overall_line(values, rows, blocks);
  moderate(&line, 1, 0);
  return (struct effect){.blocks = line.blocks,
                         .ratio = exp(line.mean),
                         .low = line.low,
                         .high = line.high};
}

/* --- words --------------------------------------------------------------- */

/* Two blocks that differ give intervals of many orders of magnitude. */
static const double INTERVAL_MOST = 1000;

const char *summary_interval(struct pool *pool, double low, double high) {
  if (isnan(low))
    return "";
  if (!(high < low * INTERVAL_MOST))
    return " (too few blocks to tell)";
  return pool_format(pool, " (%s to %s)", digits_text(pool, low),
                     digits_text(pool, high));
}

struct named {
  const char *name;
  double ratio;
};

static int compare_named(const void *left, const void *right) {
  double a = fabs(log(((const struct named *)left)->ratio));
  double b = fabs(log(((const struct named *)right)->ratio));
  return (a < b) - (a > b);
}

static const char *list_add(struct pool *pool, const char *list,
                            const char *item) {
  return pool_format(pool, "%s%s%s", list, *list != '\0' ? ", " : "", item);
}

/* "cells 0.29, rings 0.46": the workloads with this verdict, from the largest
   effect on. */
static const char *named_text(const struct making *m,
                              const struct summary_setting *s,
                              const char *entrant, enum verdict_word word) {
  const struct versus *v = &m->versus[SUMMARY_WALL];
  struct named *all = pool_alloc(m->pool, (v->line_count + 1) * sizeof *all);
  size_t count = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (is_counted(line) && line->verdict.word == word &&
        is_line_of(line, s, entrant))
      all[count++] =
          (struct named){line->cell->fields[RUN_WORKLOAD], line->effect.ratio};
  }
  if (count > 1)
    qsort(all, count, sizeof *all, compare_named);
  const char *text = "";
  for (size_t i = 0; i < count && i < NAMED_MAX; i++)
    text = list_add(m->pool, text,
                    pool_format(m->pool, "%s %s", all[i].name,
                                digits_text(m->pool, all[i].ratio)));
  return count > NAMED_MAX ? list_add(m->pool, text, "...") : text;
}

static const char *paced_text(const struct making *m,
                              const struct summary_setting *s,
                              const char *entrant) {
  const struct versus *v = &m->versus[SUMMARY_WALL];
  const char *text = "";
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (line->column == v->column || line->reason != NULL ||
        line->instead != NULL || !is_line_of(line, s, entrant))
      continue;
    text = list_add(m->pool, text,
                    pool_format(m->pool, "%s %s%s", versus_subject(v, line),
                                digits_text(m->pool, line->effect.ratio),
                                summary_interval(m->pool, line->effect.low,
                                                 line->effect.high)));
  }
  return text;
}

/* "splay (3 oom)": the workloads that no run of it completed. */
static const char *failures_text(const struct making *m,
                                 const struct summary_setting *s,
                                 const char *entrant) {
  const char *text = "";
  struct span span = {m->all.begin, m->all.begin};
  while (span.end < m->all.end) {
    span = span_of(span.end, m->all.end, entry_compare_entrants);
    if (!summary_has(s, span.begin) ||
        strcmp(span.begin->entrant, entrant) != 0 ||
        entry_count_status(span, "ok") > 0)
      continue;
    const char *status = span.begin->fields[RUN_STATUS];
    text = list_add(m->pool, text,
                    pool_format(m->pool, "%s (%zu %s)",
                                span.begin->fields[RUN_WORKLOAD],
                                entry_count_status(span, status), status));
  }
  return text;
}

/* --- cards --------------------------------------------------------------- */

static void card_count(const struct making *m, const struct summary_setting *s,
                       struct summary_card *card) {
  const struct versus *v = &m->versus[SUMMARY_WALL];
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (is_counted(line) && is_line_of(line, s, card->entrant))
      card->counts[line->verdict.word]++;
  }
}

static void card_look(const struct making *m, const struct summary_setting *s,
                      struct summary_card *card) {
  for (const struct entry *e = m->all.begin; e < m->all.end; e++) {
    if (!summary_has(s, e) || strcmp(e->entrant, card->entrant) != 0)
      continue;
    card->is_floor |= e->is_floor;
    double garbage = e->is_ok ? entry_number(e, RUN_GARBAGE_END) : NAN;
    double peak = e->is_ok ? entry_figure(e, "held_peak") : NAN;
    if (garbage >= GARBAGE_LEAST && !(garbage < GARBAGE_SHARE * peak) &&
        garbage > card->garbage) {
      card->garbage = garbage;
      card->leaky = e->fields[RUN_WORKLOAD];
    }
  }
}

static struct summary_card card_make(const struct making *m,
                                     const struct summary_setting *s,
                                     const char *entrant) {
  struct summary_card card = {.entrant = entrant};
  bool is_base = strcmp(entrant, s->base) == 0;
  card_count(m, s, &card);
  card_look(m, s, &card);
  for (size_t i = 0; i < SUMMARY_RATIOS; i++) {
    const struct versus_line *mean = mean_find(&m->versus[i], s, entrant);
    struct effect *e = &card.figures[i];
    *e = (struct effect){.ratio = is_base && s->workloads > 0 ? 1 : NAN,
                         .low = NAN,
                         .high = NAN};
    if (mean != NULL)
      *e = mean->effect;
  }
  card.is_absent = isnan(card.figures[SUMMARY_WALL].ratio);
  card.figures[SUMMARY_PAUSE] =
      times_mean(m, s, entrant, SUMMARY_PAUSE,
                 mean_find(&m->versus[SUMMARY_WALL], s, NULL));
  card.figures[SUMMARY_RESPONSE] =
      times_mean(m, s, entrant, SUMMARY_RESPONSE, NULL);
  card.faster = named_text(m, s, entrant, VERDICT_LESS);
  card.slower = named_text(m, s, entrant, VERDICT_MORE);
  card.paced = paced_text(m, s, entrant);
  card.failures = failures_text(m, s, entrant);
  return card;
}

/* The workloads whose figures say something of the collector. */
static size_t workloads_count(const struct making *m,
                              const struct summary_setting *s) {
  const struct versus *v = &m->versus[SUMMARY_WALL];
  const struct entry *last = NULL;
  size_t count = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (line->workloads > 0 || versus_is_apart(line) ||
        line->side != &v->sides[1] || !is_line_of(line, s, NULL))
      continue;
    count += last == NULL || !is_same_workload(last, line->heap);
    last = line->heap;
  }
  return count;
}

static void setting_fill(const struct making *m, struct summary_setting *s) {
  const struct versus *v = &m->versus[SUMMARY_WALL];
  const struct versus_line *mean = mean_find(v, s, NULL);
  s->base = v->sides[0].name;
  s->response = response_find(m, s);
  if (mean != NULL) {
    s->workloads = mean->workloads > 0 ? mean->workloads : 1;
    s->of = mean->workloads > 0 ? mean->of : workloads_count(m, s);
  }
  s->cards = pool_alloc(m->pool, v->side_count * sizeof *s->cards);
  for (size_t i = 0; i < v->side_count; i++)
    s->cards[s->card_count++] = card_make(m, s, v->sides[i].name);
}

/* A setting that only collectors without a limit ran is none. */
static void setting_add(struct making *m, const struct entry *e) {
  struct summary *summary = m->summary;
  struct summary_setting s = {.threads = e->threads, .factor = e->heap_factor};
  for (size_t i = 0; i < summary->setting_count; i++) {
    if (summary->settings[i].threads == s.threads &&
        summary->settings[i].factor == s.factor)
      return;
  }
  summary->settings =
      pool_grow(m->pool, summary->settings, summary->setting_count, sizeof s);
  summary->settings[summary->setting_count++] = s;
}

static int compare_settings(const void *left, const void *right) {
  const struct summary_setting *a = left, *b = right;
  int order = (a->threads > b->threads) - (a->threads < b->threads);
  return order != 0 ? order : (a->factor > b->factor) - (a->factor < b->factor);
}

static bool is_beside(const struct summary *all,
                      const struct summary_setting *s) {
  for (size_t i = 0; i < all->setting_count; i++) {
    if (s->factor == 0 && all->settings[i].factor > 0 &&
        all->settings[i].threads == s->threads)
      return true;
  }
  return false;
}

/* Moves settings without a limit to where they belong. */
static void settings_part(struct summary *summary) {
  const struct summary all = *summary;
  size_t room = all.setting_count * sizeof *all.settings;
  summary->settings = pool_alloc(all.pool, room);
  summary->unlimited = pool_alloc(all.pool, room);
  summary->setting_count = 0;
  for (size_t i = 0; i < all.setting_count; i++) {
    if (is_beside(&all, &all.settings[i]))
      summary->unlimited[summary->unlimited_count++] = all.settings[i];
    else
      summary->settings[summary->setting_count++] = all.settings[i];
  }
}

void summary_make(struct summary *summary, struct pool *pool, struct span all) {
  struct making m = {.pool = pool, .all = all, .summary = summary};
  *summary = (struct summary){.pool = pool};
  versus_make(&m);
  for (const struct entry *e = all.begin; e < all.end; e++) {
    if (!e->is_floor)
      setting_add(&m, e);
  }
  if (summary->setting_count == 0)
    setting_add(&m, all.begin);
  qsort(summary->settings, summary->setting_count, sizeof *summary->settings,
        compare_settings);
  for (size_t i = 0; i < summary->setting_count; i++)
    setting_fill(&m, &summary->settings[i]);
  settings_part(summary);
}

/* --- domination ---------------------------------------------------------- */

/* A collector that makes no pauses is best at them. */
static double cost(const struct summary_card *card, enum summary_figure f) {
  double value = card->figures[f].ratio;
  return isnan(value) && f == SUMMARY_PAUSE ? 0 : value;
}

bool summary_dominates(const struct summary_card *a,
                       const struct summary_card *b) {
  static const enum summary_figure by[] = {SUMMARY_WALL, SUMMARY_MEMORY,
                                           SUMMARY_PAUSE};
  bool is_better = false;
  for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
    double of_a = cost(a, by[i]), of_b = cost(b, by[i]);
    if (!(of_a <= of_b))
      return false;
    is_better |= of_a < of_b;
  }
  return is_better;
}
