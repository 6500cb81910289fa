/* SPDX-License-Identifier: MIT */
#include "bench/stats/moderated.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stats/effect.h"
#include "bench/stats/room.h"

/* Smaller deviations are rounding errors; no real measurement is so regular. */
#define EXACT 1e-9

struct moderated_line moderated_line_make(const double *ratios, size_t blocks) {
  double sum = 0, squares = 0;
  size_t count = 0;
  for (size_t i = 0; i < blocks; i++) {
    sum += isnan(ratios[i]) ? 0 : log(ratios[i]);
    count += !isnan(ratios[i]);
  }
  double mean = sum / (double)count;
  for (size_t i = 0; i < blocks; i++)
    squares += isnan(ratios[i]) ? 0 : pow(log(ratios[i]) - mean, 2);
  return (struct moderated_line){
      .blocks = count,
      .mean = mean,
      .variance = count > 1 ? squares / (double)(count - 1) : NAN};
}

/* --- the prior ----------------------------------------------------------- */

/* The x with trigamma(x) = y. Newton's steps on 1 / trigamma, which is nearly a
   line: from this start they ascend to the root (Smyth 2004, appendix). */
static double trigamma_inverse(double y) {
  if (y > 1e7)
    return 1 / sqrt(y);
  if (y < 1e-6)
    return 1 / y;
  double x = 0.5 + 1 / y, step = INFINITY;
  for (int i = 0; i < 50 && fabs(step) > 1e-8 * x; i++) {
    double trigamma = gsl_sf_psi_1(x);
    step = trigamma * (1 - trigamma / y) / gsl_sf_psi_n(2, x);
    x += step;
  }
  return x;
}

/* Raises variances that are too small to be true. Their logarithms would
   outweigh all others. */
static void floor_take(const double *variances, double *floored, size_t count) {
  memcpy(floored, variances, count * sizeof *floored);
  double median = gsl_stats_median(floored, 1, count);
  for (size_t i = 0; i < count; i++)
    floored[i] = fmax(variances[i], 1e-5 * (median > 0 ? median : 1));
}

/* The moments of log variances, minus the moments of pure noise: the logarithm
   of a chi-squared variable over its degrees of freedom d has mean digamma(d/2)
   - log(d/2) and variance trigamma(d/2). */
struct moments {
  double mean;
  double excess; /* variance in excess of noise; can be negative */
  double noise;  /* variance of noise */
  double fourth; /* fourth cumulant of noise */
};

static struct moments moments_take(const double *variances,
                                   const double *freedoms, size_t count) {
  double *e = room_make(count, sizeof *e);
  struct moments m = {0};
  for (size_t i = 0; i < count; i++) {
    double half = freedoms[i] / 2;
    e[i] = log(variances[i]) - gsl_sf_psi(half) + log(half);
    m.noise += gsl_sf_psi_1(half) / (double)count;
    m.fourth += gsl_sf_psi_n(3, half) / (double)count;
  }
  m.mean = gsl_stats_mean(e, 1, count);
  m.excess = gsl_stats_variance(e, 1, count) - m.noise;
  free(e);
  return m;
}

/* The standard error of the excess. A sample variance has variance κ₄/n +
   2κ₂²/(n - 1), and the cumulants of noise and of the prior add up. */
static double standard_error(const struct moments *m, size_t count) {
  double n = (double)count, prior = fmax(0, m->excess);
  double second = m->noise + prior, fourth = m->fourth;
  if (prior > 0)
    fourth += gsl_sf_psi_n(3, trigamma_inverse(prior));
  return sqrt(fourth / n + 2 * second * second / (n - 1));
}

