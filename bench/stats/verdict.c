/* SPDX-License-Identifier: MIT */
#include "bench/stats/verdict.h"

#include <math.h>
#include <stdlib.h>

#include "bench/stats/effect.h"
#include "bench/stats/power.h"
#include "bench/stats/room.h"

static double reach_of(double low, double high) {
  return fmax(high - 1, 1 - low);
}

enum verdict_word verdict_word(double ratio, double low, double high,
                               double margin) {
  if (high < 1 && ratio <= 1 - EFFECT_LEAST)
    return VERDICT_LESS;
  if (low > 1 && ratio >= 1 + EFFECT_LEAST)
    return VERDICT_MORE;
  /* a NAN is not within the margin */
  return reach_of(low, high) <= margin ? VERDICT_SAME : VERDICT_UNDECIDED;
}

static size_t blocks_needed(const struct moderated_line *line, double alpha,
                            double margin) {
  if (isnan(line->p))
    return 0;
  struct power_design design = {.deviation = line->deviation,
                                .prior = line->prior,
                                .alpha = alpha,
                                .least = EFFECT_LEAST,
                                .margin = margin};
  return power_blocks_to_decide(&design, exp(line->mean));
}

static struct verdict line_judge(const struct moderated_line *line,
                                 double adjusted, double alpha, double margin) {
  double reach = moderated_reach(line, alpha), ratio = exp(line->mean);
  struct verdict v = {.p = adjusted,
                      .low = exp(line->mean - reach),
                      .high = exp(line->mean + reach)};
  v.within = reach_of(v.low, v.high);
  v.word = verdict_word(ratio, v.low, v.high, margin);
  if (v.word == VERDICT_UNDECIDED)
    v.blocks = blocks_needed(line, alpha, margin);
  return v;
}

double verdict_table(const struct moderated_line *lines, size_t count,
                     enum family_rule rule, double margin,
                     struct verdict *verdicts) {
  double *p = room_make(count, sizeof *p);
  for (size_t i = 0; i < count; i++)
    p[i] = lines[i].p;
  double alpha = family_adjust(rule, p, count, 1 - EFFECT_CONFIDENCE);
  for (size_t i = 0; i < count; i++)
    verdicts[i] = line_judge(&lines[i], p[i], alpha, margin);
  free(p);
  return alpha;
}
