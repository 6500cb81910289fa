/* SPDX-License-Identifier: MIT */
#include "bench/plan/sweep.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "bench/base/number.h"
#include "bench/base/say.h"
#include "bench/base/text.h"
#include "bench/plan/catalog.h"
#include "bench/plan/names.h"

/* --- lists that end with NULL --------------------------------------------- */

struct list {
  struct pool *pool;
  char **items;
  size_t count;
};

static void list_add(struct list *l, const char *item) {
  l->items = pool_grow(l->pool, l->items, l->count, sizeof *l->items);
  l->items[l->count++] = (char *)item;
  l->items = pool_grow(l->pool, l->items, l->count, sizeof *l->items);
  l->items[l->count] = NULL;
}

/* --- heap factors --------------------------------------------------------- */

static const double FACTOR_MOST = 1000;

/* Close to even steps on a logarithmic axis, and numbers that people use. */
static void between_add(struct list *l, double a, double b) {
  static const double steps[] = {1, 1.25, 1.5};
  for (int power = (int)floor(log2(a)); ldexp(1, power) < b; power++) {
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
      double factor = ldexp(steps[i], power);
      if (factor > a && factor < b)
        list_add(l, pool_format(l->pool, "%.9g", factor));
    }
  }
}

static int range_add(struct list *l, const char *piece, const char *dots) {
  const char *from = pool_copy(l->pool, piece, (size_t)(dots - piece));
  const char *to = dots + 2;
  double a, b;
  if (number_real(from, 0, FACTOR_MOST, &a) != NUMBER_FINE ||
      number_real(to, 0, FACTOR_MOST, &b) != NUMBER_FINE || a <= 0 || a >= b)
    return complain(EXIT_USAGE,
                    "--heap-factors: '%s' is not A..B with 0 < A < B <= %g",
                    piece, FACTOR_MOST);
  list_add(l, from);
  between_add(l, a, b);
  list_add(l, to);
  return EXIT_FINE;
}

int sweep_factors(struct pool *pool, const char *text, char ***out) {
  struct list l = {.pool = pool};
  int code = EXIT_FINE;
  for (char **piece = text_split(pool, text, ',');
       code == EXIT_FINE && *piece != NULL; piece++) {
    const char *dots = strstr(*piece, "..");
    if (dots != NULL)
      code = range_add(&l, *piece, dots);
    else
      list_add(&l, *piece);
  }
  *out = l.items;
  return code;
}

/* --- values of a tuning key ----------------------------------------------- */

struct sweep {
  const char *collector, *key;
  char **values; /* ends with NULL */
};

static int sweep_read(struct pool *pool, const char *text, struct sweep *out) {
  size_t name = strcspn(text, ":"), key = strcspn(text, "=");
  if (text[key] == '\0' || name == 0 || name + 1 >= key ||
      text[key + 1] == '\0')
    return complain(EXIT_USAGE, "--sweep: '%s' is not COLLECTOR:KEY=N,N,...",
                    text);
  out->collector = pool_copy(pool, text, name);
  out->key = pool_copy(pool, text + name + 1, key - name - 1);
  out->values = text_split(pool, text + key + 1, ',');
  return names_known(pool, "collector", out->collector,
                     catalog_collector_names(pool));
}

static void variants_add(struct list *l, const struct sweep *s,
                         const char *label) {
  const char *joint = strchr(label, ':') != NULL ? "," : ":";
  for (char **value = s->values; *value != NULL; value++)
    list_add(l,
             pool_format(l->pool, "%s%s%s=%s", label, joint, s->key, *value));
}

static int sweep_do(struct pool *pool, const struct sweep *s,
                    const char *const *labels, const char *const **out) {
  struct list l = {.pool = pool};
  bool applies = false;
  for (; *labels != NULL; labels++) {
    bool is_swept = strcmp(catalog_base(pool, *labels), s->collector) == 0;
    applies |= is_swept;
    if (is_swept)
      variants_add(&l, s, *labels);
    else
      list_add(&l, *labels);
  }
  *out = (const char *const *)l.items;
  if (applies)
    return EXIT_FINE;
  return complain(EXIT_USAGE,
                  "--sweep of '%s' applies to nothing: add %s to "
                  "--collectors, or leave the option out",
                  s->collector, s->collector);
}

int sweep_labels(const struct options *options, const char *const *labels,
                 const char *const **out) {
  const char *text = options->text[OPTION_SWEEP];
  struct pool *pool = options->pool;
  *out = labels;
  if (text == NULL)
    return EXIT_FINE;
  if (options->text[OPTION_RESUME] != NULL)
    return complain(EXIT_USAGE,
                    "a resumed campaign keeps its plan: leave --sweep out");
  int code = EXIT_FINE;
  for (char **piece = text_split(pool, text, '\n');
       code == EXIT_FINE && *piece != NULL; piece++) {
    struct sweep s = {0};
    code = sweep_read(pool, *piece, &s) ?: sweep_do(pool, &s, *out, out);
  }
  return code ?: names_unique("collector", *out);
}
