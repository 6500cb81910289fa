/* SPDX-License-Identifier: MIT */
#include "bench/front/cards.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/paragraph.h"
#include "bench/base/units.h"

/* --- one card ------------------------------------------------------------ */

static const char *join(struct pool *pool, const char *text, const char *glue,
                        const char *more) {
  if (*more == '\0' || *text == '\0')
    return *text == '\0' ? more : text;
  return pool_format(pool, "%s%s%s", text, glue, more);
}

static const char *interval_text(struct pool *pool, double low, double high) {
  if (isnan(low))
    return "";
  return pool_format(pool, " (%s to %s)", digits_text(pool, low),
                     digits_text(pool, high));
}

/* "0.712 of rc's wall time (0.680 to 0.746)" */
static const char *ratio_text(struct pool *pool, const char *base,
                              const struct effect *e, const char *what) {
  if (isnan(e->ratio))
    return "";
  return pool_format(pool, "%s of %s's %s%s", digits_text(pool, e->ratio), base,
                     what, interval_text(pool, e->low, e->high));
}

static const char *ns_text(struct pool *pool, const struct effect *e,
                           const char *what) {
  if (isnan(e->ratio))
    return "";
  double unit = time_unit(e->ratio).ns;
  return pool_format(pool, "%s %s%s", what, time_text(pool, e->ratio),
                     interval_text(pool, e->low / unit, e->high / unit));
}

const char *cards_costs(struct pool *pool, const struct summary_setting *s,
                        const struct summary_card *card) {
  static const char *const whats[SUMMARY_RATIOS] = {"wall time", "CPU time",
                                                    "memory"};
  const char *text = "";
  if (card->is_absent && s->workloads > 0)
    text = "completed too few workloads for means";
  else if (strcmp(card->entrant, s->base) == 0)
    text = "the base of the ratios";
  for (size_t i = 0; *text == '\0' && i < SUMMARY_RATIOS; i++)
    text = ratio_text(pool, s->base, &card->figures[i], whats[i]);
  for (size_t i = 1; !card->is_absent && i < SUMMARY_RATIOS; i++) {
    if (strcmp(card->entrant, s->base) != 0)
      text = join(pool, text, ", ",
                  ratio_text(pool, s->base, &card->figures[i], whats[i]));
  }
  text = join(pool, text, "; ",
              ns_text(pool, &card->figures[SUMMARY_PAUSE], "p99.9 pause"));
  return join(
      pool, text, "; ",
      ns_text(pool, &card->figures[SUMMARY_RESPONSE], "p99.9 response"));
}

/* "faster in 12 (cells 0.29, ...)"; "" if there is none */
static const char *count_text(struct pool *pool, const char *word, size_t count,
                              const char *names) {
  if (count == 0)
    return "";
  if (*names == '\0')
    return pool_format(pool, "%s in %zu", word, count);
  return pool_format(pool, "%s in %zu (%s)", word, count, names);
}

static const char *wins_text(struct pool *pool,
                             const struct summary_card *card) {
  const size_t *counts = card->counts;
  const char *text =
      count_text(pool, "faster", counts[VERDICT_LESS], card->faster);
  text = join(pool, text, ", ",
              count_text(pool, "slower", counts[VERDICT_MORE], card->slower));
  text = join(pool, text, ", ",
              count_text(pool, "same", counts[VERDICT_SAME], ""));
  return join(pool, text, ", ",
              count_text(pool, "undecided", counts[VERDICT_UNDECIDED], ""));
}

static void part_print(const char *text) {
  if (*text == '\0')
    return;
  printf("  ");
  paragraph_print(text, 2, 2);
}

static void card_print(struct pool *pool, const struct summary_setting *s,
                       const struct summary_card *card) {
  printf("%s%s\n", card->entrant,
         card->is_floor ? " (no limit: the floor)" : "");
  part_print(cards_costs(pool, s, card));
  part_print(wins_text(pool, card));
  if (*card->failures != '\0')
    part_print(pool_format(pool, "did not complete: %s", card->failures));
  if (card->garbage > 0)
    part_print(pool_format(pool, "leaves up to %s of garbage (%s)",
                           bytes_text(pool, card->garbage), card->leaky));
}

/* --- the best ------------------------------------------------------------ */

/* Can these two figures be the same, as far as their intervals say? */
static bool overlaps(const struct effect *a, const struct effect *b) {
  double high = isnan(a->high) ? a->ratio : a->high;
  double low = isnan(b->low) ? b->ratio : b->low;
  return low <= high;
}

/* "gen (0.712 of rc's)", or "gen and bdw" if intervals do not tell them
   apart; NULL: nobody has the figure. */
static const char *best_text(struct pool *pool, const struct summary_setting *s,
                             enum summary_figure figure) {
  const struct summary_card *best = NULL;
  for (size_t i = 0; i < s->card_count; i++) {
    const struct summary_card *c = &s->cards[i];
    if (!c->is_floor && !isnan(c->figures[figure].ratio) &&
        (best == NULL ||
         c->figures[figure].ratio < best->figures[figure].ratio))
      best = c;
  }
  if (best == NULL)
    return NULL;
  const char *text = best->entrant;
  for (size_t i = 0; i < s->card_count; i++) {
    const struct summary_card *c = &s->cards[i];
    if (c != best && !c->is_floor && !isnan(c->figures[figure].ratio) &&
        overlaps(&best->figures[figure], &c->figures[figure]))
      text = pool_format(pool, "%s or %s", text, c->entrant);
  }
  return text;
}

static void best_print(struct pool *pool, const struct summary_setting *s) {
  static const char *const names[SUMMARY_FIGURES] = {
      "wall time", "CPU time", "memory", "p99.9 pause", "p99.9 response"};
  const char *text = "";
  for (size_t i = 0; i < SUMMARY_FIGURES; i++) {
    const char *best = best_text(pool, s, (enum summary_figure)i);
    if (best != NULL)
      text = join(pool, text, "; ", pool_format(pool, "%s %s", names[i], best));
  }
  if (*text == '\0')
    return;
  fputs("Least ", stdout);
  paragraph_print(pool_format(pool, "%s.", text), 6, 0);
}

/* --- all of it ----------------------------------------------------------- */

const char *cards_setting(struct pool *pool, const struct summary_setting *s) {
  const char *heap = s->factor > 0
                         ? pool_format(pool, "heap factor %g", s->factor)
                         : "no heap limit";
  const char *text = pool_format(pool, "%.0f thread%s, %s", s->threads,
                                 s->threads == 1 ? "" : "s", heap);
  if (s->workloads == 0)
    return text;
  return pool_format(pool, "%s; means over %zu of %zu workloads", text,
                     s->workloads, s->of);
}

void cards_print(const struct summary *summary) {
  struct pool *pool = summary->pool;
  for (size_t i = 0; i < summary->setting_count; i++) {
    const struct summary_setting *s = &summary->settings[i];
    printf("Summary: %s\n", cards_setting(pool, s));
    best_print(pool, s);
    for (size_t j = 0; j < s->card_count; j++)
      card_print(pool, s, &s->cards[j]);
    putchar('\n');
  }
}
