/* SPDX-License-Identifier: MIT */
#include "bench/plan/names.h"

#include <fnmatch.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/suggest.h"
#include "bench/plan/catalog.h"

struct list {
  struct pool *pool;
  const char **names; /* ends with NULL */
  size_t count;
};

static void list_add(struct list *l, const char *name) {
  l->names = pool_grow(l->pool, l->names, l->count, sizeof *l->names);
  l->names[l->count++] = name;
  l->names = pool_grow(l->pool, l->names, l->count, sizeof *l->names);
  l->names[l->count] = NULL;
}

static bool is_among(const char *const *names, size_t count, const char *name) {
  for (size_t i = 0; i < count && names[i] != NULL; i++) {
    if (strcmp(names[i], name) == 0)
      return true;
  }
  return false;
}

static bool is_glob(const char *text) {
  return strpbrk(text, "*?[") != NULL;
}

static bool matches(const char *pattern, const char *name) {
  return fnmatch(pattern, name, 0) == 0;
}

bool names_match_any(const char *pattern, const char *const *known) {
  while (*known != NULL && !matches(pattern, *known))
    known++;
  return *known != NULL;
}

const char *names_join(struct pool *pool, const char *const *names) {
  const char *joined = names[0];
  for (size_t i = 1; names[i] != NULL; i++)
    joined = pool_format(pool, "%s,%s", joined, names[i]);
  return joined;
}

int names_unique(const char *what, const char *const *names) {
  for (size_t i = 0; names[i] != NULL; i++) {
    if (is_among(names, i, names[i]))
      return complain(EXIT_USAGE, "the %s '%s' is named twice", what, names[i]);
  }
  return EXIT_FINE;
}

int names_known(struct pool *pool, const char *what, const char *label,
                const char *const *known) {
  const char *name = catalog_base(pool, label);
  if (is_among(known, SIZE_MAX, name))
    return EXIT_FINE;
  const char *hint = suggest(pool, name, known);
  return complain(EXIT_USAGE, "unknown %s '%s'%s", what, name,
                  *hint != '\0' ? hint
                                : pool_format(pool, "; there are %s",
                                              names_join(pool, known)));
}

/* --- choosing ------------------------------------------------------------- */

/* A pattern that matches nothing is most likely a typing error. */
static int pattern_known(struct pool *pool, const struct names_request *r,
                         const char *pattern) {
  if (!is_glob(pattern))
    return names_known(pool, r->what, pattern, r->known);
  if (names_match_any(pattern, r->known))
    return EXIT_FINE;
  return complain(EXIT_USAGE, "no %s matches '%s'; there are %s", r->what,
                  pattern, names_join(pool, r->known));
}

static void glob_add(struct list *l, const struct names_request *r,
                     const char *pattern) {
  for (const char *const *name = r->known; *name != NULL; name++) {
    if (matches(pattern, *name) && !is_among(l->names, l->count, *name))
      list_add(l, *name);
  }
}

/* Reads the list: `with` gets the chosen names, `without` those after "!". */
static int pieces_read(struct list *with, struct list *without,
                       const struct names_request *r) {
  for (const char *const *piece = r->asked; *piece != NULL; piece++) {
    bool is_left_out = **piece == '!';
    const char *pattern = *piece + is_left_out;
    int code = pattern_known(with->pool, r, pattern);
    if (code != EXIT_FINE)
      return code;
    if (is_left_out)
      list_add(without, pattern);
    else if (is_glob(pattern))
      glob_add(with, r, pattern);
    else
      list_add(with, pattern);
  }
  return names_unique(r->what, with->names);
}

static bool is_excluded(struct pool *pool, const char *const *patterns,
                        const char *label) {
  for (; *patterns != NULL; patterns++) {
    if (matches(*patterns, label) ||
        matches(*patterns, catalog_base(pool, label)))
      return true;
  }
  return false;
}

int names_choose(struct pool *pool, const struct names_request *r,
                 const char *const **out) {
  static const char *const none[] = {NULL};
  struct list with = {pool, pool_alloc(pool, sizeof(char *)), 0};
  struct list without = {pool, pool_alloc(pool, sizeof(char *)), 0};
  struct list chosen = {pool, NULL, 0};
  int code = pieces_read(
      &with, &without,
      &(struct names_request){r->what, r->known, r->asked ?: none, none, NULL});
  if (code != EXIT_FINE)
    return code;
  const char *const *all = with.count > 0 ? with.names : r->usual ?: r->known;
  for (; *all != NULL; all++) {
    if (!is_excluded(pool, without.names, *all) &&
        !is_excluded(pool, r->excluded, *all))
      list_add(&chosen, *all);
  }
  *out = chosen.names;
  if (chosen.count == 0)
    return complain(EXIT_USAGE, "every %s is excluded", r->what);
  return EXIT_FINE;
}
