/* SPDX-License-Identifier: MIT */
/* The first screen: what was raced, how far to trust it, and a card for each
   collector in each setting. */
#include <math.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/report/html.h"
#include "bench/report/page.h"
#include "bench/report/trust.h"
#include "bench/rows/summary_words.h"

/* --- the race ------------------------------------------------------------ */

static const char *range(const struct page *p, const double *numbers,
                         size_t count) {
  return count == 1 ? pool_format(p->view->pool, "%g", numbers[0])
                    : pool_format(p->view->pool, "%g to %g", numbers[0],
                                  numbers[count - 1]);
}

static const char *heaps_text(const struct page *p) {
  const struct view *v = p->view;
  double most = v->factors[v->factor_count - 1];
  size_t unlimited = v->factors[0] == 0;
  if (most == 0)
    return "no heap limit";
  return pool_format(
      v->pool, "heap factor %s",
      range(p, v->factors + unlimited, v->factor_count - unlimited));
}

static const char *plural(struct pool *pool, size_t count, const char *what) {
  return pool_format(pool, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void race_write(const struct page *p) {
  const struct view *v = p->view;
  const char *const *first = v->all.begin->fields;
  const char *cores =
      v->cores > 0 ? pool_format(v->pool, " (%ld cores)", v->cores) : "";
  html_element(
      p->out, "p", "class=\"race\"",
      pool_format(v->pool,
                  "%s on %s; threads: %s; %s. %td runs (%s) on %s%s, %s, "
                  "commit %.10s, from %s.",
                  plural(v->pool, v->entrant_count, "collector"),
                  plural(v->pool, v->workload_count, "workload"),
                  range(p, v->threads, v->thread_count), heaps_text(p),
                  v->all.end - v->all.begin, trust_outcomes(v),
                  first[RUN_MACHINE], cores, first[RUN_COMPILER],
                  *first[RUN_COMMIT] != '\0' ? first[RUN_COMMIT] : "unknown",
                  first[RUN_STARTED_UTC]));
  fputs("\n<details class=\"trust\"><summary><b>How far to trust it:</b> ",
        p->out);
  trust_line(v, p->out);
  fputs("</summary>\n", p->out);
  trust_details(v, p->out);
  fputs("</details>\n", p->out);
}

/* --- cards --------------------------------------------------------------- */

static const struct {
  const char *name, *hint;
} figures[SUMMARY_FIGURES] = {
    {"time", "wall time"},
    {"CPU", "processor time"},
    {"memory", "peak of the bytes that the heap holds"},
    {"pause", "99.9th percentile of the pauses of a run; the longest of "
              "a run with fewer than 1000"},
    {"response", "a high percentile of response times, from when a request "
                 "was due"}};

/* Has any collector this figure, beside the base, which is 1 by definition? */
static bool is_known(const struct summary_setting *s, size_t i) {
  bool is_any = false;
  for (size_t j = 0; j < s->card_count; j++) {
    bool is_base = strcmp(s->cards[j].entrant, s->base) == 0;
    is_any |= !isnan(s->cards[j].figures[i].ratio) &&
              (i >= SUMMARY_RATIOS || !is_base);
  }
  return is_any;
}

static const char *figure_text(const struct page *p, size_t i, double value) {
  struct pool *pool = p->view->pool;
  return i < SUMMARY_RATIOS ? digits_text(pool, value) : time_text(pool, value);
}

/* An interval this wide says nothing; the page does not print its ends. */
static const double WIDE = 1e4;

static const char *interval_text(const struct page *p, size_t i,
                                 const struct effect *e) {
  if (isnan(e->low))
    return "";
  if (!(e->high < WIDE * e->low))
    return "hardly known";
  struct pool *pool = p->view->pool;
  struct unit unit =
      i < SUMMARY_RATIOS ? (struct unit){"", 1} : time_unit(e->ratio);
  return pool_format(pool, "%s to %s%s%s", digits_text(pool, e->low / unit.ns),
                     digits_text(pool, e->high / unit.ns),
                     *unit.name != '\0' ? " " : "", unit.name);
}

static void figure_write(const struct page *p, size_t i,
                         const struct effect *e) {
  fprintf(p->out, "<div data-figure=\"%zu\"><dt title=\"%s\">%s</dt><dd>", i,
          figures[i].hint, figures[i].name);
  if (isnan(e->ratio)) {
    fputs("<b>–</b><small></small>", p->out);
  } else {
    html_element(p->out, "b", "", figure_text(p, i, e->ratio));
    html_element(p->out, "small", "", interval_text(p, i, e));
  }
  fputs("</dd></div>\n", p->out);
}

static void words_write(const struct page *p, const char *class,
                        const char *text) {
  if (*text == '\0')
    return;
  html_element(p->out, "p", pool_format(p->view->pool, "class=\"%s\"", class),
               text);
}

/* "faster on 8 (cells 0.29, ...)": how many, and the clearest of them. */
static const char *counted(const struct page *p, const char *text,
                           const char *word, size_t count, const char *names) {
  if (count == 0)
    return text;
  size_t first = strcspn(names, ",");
  const char *rest = names[first] != '\0' ? ", ..." : "";
  return pool_format(p->view->pool, "%s%s%s on %zu%s%.*s%s%s", text,
                     *text != '\0' ? ", " : "", word, count,
                     *names != '\0' ? " (" : "", (int)first, names, rest,
                     *names != '\0' ? ")" : "");
}

/* Where it wins, in a line; the script writes the same (winsText). */
static const char *wins_text(const struct page *p,
                             const struct summary_card *card) {
  const size_t *counts = card->counts;
  const char *text =
      counted(p, "", "faster", counts[VERDICT_LESS], card->faster);
  text = counted(p, text, "slower", counts[VERDICT_MORE], card->slower);
  text = counted(p, text, "same", counts[VERDICT_SAME], "");
  return counted(p, text, "undecided", counts[VERDICT_UNDECIDED], "");
}

static void list_write(const struct page *p, const char *word,
                       const char *names) {
  struct pool *pool = p->view->pool;
  html_element(p->out, "p", pool_format(pool, "class=\"most %s\"", word),
               *names != '\0' ? pool_format(pool, "%s: %s", word, names) : "");
}

/* The rest is behind a click. */
static void wins_write(const struct page *p, const struct summary_setting *s,
                       const struct summary_card *card) {
  const char *wins = wins_text(p, card);
  fprintf(p->out, "<details%s>", *wins == '\0' ? " hidden" : "");
  html_element(p->out, "summary", "class=\"wins\"", wins);
  list_write(p, "faster", card->faster);
  list_write(p, "slower", card->slower);
  if (*card->paced != '\0')
    words_write(p, "rest paced",
                pool_format(p->view->pool, "At a set rate, to %s: %s.", s->base,
                            card->paced));
  fputs("</details>", p->out);
}

static const char *collector_summary(const struct page *p,
                                     const char *entrant) {
  const char *base = catalog_base(p->view->pool, entrant);
  for (size_t i = 0; i < p->catalog->collector_count; i++) {
    const struct catalog_collector *c = &p->catalog->collectors[i];
    if (strcmp(c->name, base) == 0 && c->summary != NULL)
      return c->summary;
  }
  return "";
}

void chip_write(const struct page *p, const char *entrant) {
  size_t i = 0;
  while (strcmp(p->view->entrants[i], entrant) != 0)
    i++;
  fprintf(p->out,
          "<span class=\"chip\" style=\"background:var(--c%zu,%s)\"></span>", i,
          view_style(p->view, entrant).colour);
}

/* What of it is lost to the reader who looks at ratios only. */
static void losses_write(const struct page *p,
                         const struct summary_card *card) {
  struct pool *pool = p->view->pool;
  if (*card->failures != '\0')
    words_write(p, "failed",
                pool_format(pool, "Did not complete: %s.", card->failures));
  if (card->garbage > 0)
    words_write(p, "failed",
                pool_format(pool, "Leaves up to %s of garbage (%s).",
                            bytes_text(pool, card->garbage), card->leaky));
}

static void head_write(const struct page *p, const struct summary_setting *s,
                       const struct summary_card *card) {
  bool is_base = strcmp(card->entrant, s->base) == 0;
  const char *role = is_base           ? "the base of ratios"
                     : card->is_floor  ? "no limit: the floor"
                     : card->is_absent ? "too few workloads for means"
                                       : "";
  fputs("<h3>", p->out);
  chip_write(p, card->entrant);
  html_text(p->out, card->entrant);
  if (*role != '\0')
    html_element(p->out, "small", "class=\"role\"", role);
  fputs("</h3>", p->out);
  words_write(p, "what", collector_summary(p, card->entrant));
}

static void card_write(const struct page *p, const struct summary_setting *s,
                       const struct summary_card *card) {
  fputs("<article class=\"card\" data-collector=\"", p->out);
  html_text(p->out, card->entrant);
  fputs("\">", p->out);
  head_write(p, s, card);
  fputs("<dl>", p->out);
  for (size_t i = 0; i < SUMMARY_FIGURES; i++) {
    if (is_known(s, i))
      figure_write(p, i, &card->figures[i]);
  }
  fputs("</dl>", p->out);
  losses_write(p, card);
  wins_write(p, s, card);
  fputs("</article>\n", p->out);
}

static const char *scope_text(const struct page *p,
                              const struct summary_setting *s) {
  struct pool *pool = p->view->pool;
  if (s->workloads == 0)
    return "No workload was completed by enough collectors for means.";
  return pool_format(
      pool,
      "Time, CPU and memory are geometric means over %zu of %zu workloads, as "
      "ratios to %s: below 1 is better.",
      s->workloads, s->of, s->base);
}

static void setting_write(const struct page *p, size_t i) {
  const struct summary_setting *s = &p->settings[i];
  fprintf(p->out, "<div class=\"setting\" data-setting=\"%zu\"%s>", i,
          i == p->setting ? "" : " hidden");
  html_element(p->out, "p", "class=\"best\"", summary_best(p->view->pool, s));
  words_write(p, "scope", scope_text(p, s));
  for (size_t j = 0; j < s->card_count; j++)
    card_write(p, s, &s->cards[j]);
  fputs("</div>\n", p->out);
}

/* The reader chooses a setting if there are several. */
static void choice_write(const struct page *p) {
  fputs("<p class=\"choice\"><label>Setting: <select id=\"setting\">", p->out);
  for (size_t i = 0; i < p->setting_count; i++) {
    const char *attributes = pool_format(p->view->pool, "value=\"%zu\"%s", i,
                                         i == p->setting ? " selected" : "");
    html_element(p->out, "option", attributes,
                 summary_setting_name(p->view->pool, &p->settings[i]));
  }
  fputs("</select></label></p>\n", p->out);
}

void first_write(const struct page *p) {
  fputs("<section id=\"summary\"><h2>Summary</h2>\n", p->out);
  race_write(p);
  choice_write(p);
  fputs("<div class=\"first\"><figure id=\"tradeoff\" class=\"card\"><h3>Time "
        "against memory, all workloads</h3><div class=\"plot\"></div>"
        "<figcaption>Means, as ratios to the base, with intervals of time. "
        "Lower left is better.</figcaption></figure>\n",
        p->out);
  for (size_t i = 0; i < p->setting_count; i++)
    setting_write(p, i);
  fputs("</div></section>\n", p->out);
}
