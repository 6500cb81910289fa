/* SPDX-License-Identifier: MIT */
/* Lists of collectors or workloads as a person writes them: names, globs such
   as 'ring*', and !NAME for what is left out. */
#ifndef PLAN_NAMES_H
#define PLAN_NAMES_H

#include <stdbool.h>

#include "bench/base/pool.h"

struct names_request {
  const char *what;            /* "collector" or "workload" */
  const char *const *known;    /* ends with NULL */
  const char *const *asked;    /* the pieces of the list; NULL: all usual */
  const char *const *excluded; /* further names and globs to leave out */
  const char *const *usual;    /* if no name is asked for; NULL: all known */
};

/* The names that are asked for, in the order of the list; a glob stands for
   those in the order of `known` that are not there yet. `out` ends with NULL
   and has at least one name. Exit code. */
int names_choose(struct pool *, const struct names_request *,
                 const char *const **out);

/* Checks that the name of `label` is among `known`. Otherwise prints a sentence
   with a suggestion. Exit code. */
int names_known(struct pool *, const char *what, const char *label,
                const char *const *known);

/* Does `pattern` stand for one of `known`? */
bool names_match_any(const char *pattern, const char *const *known);

/* "a,b,c" */
const char *names_join(struct pool *, const char *const *names);

/* Checks that no name is there twice. Exit code. */
int names_unique(const char *what, const char *const *names);

#endif
