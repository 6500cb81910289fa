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

/* The length of the collector's name: a twin or a tuning follows it. */
static size_t base_length(const char *entrant) {
  size_t length = strcspn(entrant, ":");
  static const char twin[] = "-twin";
  size_t tail = sizeof twin - 1;
  if (length > tail && memcmp(entrant + length - tail, twin, tail) == 0)
    length -= tail;
  return length;
}

size_t palette_rank(struct pool *pool, const char *entrant) {
  size_t length = base_length(entrant), i = 0, sum = 0;
  const char *const *names = catalog_collector_names(pool);
  for (; names[i] != NULL; i++) {
    if (strlen(names[i]) == length && memcmp(names[i], entrant, length) == 0)
      return i;
  }
  for (size_t j = 0; j < length; j++)
    sum += (unsigned char)entrant[j];
  return i + sum % STYLES;
}

struct palette_style palette_style(struct pool *pool, const char *entrant) {
  size_t i = palette_rank(pool, entrant) % STYLES;
  bool is_variant = entrant[base_length(entrant)] != '\0';
  return (struct palette_style){colours[i], points[i], is_variant ? 3 : 1};
}

const char *palette_part(size_t index) {
  return colours[(index + 1) % STYLES];
}
