/* SPDX-License-Identifier: MIT */
#include "bench/rows/summary_words.h"

#include <math.h>
#include <string.h>

#include "bench/base/units.h"

const char *summary_setting_name(struct pool *pool,
                                 const struct summary_setting *s) {
  const char *heap = s->factor > 0
                         ? pool_format(pool, "heap factor %g", s->factor)
                         : "no heap limit";
  return pool_format(pool, "%.0f thread%s, %s", s->threads,
                     s->threads == 1 ? "" : "s", heap);
}

const char *summary_response_name(const struct summary_setting *s) {
  return s->response < RUN_COLUMNS ? headline_name(s->response) : "";
}

/* Can these two figures be the same, as far as their intervals say? */
static bool overlaps(const struct effect *a, const struct effect *b) {
  double high = isnan(a->high) ? a->ratio : a->high;
  double low = isnan(b->low) ? b->ratio : b->low;
  return low <= high;
}

/* The card with the least figure; NULL: fewer than two have the figure, or a
   single block tells nothing apart. */
static const struct summary_card *best_card(const struct summary_setting *s,
                                            enum summary_figure figure) {
  const struct summary_card *best = NULL;
  size_t count = 0;
  for (size_t i = 0; i < s->card_count; i++) {
    const struct summary_card *c = &s->cards[i];
    const struct effect *own = &c->figures[figure];
    if (c->is_floor || isnan(own->ratio))
      continue;
    if (isnan(own->low) && own->ratio != 1) /* 1: the base */
      return NULL;
    count++;
    if (best == NULL || own->ratio < best->figures[figure].ratio)
      best = c;
  }
  return count < 2 ? NULL : best;
}

/* "gen", or "gen or bdw" if intervals do not tell them apart; NULL: they tell
   none apart. */
static const char *best_text(struct pool *pool, const struct summary_setting *s,
                             const struct summary_card *best,
                             enum summary_figure figure) {
  const char *text = best->entrant;
  bool is_any_worse = false;
  for (size_t i = 0; i < s->card_count; i++) {
    const struct summary_card *c = &s->cards[i];
    if (c == best || c->is_floor || isnan(c->figures[figure].ratio))
      continue;
    bool is_like = overlaps(&best->figures[figure], &c->figures[figure]);
    is_any_worse |= !is_like;
    if (is_like)
      text = pool_format(pool, "%s or %s", text, c->entrant);
  }
  return is_any_worse ? text : NULL;
}

static const char *list_add(struct pool *pool, const char *list,
                            const char *before, const char *item) {
  return pool_format(pool, "%s%s%s", list, *list != '\0' ? "; " : before, item);
}

const char *summary_best(struct pool *pool, const struct summary_setting *s) {
  const char *const names[SUMMARY_FIGURES] = {"wall time", "CPU time", "memory",
                                              "p99.9 pause",
                                              summary_response_name(s)};
  const char *decided = "", *open = "";
  for (size_t i = 0; i < SUMMARY_FIGURES; i++) {
    const struct summary_card *card = best_card(s, (enum summary_figure)i);
    if (card == NULL)
      continue;
    const char *best = best_text(pool, s, card, (enum summary_figure)i);
    if (best == NULL)
      open = pool_format(pool, "%s%s%s", open,
                         *open == '\0' ? "undecided in " : ", ", names[i]);
    else
      decided = list_add(pool, decided, "least ",
                         pool_format(pool, "%s %s", names[i], best));
  }
  return *open == '\0' ? decided : list_add(pool, decided, "", open);
}

const char *summary_wins(struct pool *pool, const struct summary_setting *s) {
  const char *text = "";
  size_t most = 0;
  for (size_t i = 0; i < s->card_count; i++) {
    const struct summary_card *c = &s->cards[i];
    size_t of = 0;
    for (size_t j = 0; j < sizeof c->counts / sizeof *c->counts; j++)
      of += c->counts[j];
    most = of > most ? of : most;
    if (of > 0)
      text = pool_format(
          pool, "%s, %s%s %zu and%s %zu", text, c->entrant,
          *text == '\0' ? " is faster on" : " on", c->counts[VERDICT_LESS],
          *text == '\0' ? " slower on" : "", c->counts[VERDICT_MORE]);
  }
  return *text == '\0' ? ""
                       : pool_format(pool, "against %s on %zu workload%s%s",
                                     s->base, most, most == 1 ? "" : "s", text);
}
