/* SPDX-License-Identifier: MIT */
#include "bench/front/cards.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/paragraph.h"
#include "bench/base/units.h"
#include "bench/rows/summary_words.h"

/* --- one card ------------------------------------------------------------ */

static const char *join(struct pool *pool, const char *text, const char *glue,
                        const char *more) {
  if (*more == '\0' || *text == '\0')
    return *text == '\0' ? more : text;
  return pool_format(pool, "%s%s%s", text, glue, more);
}

/* "0.712 of rc's wall time (0.680 to 0.746)" */
static const char *share_text(struct pool *pool, const char *whose,
                              const struct effect *e, const char *what) {
  if (isnan(e->ratio))
    return "";
  return pool_format(pool, "%s of %s %s%s", digits_text(pool, e->ratio), whose,
                     what, summary_interval(pool, e->low, e->high));
}

static const char *ns_text(struct pool *pool, const struct effect *e,
                           const char *what) {
  if (isnan(e->ratio))
    return "";
  double unit = time_unit(e->ratio).ns;
  return pool_format(pool, "%s %s%s", what, time_text(pool, e->ratio),
                     summary_interval(pool, e->low / unit, e->high / unit));
}

const char *cards_costs(struct pool *pool, const struct summary_setting *s,
                        const struct summary_card *card) {
  static const char *const whats[SUMMARY_RATIOS] = {"wall time", "CPU time",
                                                    "memory"};
  const char *text = "", *whose = pool_format(pool, "%s's", s->base);
  bool is_base = strcmp(card->entrant, s->base) == 0 && s->workloads > 0;
  if (card->is_absent && s->workloads > 1)
    text = "completed too few workloads for means";
  else if (is_base)
    text = "the base of the ratios";
  for (size_t i = 0; !is_base && i < SUMMARY_RATIOS; i++) {
    const char *share = share_text(pool, whose, &card->figures[i], whats[i]);
    text = join(pool, text, ", ", share);
    whose = *share != '\0' ? "its" : whose;
  }
  text = join(pool, text, "; ",
              ns_text(pool, &card->figures[SUMMARY_PAUSE], "p99.9 pause"));
  return join(pool, text, "; ",
              ns_text(pool, &card->figures[SUMMARY_RESPONSE],
                      summary_response_name(s)));
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

static void part_print(const char *text, size_t indent) {
  if (*text == '\0')
    return;
  printf("%*s", (int)indent, "");
  paragraph_print(text, indent, indent);
}

/* What a card says of one setting; `name` is the setting's, or "". */
static void card_print(struct pool *pool, const struct summary_setting *s,
                       const struct summary_card *card, const char *name) {
  const char *costs = cards_costs(pool, s, card);
  size_t indent = *name != '\0' ? 4 : 2;
  part_print(join(pool, name, ": ", costs), 2);
  part_print(wins_text(pool, card), indent);
  if (*card->paced != '\0')
    part_print(pool_format(pool, "at a set rate, as ratios to %s: %s", s->base,
                           card->paced),
               indent);
  if (*card->failures != '\0')
    part_print(pool_format(pool, "did not complete: %s", card->failures),
               indent);
  if (card->garbage > 0)
    part_print(pool_format(pool, "leaves up to %s of garbage (%s)",
                           bytes_text(pool, card->garbage), card->leaky),
               indent);
}

/* --- all of it ----------------------------------------------------------- */

static void setting_print(struct pool *pool, const struct summary_setting *s) {
  printf("%s", summary_setting_name(pool, s));
  if (s->workloads > 1 || s->workloads < s->of)
    printf("; %s over %zu of %zu workloads",
           s->workloads > 1 ? "means" : "ratios", s->workloads, s->of);
  else if (s->workloads == 0 && s->card_count > 1)
    printf("; no workload was completed by enough collectors for means");
  putchar('\n');
  part_print(summary_best(pool, s), 2);
}

/* "bdw 0.893 and 1.36, gen 0.712 and 6.38" */
static void unlimited_print(struct pool *pool,
                            const struct summary_setting *s) {
  const char *text = "";
  for (size_t i = 0; i < s->card_count; i++) {
    const struct effect *figures = s->cards[i].figures;
    if (strcmp(s->cards[i].entrant, s->base) == 0 ||
        isnan(figures[SUMMARY_WALL].ratio) ||
        isnan(figures[SUMMARY_MEMORY].ratio))
      continue;
    text = join(pool, text, ", ",
                pool_format(pool, "%s %s and %s", s->cards[i].entrant,
                            digits_text(pool, figures[SUMMARY_WALL].ratio),
                            digits_text(pool, figures[SUMMARY_MEMORY].ratio)));
  }
  if (*text == '\0')
    return;
  const char *name = summary_setting_name(pool, s);
  paragraph_print(pool_format(pool,
                              "%s: wall time and memory, as ratios to %s: %s",
                              name, s->base, text),
                  0, 2);
}

void cards_print(const struct summary *summary) {
  struct pool *pool = summary->pool;
  for (size_t i = 0; i < summary->setting_count; i++)
    setting_print(pool, &summary->settings[i]);
  for (size_t j = 0; j < summary->settings[0].card_count; j++) {
    const struct summary_card *first = &summary->settings[0].cards[j];
    printf("%s%s\n", first->entrant,
           first->is_floor ? " (no limit: the floor)" : "");
    for (size_t i = 0; i < summary->setting_count; i++) {
      const struct summary_setting *s = &summary->settings[i];
      bool is_alone = summary->setting_count == 1;
      card_print(pool, s, &s->cards[j],
                 is_alone ? "" : summary_setting_name(pool, s));
    }
  }
  for (size_t i = 0; i < summary->unlimited_count; i++)
    unlimited_print(pool, &summary->unlimited[i]);
  putchar('\n');
}
