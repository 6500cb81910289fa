/* SPDX-License-Identifier: MIT */
#include "bench/stats/power.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdbool.h>

enum {
  BLOCKS_MIN = 2,
  BLOCKS_MAX = 1 << 17, /* no campaign has more */
  NODES = 128 /* of the quadrature; gives six digits even with 2 blocks */
};

/* A campaign of so many blocks. */
struct campaign {
  const struct power_design *design;
  double effect; /* true, as a logarithm */
  double error;  /* standard error of the mean */
  double own, freedom, quantile;
  double blocks;
};

static struct campaign campaign_make(const struct power_design *design,
                                     double ratio, size_t blocks) {
  struct campaign c = {.design = design,
                       .effect = log(ratio),
                       .error = design->deviation / sqrt((double)blocks),
                       .own = (double)blocks - 1,
                       .blocks = (double)blocks};
  double lines = fmax(1, (double)design->prior.lines);
  c.freedom = fmin(design->prior.freedom + c.own, lines * c.own);
  c.quantile = gsl_cdf_tdist_Qinv(design->alpha / 2, c.freedom);
  return c;
}

/* The probability that the mean lies between `low` and `high`. */
static double chance(const struct campaign *c, double low, double high) {
  if (!(low < high))
    return 0;
  return gsl_cdf_ugaussian_P((high - c->effect) / c->error) -
         gsl_cdf_ugaussian_P((low - c->effect) / c->error);
}

/* Half the width of the interval if the line's own deviation is `times` the
   true deviation. */
static double reach(const struct campaign *c, double times) {
  const struct moderated_prior *prior = &c->design->prior;
  double variance = pow(c->design->deviation * times, 2);
  if (isinf(prior->freedom))
    variance = prior->variance;
  else
    variance = (prior->freedom * prior->variance + c->own * variance) /
               (prior->freedom + c->own);
  return c->quantile * sqrt(variance / c->blocks);
}

/* The power for one deviation. The line differs below `low` and above
   `high`. */
static struct power power_given(const struct campaign *c, double times) {
  const struct power_design *d = c->design;
  double half = reach(c, times);
  double high = fmax(half, log1p(d->least));
  double low = -fmax(half, -log1p(-d->least));
  return (struct power){.differs = chance(c, -INFINITY, low) +
                                   chance(c, high, INFINITY),
                        .same = chance(c, fmax(low, log1p(-d->margin) + half),
                                       fmin(high, log1p(d->margin) - half))};
}

/* The density of the ratio of a normal sample's deviation to the true one: the
   square root of chi-squared over its degrees of freedom. */
static double density(double times, double freedom) {
  double half = freedom / 2;
  return 2 * exp(half * log(half) - lgamma(half) + (freedom - 1) * log(times) -
                 half * times * times);
}

/* The mean over the deviations that a campaign can measure. The nodes are
   dense where deviations are small, because there a few blocks mark a line
   by chance. */
struct power power_of(const struct power_design *design, double ratio,
                      size_t blocks) {
  struct campaign c = campaign_make(design, ratio, blocks);
  double wide = 8 / sqrt(2 * c.own), low = fmax(0, 1 - wide);
  gsl_integration_glfixed_table *table =
      gsl_integration_glfixed_table_alloc(NODES);
  struct power mean = {0, 0};
  for (size_t i = 0; i < NODES; i++) {
    double at, weight;
    gsl_integration_glfixed_point(0, 1, i, &at, &weight, table);
    double times = low + (1 + wide - low) * pow(at, 3);
    weight *= (1 + wide - low) * 3 * at * at * density(times, c.own);
    struct power p = power_given(&c, times);
    mean.differs += weight * p.differs;
    mean.same += weight * p.same;
  }
  gsl_integration_glfixed_table_free(table);
  return mean;
}

static bool is_enough(const struct power_design *design, double ratio,
                      size_t blocks, bool takes_same) {
  struct power p = power_of(design, ratio, blocks);
  return p.differs + (takes_same ? p.same : 0) >= POWER_ENOUGH;
}

static size_t blocks_find(const struct power_design *design, double ratio,
                          bool takes_same) {
  size_t enough = BLOCKS_MIN, few = BLOCKS_MIN - 1;
  while (!is_enough(design, ratio, enough, takes_same)) {
    if (enough >= BLOCKS_MAX)
      return 0;
    few = enough;
    enough *= 2;
  }
  while (enough - few > 1) {
    size_t middle = few + (enough - few) / 2;
    if (is_enough(design, ratio, middle, takes_same))
      enough = middle;
    else
      few = middle;
  }
  return enough;
}

size_t power_blocks_to_find(const struct power_design *design, double ratio) {
  return blocks_find(design, ratio, false);
}

size_t power_blocks_to_decide(const struct power_design *design, double ratio) {
  return blocks_find(design, ratio, true);
}
