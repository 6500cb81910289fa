/* SPDX-License-Identifier: MIT */
/* What captions say: how to read a chart, and what it shows here. */
#include <math.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/report/page.h"

/* --- how to read --------------------------------------------------------- */

typedef const char *caption_text(const struct page *, const struct chart *);
static caption_text winners_text, lowest_text, longest_text, utilised_text,
    latest_text, largest_text;

static const struct caption {
  const char *name, *title, *subject, *how;
  caption_text *here;
} captions[] = {
    {"lbo-wall", "", "overhead against heap size",
     "Wall time over a lower bound of what the program costs without any "
     "collector. A curve that falls to the right trades memory for time.",
     lowest_text},
    {"lbo-cpu", "", "",
     "The same for processor time, which also counts work on other cores.",
     lowest_text},
    {"forest", "Forest", "ratios between collectors",
     "Each mark is a ratio to the base with its interval; left of 1 is "
     "faster. An interval that crosses 1 decides nothing.",
     winners_text},
    {"heat", "Heat map", "",
     "Ratios of wall time to the base. Blue is faster, red is slower, the "
     "deeper the more; an empty square has no completed run.",
     winners_text},
    {"pauses", "", "single pauses (pauses.csv)",
     "The share of pauses that are at most so long. A curve further left has "
     "shorter pauses; a collector without a curve never stopped the world.",
     longest_text},
    {"mmu-system", "", "utilisation",
     "The least share of processor time that the program had in any window of "
     "this length. Higher is better.",
     utilised_text},
    {"mmu-worst", "", "",
     "The same for the thread that had the least. Higher is better.",
     utilised_text},
    {"latency", "", "latencies of requests (latency.csv)",
     "The latency that a share of the requests stays within; each nine has the "
     "same width. Lower is better; the right end is the tail.",
     latest_text},
    {"footprint", "", "memory over time (timeline.csv)",
     "Memory over one run. The area below a curve is what the run occupied.",
     largest_text},
    {"scaling", "", "throughput against threads",
     "Operations a second with more threads. A level line gains nothing from "
     "them.",
     NULL},
    {"cost", "", "where the time goes",
     "Wall time, divided into phases of pauses and the rest.", NULL},
    {"time-wall", "", "", "Wall time under each heap limit. Lower is better.",
     NULL},
    {"time-cpu", "", "",
     "Processor time under each heap limit. Lower is better.", NULL},
    {"pareto", "", "time against memory",
     "Time against peak memory, one mark for each heap limit. Nothing is "
     "better in both than a mark on the grey line.",
     NULL},
    {"sweep", "", "", "Times against a parameter of the workload.", NULL},
    {"tuning", "", "", "Time against memory for each tuning of a collector.",
     NULL},
};

static const struct caption *caption_find(const struct chart *c) {
  static const struct caption unknown = {"", "", "", "", NULL};
  for (size_t i = 0; i < sizeof captions / sizeof *captions; i++) {
    if (strcmp(captions[i].name, c->name) == 0)
      return &captions[i];
  }
  return &unknown;
}

const char *caption_how(const struct chart *c) {
  return caption_find(c)->how;
}

const char *caption_title(const struct page *p, const struct chart *c) {
  const char *kind = caption_find(c)->title;
  return *kind != '\0' ? pool_format(p->view->pool, "%s: %s", kind, c->title)
                       : c->title;
}

const char *caption_subject(const struct chart *c) {
  return caption_find(c)->subject;
}

static size_t place_of(const char *name) {
  size_t i = 0;
  while (i < sizeof captions / sizeof *captions &&
         strcmp(captions[i].name, name) != 0)
    i++;
  return i;
}

int caption_compare(const void *left, const void *right) {
  size_t a = place_of(((const struct chart *)left)->name);
  size_t b = place_of(((const struct chart *)right)->name);
  return (a > b) - (a < b);
}

const char *caption_here(const struct page *p, const struct chart *c) {
  const struct caption *caption = caption_find(c);
  return caption->here != NULL ? caption->here(p, c) : "";
}

/* --- who wins ------------------------------------------------------------ */

/* The ratio of an entrant in a workload; 1 for the base; NAN if it has none. */
static double ratio_of(const struct page *p, size_t workload,
                       const char *entrant) {
  const struct view *v = p->view;
  const struct versus *versus = &p->versus;
  struct choice c = {v->workloads[workload], NULL, v->at_threads, v->at_factor,
                     NULL};
  bool is_base = strcmp(entrant, versus->sides[0].name) == 0;
  for (size_t i = 0; i < versus->line_count; i++) {
    const struct versus_line *l = &versus->lines[i];
    if (l->workloads > 0 || l->reason != NULL || l->instead != NULL ||
        versus_is_apart(l) || !choice_has(&c, l->heap))
      continue;
    if (is_base)
      return 1;
    if (strcmp(l->side->name, entrant) == 0)
      return l->effect.ratio;
  }
  return NAN;
}

/* The best and the worst entrant of a workload, of those with a limit. False if
   there are fewer than two. */
