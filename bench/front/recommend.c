/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/number.h"
#include "bench/base/say.h"
#include "bench/base/sheet.h"
#include "bench/base/units.h"
#include "bench/front/cards.h"
#include "bench/rows/source.h"
#include "bench/rows/summary.h"

static const struct sheet_column columns[] = {
    {"threads", SHEET_NUMBER},
    {"heap", SHEET_NUMBER | SHEET_OPTIONAL},
    {"collector", SHEET_NAME},
    {"wall", SHEET_NUMBER},
    {"cpu", SHEET_NUMBER},
    {"memory", SHEET_NUMBER},
    {"pause", SHEET_NUMBER | SHEET_PEOPLE},
    {"pause_p999_ns", SHEET_NUMBER | SHEET_DATA},
    {"choice", SHEET_COLOURED},
    {"reason", SHEET_NOTES},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct wishes {
  double factor;   /* NAN: any */
  double pause_ns; /* INFINITY: any */
};

struct choice {
  bool is_good;
  const char *word, *reason;
};

static struct choice reject(const char *reason) {
  return (struct choice){false, "no", reason};
}

static const char *better_text(struct pool *pool,
                               const struct summary_setting *s,
                               const struct summary_card *card) {
  const char *text = NULL;
  for (size_t i = 0; i < s->card_count; i++) {
    const struct summary_card *other = &s->cards[i];
    if (other->is_floor || other->is_absent || !summary_dominates(other, card))
      continue;
    text = text == NULL ? other->entrant
                        : pool_format(pool, "%s, %s", text, other->entrant);
  }
  return text;
}

/* "least wall time, least memory": in what no other collector is better. */
static const char *strengths_text(struct pool *pool,
                                  const struct summary_setting *s,
                                  const struct summary_card *card) {
  static const char *const names[] = {"wall time", "CPU time", "memory",
                                      "pauses"};
  const char *text = "";
  for (size_t f = 0; f <= SUMMARY_PAUSE; f++) {
    double own = card->figures[f].ratio;
    own = isnan(own) && f == SUMMARY_PAUSE ? 0 : own;
    bool is_least = !isnan(own);
    for (size_t i = 0; i < s->card_count; i++) {
      const struct summary_card *other = &s->cards[i];
      double value = other->figures[f].ratio;
      value = isnan(value) && f == SUMMARY_PAUSE ? 0 : value;
      is_least &= other->is_floor || other->is_absent || !(value < own);
    }
    if (is_least)
      text = pool_format(pool, "%s%s%s", text, *text != '\0' ? ", " : "least ",
                         names[f]);
  }
  return text;
}

static struct choice card_judge(struct pool *pool,
                                const struct summary_setting *s,
                                const struct summary_card *card,
                                const struct wishes *wishes) {
  const struct effect *pause = &card->figures[SUMMARY_PAUSE];
  if (card->is_floor)
    return reject("frees nothing");
  if (card->is_absent)
    return reject(*card->failures != '\0'
                      ? pool_format(pool, "did not complete %s", card->failures)
                      : "there are no means");
  if (pause->ratio > wishes->pause_ns)
    return reject("its pauses are too long");
  const char *better = better_text(pool, s, card);
  if (better != NULL)
    return reject(pool_format(pool, "%s: no worse in anything", better));
  const char *reason = strengths_text(pool, s, card);
  if (card->garbage > 0)
    reason = pool_format(pool, "%s%sleaves garbage in %s", reason,
                         *reason != '\0' ? "; " : "", card->leaky);
  if (*card->failures != '\0')
    reason = pool_format(pool, "%s%sdid not complete %s", reason,
                         *reason != '\0' ? "; " : "", card->failures);
  return (struct choice){true, "yes", reason};
}

static const char *figure_text(const struct sheet *sheet,
                               enum sheet_format format, double value) {
  if (isnan(value))
    return sheet_is_data(format) ? "" : "-";
  return sheet_is_data(format) ? pool_format(sheet->pool, "%.6g", value)
                               : digits_text(sheet->pool, value);
}

static bool card_add(struct sheet *sheet, enum sheet_format format,
                     const struct summary_setting *s,
                     const struct summary_card *card,
                     const struct wishes *wishes) {
  struct choice choice = card_judge(sheet->pool, s, card, wishes);
  double pause = card->figures[SUMMARY_PAUSE].ratio;
  const char **row = sheet_add(sheet);
  *row++ = pool_format(sheet->pool, "%.0f", s->threads);
  *row++ = s->factor > 0 ? pool_format(sheet->pool, "%g", s->factor) : "-";
  *row++ = card->entrant;
  for (size_t f = 0; f < SUMMARY_RATIOS; f++)
    *row++ = figure_text(sheet, format, card->figures[f].ratio);
  *row++ = isnan(pause) ? "-" : time_text(sheet->pool, pause);
  *row++ = figure_text(sheet, format, pause);
  *row++ = choice.word;
  *row = choice.reason;
  if (choice.is_good)
    sheet_colour(sheet, COLOUR_GOOD);
  return choice.is_good;
}

/* Returns how many are recommended. */
static size_t setting_add(struct sheet *sheet, enum sheet_format format,
                          const struct summary_setting *s,
                          const struct wishes *wishes) {
  size_t good = 0;
  for (size_t j = 0; j < s->card_count; j++)
    good += card_add(sheet, format, s, &s->cards[j], wishes);
  return good;
}

static void foot_print(const struct summary *summary) {
  const struct summary_setting *s = &summary->settings[0];
  printf("\nwall, cpu, memory: means over workloads, as ratios to %s; pause: "
         "the mean 99.9th\npercentile. yes: no other collector is as good in "
         "wall time, memory and pauses,\nand better in one of them (the "
         "Pareto set).\n",
         s->base);
}

/* Exit code; EXIT_RESULTS if nothing was run with this limit. */
static int recommend(const struct summary *summary, const struct wishes *wishes,
                     enum sheet_format format) {
  struct sheet sheet = {
      .pool = summary->pool, .columns = columns, .column_count = COLUMNS};
  size_t good = 0;
  for (size_t i = 0; i < summary->setting_count; i++) {
    const struct summary_setting *s = &summary->settings[i];
    if (isnan(wishes->factor) || s->factor == wishes->factor)
      good += setting_add(&sheet, format, s, wishes);
  }
  /* These only if they are asked for: their collectors have unequal memory. */
  for (size_t i = 0; wishes->factor == 0 && i < summary->unlimited_count; i++)
    good += setting_add(&sheet, format, &summary->unlimited[i], wishes);
  if (sheet.row_count == 0)
    return complain(EXIT_RESULTS, "nothing was run with a heap factor of %g",
                    wishes->factor);
  sheet_write(&sheet, format, stdout);
  if (!sheet_is_data(format)) {
    foot_print(summary);
    if (good == 0)
      puts("No collector fits.");
  }
  return EXIT_FINE;
}

static int number_read(const struct options *options, enum option_id id,
                       double *out) {
  const char *text = options->text[id];
  if (text == NULL)
    return EXIT_FINE;
  if (number_real(text, 0, DBL_MAX, out) != NUMBER_FINE)
    return complain(EXIT_USAGE, "--%s: '%s' is not a number of 0 or more",
                    option_cards[id].name, text);
  return EXIT_FINE;
}

int recommend_command(struct options *options) {
  struct wishes wishes = {NAN, INFINITY};
  struct source source;
  struct span all;
  enum sheet_format format;
  int code = sheet_format_read(options->text[OPTION_FORMAT], &format)
                 ?: number_read(options, OPTION_LIMIT, &wishes.factor)
                 ?: number_read(options, OPTION_PAUSE, &wishes.pause_ns)
                 ?: source_chosen(&source, options)
                 ?: entries_make(&all, options->pool, &source.results, 1);
  if (code != EXIT_FINE)
    return code;
  wishes.pause_ns *= 1e6;
  struct summary summary;
  summary_make(&summary, options->pool, all);
  return recommend(&summary, &wishes, format);
}
