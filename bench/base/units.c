/* SPDX-License-Identifier: MIT */
#include "bench/base/units.h"

const char *digits_text(struct pool *pool, double value) {
  if (value >= 1e7)
    return pool_format(pool, "%.0e", value);
  int decimals = value < 0.9995 ? 3 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return pool_format(pool, "%.*f", decimals, value);
}

const char *ratio_text(struct pool *pool, double value) {
  return pool_format(pool, value < 1e4 ? "%.3f" : "%.0e", value);
}

const char *range_text(struct pool *pool, double least, double most) {
  return pool_format(pool, "%s..%s", digits_text(pool, least),
                     digits_text(pool, most));
}

struct unit time_unit(double ns) {
  static const struct unit units[] = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  size_t i = 0;
  while (i < 3 && ns >= 999.5 * units[i].ns)
    i++;
  return units[i];
}

const char *time_text(struct pool *pool, double ns) {
  struct unit unit = time_unit(ns);
  return pool_format(pool, "%s %s", digits_text(pool, ns / unit.ns), unit.name);
}

const char *bytes_text(struct pool *pool, double bytes) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; unit < 3 && bytes >= 1023.5; unit++)
    bytes /= 1024;
  return pool_format(pool, "%.*f %s", unit > 0 && bytes < 99.5 ? 1 : 0, bytes,
                     units[unit]);
}