struct moderated_prior moderated_prior_fit(const double *variances,
                                           const double *freedoms, size_t count,
                                           double caution) {
  struct moderated_prior prior = {.lines = count};
  if (count < 2)
    return prior;
  double *x = room_make(count, sizeof *x);
  floor_take(variances, x, count);
  struct moments m = moments_take(x, freedoms, count);
  if (m.excess > 0) {
    double half = trigamma_inverse(m.excess);
    prior.freedom = 2 * half;
    prior.variance = exp(m.mean + gsl_sf_psi(half) - log(half));
  } else {
    prior.freedom = INFINITY;
    prior.variance = gsl_stats_mean(x, 1, count);
  }
  if (caution > 0)
    prior.freedom = 2 * trigamma_inverse(fmax(0, m.excess) +
                                         caution * standard_error(&m, count));
  free(x);
  return prior;
}

/* --- the test ------------------------------------------------------------ */

static double own_freedom(const struct moderated_line *line) {
  return line->blocks > 0 ? (double)line->blocks - 1 : NAN;
}

static bool is_exact(const struct moderated_line *line) {
  return line->variance <= EXACT * EXACT;
}

static bool is_noisy(const struct moderated_line *line) {
  return line->variance > EXACT * EXACT;
}

/* Sets `all_freedom` to the sum of the lines' degrees of freedom. */
static struct moderated_prior lines_fit(const struct moderated_line *lines,
                                        size_t count, double caution,
                                        double *all_freedom) {
  double *variances = room_make(count, sizeof *variances);
  double *freedoms = room_make(count, sizeof *freedoms);
  size_t noisy = 0;
  *all_freedom = 0;
  for (size_t i = 0; i < count; i++) {
    if (!is_noisy(&lines[i]))
      continue;
    variances[noisy] = lines[i].variance;
    freedoms[noisy] = own_freedom(&lines[i]);
    *all_freedom += freedoms[noisy++];
  }
  struct moderated_prior prior = {.lines = noisy};
  if (noisy >= MODERATED_LINES_MIN)
    prior = moderated_prior_fit(variances, freedoms, noisy, caution);
  free(freedoms);
  free(variances);
  return prior;
}

double moderated_reach(const struct moderated_line *line, double alpha) {
  if (line->deviation == 0 || isnan(line->deviation))
    return line->deviation;
  return gsl_cdf_tdist_Qinv(alpha / 2, line->freedom) * line->deviation /
         sqrt((double)line->blocks);
}

/* The mean of a line's own variance and the prior's, each weighted by its
   degrees of freedom. */
static double moderated_variance(const struct moderated_line *line) {
  const struct moderated_prior *prior = &line->prior;
  double own = own_freedom(line);
  if (isinf(prior->freedom) && own >= 0)
    return prior->variance;
  if (own == 0)
    return prior->freedom > 0 ? prior->variance : NAN;
  return (prior->freedom * prior->variance + own * line->variance) /
         (prior->freedom + own);
}

static void line_test(struct moderated_line *line, double all_freedom) {
  double own = own_freedom(line);
  line->deviation = is_exact(line) ? 0 : sqrt(moderated_variance(line));
  /* at most the degrees of freedom of all lines together */
  line->freedom =
      is_exact(line) ? own : fmin(line->prior.freedom + own, all_freedom);
  if (is_exact(line)) {
    bool is_none = fabs(line->mean) <= EXACT;
    line->t = is_none ? 0 : copysign(INFINITY, line->mean);
    line->p = is_none;
  } else {
    line->t = line->mean * sqrt((double)line->blocks) / line->deviation;
    line->p = isnan(line->t)
                  ? NAN
                  : 2 * gsl_cdf_tdist_Q(fabs(line->t), line->freedom);
  }
  double reach = moderated_reach(line, 1 - EFFECT_CONFIDENCE);
  line->low = exp(line->mean - reach);
  line->high = exp(line->mean + reach);
}

void moderate(struct moderated_line *lines, size_t count, double caution) {
  double all_freedom;
  struct moderated_prior prior = lines_fit(lines, count, caution, &all_freedom);
  for (size_t i = 0; i < count; i++) {
    lines[i].prior = prior;
    line_test(&lines[i], all_freedom);
  }
}
