/* SPDX-License-Identifier: MIT */
#include "bench/plot/palette.h"

#include <stdbool.h>
#include <string.h>

#include "bench/front/catalog.h"

/* Okabe and Ito's, less the yellow that nobody sees on white; the collector
   that stands for no cost at all is grey. */
static const char *const colours[] = {"#7F7F7F", "#0072B2", "#56B4E9",
                                      "#D55E00", "#009E73", "#CC79A7",
                                      "#E69F00", "#000000"};
static const int points[] = {4, 7, 6, 5, 9, 11, 13, 8};
enum { STYLES = sizeof colours / sizeof *colours };

/* The collector's name: a twin or a tuning may follow it. */
static const char *base_name(struct pool *pool, const char *entrant) {
  return catalog_base(pool, pool_copy(pool, entrant, strcspn(entrant, ":")));
}

size_t palette_rank(struct pool *pool, const char *entrant) {
  const char *base = base_name(pool, entrant);
  const char *const *names = catalog_collector_names(pool);
  size_t i = 0, sum = 0;
  for (; names[i] != NULL; i++) {
    if (strcmp(names[i], base) == 0)
      return i;
  }
  for (; *base != '\0'; base++)
    sum += (unsigned char)*base;
  return i + sum % STYLES;
}

struct palette_style palette_style(struct pool *pool, const char *entrant) {
  size_t i = palette_rank(pool, entrant) % STYLES;
  bool is_variant = strcmp(base_name(pool, entrant), entrant) != 0;
  return (struct palette_style){colours[i], points[i], is_variant ? 3 : 1};
}

const char *palette_part(size_t index) {
  return colours[(index + 1) % STYLES];
}
