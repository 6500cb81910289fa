/* SPDX-License-Identifier: MIT */
/* Numbers as a person reads them. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "bench/base/pool.h"

/* Three digits, as far as they go: 0.123, 1.23, 12.3, 123; from ten millions on
   2e+27. */
const char *digits_text(struct pool *, double value);
/* Three digits behind the point, for columns of ratios; from 10000 on 2e+27:
   the interval of two blocks may end there. */
const char *ratio_text(struct pool *, double value);
const char *range_text(struct pool *, double least, double most);

struct unit {
  const char *name;
  double ns;
};
/* The unit in which a time has one to three digits before the point. */
struct unit time_unit(double ns);
const char *time_text(struct pool *, double ns);
const char *bytes_text(struct pool *, double bytes);

#endif