static bool ends_find(const struct page *p, size_t workload, size_t *best,
                      size_t *worst) {
  const struct view *v = p->view;
  size_t found = 0;
  double least = INFINITY, most = -INFINITY;
  for (size_t i = 0; i < v->entrant_count; i++) {
    double ratio = ratio_of(p, workload, v->entrants[i]);
    if (isnan(ratio) || !view_has_limit(v, v->entrants[i]))
      continue;
    found++;
    if (ratio < least) {
      least = ratio;
      *best = i;
    }
    if (ratio > most) {
      most = ratio;
      *worst = i;
    }
  }
  return found > 1;
}

/* "none on 15, gen on 3" */
static const char *counts_text(const struct view *v, const size_t *counts) {
  const char *text = "";
  for (size_t i = 0; i < v->entrant_count; i++) {
    if (counts[i] > 0)
      text = pool_format(v->pool, "%s%s%s on %zu", text,
                         *text != '\0' ? ", " : "", v->entrants[i], counts[i]);
  }
  return text;
}

/* "Of 19 workloads, gen is fastest on 9, ...; slowest are rc on 2, ..." */
static const char *winners_text(const struct page *p, const struct chart *c) {
  const struct view *v = p->view;
  (void)c;
  size_t *first = pool_alloc(v->pool, v->entrant_count * sizeof *first);
  size_t *last = pool_alloc(v->pool, v->entrant_count * sizeof *last);
  size_t of = 0, best = 0, worst = 0;
  for (size_t w = 0; w < v->workload_count; w++) {
    if (!ends_find(p, w, &best, &worst))
      continue;
    of++;
    first[best]++;
    last[worst]++;
  }
  if (of == 0)
    return "";
  return pool_format(v->pool, "Of %zu workload%s, fastest: %s; slowest: %s.",
                     of, of == 1 ? "" : "s", counts_text(v, first),
                     counts_text(v, last));
}

/* --- extremes ------------------------------------------------------------ */

struct extreme {
  const char *entrant, *panel;
  double value;
};

/* The greatest value of a chart, in x or y. */
static struct extreme greatest(const struct chart *c, bool in_x) {
  struct extreme e = {NULL, NULL, -INFINITY};
  for (size_t i = 0; i < c->count; i++) {
    for (size_t j = 0; j < c->panels[i].count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      for (size_t k = 0; k < s->count; k++) {
        double value = in_x ? s->points[k].x : s->points[k].y;
        if (value > e.value)
          e = (struct extreme){s->name, c->panels[i].title, value};
      }
    }
  }
  return e;
}

static const char *longest_text(const struct page *p, const struct chart *c) {
  struct extreme e = greatest(c, true);
  return pool_format(p->view->pool, "The longest pause is %s, by %s (%s).",
                     time_text(p->view->pool, 1e6 * e.value), e.entrant,
                     e.panel);
}

static const char *latest_text(const struct page *p, const struct chart *c) {
  struct extreme e = greatest(c, false);
  return pool_format(p->view->pool, "The highest latency is %s, by %s (%s).",
                     time_text(p->view->pool, 1e6 * e.value), e.entrant,
                     e.panel);
}

static const char *largest_text(const struct page *p, const struct chart *c) {
  struct extreme e = greatest(c, false);
  return pool_format(p->view->pool, "The largest is %s, by %s (%s).",
                     bytes_text(p->view->pool, e.value * (1 << 20)), e.entrant,
                     e.panel);
}

/* The points of a collector at a window of 10 ms, counted by workload. */
static const char *utilised_text(const struct page *p, const struct chart *c) {
  struct extreme e = {NULL, NULL, INFINITY};
  for (size_t i = 0; i < c->count; i++) {
    for (size_t j = 0; j < c->panels[i].count; j++) {
      const struct chart_series *s = &c->panels[i].series[j];
      for (size_t k = 0; k < s->count; k++) {
        if (s->points[k].x == 10 && s->points[k].y < e.value)
          e = (struct extreme){s->name, c->panels[i].title, s->points[k].y};
      }
    }
  }
  if (e.entrant == NULL)
    return "";
  return pool_format(p->view->pool,
                     "In its worst 10 ms, the program had %.0f %% with %s "
                     "(%s).",
                     100 * e.value, e.entrant, e.panel);
}

/* The means are in the last panel. */
static const char *lowest_text(const struct page *p, const struct chart *c) {
  const struct chart_panel *panel = &c->panels[c->count - 1];
  const char *text = "";
  for (size_t i = 0; i < panel->count; i++) {
    const struct chart_series *s = &panel->series[i];
    double least = NAN;
    for (size_t k = 0; k < s->count; k++)
      least = fmin(least, s->points[k].y);
    if (!isnan(least))
      text = pool_format(p->view->pool, "%s%s%s %s", text,
                         *text != '\0' ? ", " : "", s->name,
                         digits_text(p->view->pool, least));
  }
  if (*text == '\0')
    return "No heap limit was enough for all workloads, so there are no means.";
  return pool_format(p->view->pool, "Lowest means over workloads: %s.", text);
}
