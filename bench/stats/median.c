/* SPDX-License-Identifier: MIT */
#include "bench/stats/median.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "bench/stats/effect.h"
#include "bench/stats/moderated.h"
#include "bench/stats/quantile.h"

/* The probability that the median lies between the values at rank `from`,
   counted from 1 from below and from above. */
static double coverage(size_t from, size_t count) {
  return 1 - 2 * gsl_cdf_binomial_P((unsigned)from - 1, 0.5, (unsigned)count);
}

static struct median_interval of_order(const double *ascending, size_t count,
                                       double median) {
  size_t from = 1;
  while (2 * (from + 1) < count + 1 &&
         coverage(from + 1, count) >= EFFECT_CONFIDENCE)
    from++;
  return (struct median_interval){.middle = median,
                                  .low = ascending[from - 1],
                                  .high = ascending[count - from],
                                  .coverage = coverage(from, count),
                                  .is_of_order = true};
}

static struct median_interval of_logarithms(const double *values,
                                            size_t count) {
  struct moderated_line line = moderated_line_make(values, count);
  struct median_interval interval = {.middle = exp(line.mean),
                                     .low = NAN,
                                     .high = NAN,
                                     .coverage = EFFECT_CONFIDENCE};
  if (count < 2)
    return interval;
  moderate(&line, 1, MODERATED_CAUTION); /* a single line gets a plain t test */
  interval.low = line.low;
  interval.high = line.high;
  return interval;
}

struct median_interval median_interval(double *values, size_t count) {
  struct quantile_summary s = quantile_summarize(values, count);
  if (count >= MEDIAN_ORDER_MIN)
    return of_order(values, count, s.median);
  if (s.least <= 0)
    return (struct median_interval){
        .middle = s.median, .low = NAN, .high = NAN};
  return of_logarithms(values, count);
}
