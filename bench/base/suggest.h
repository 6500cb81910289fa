/* SPDX-License-Identifier: MIT */
/* "Did you mean …?" for a name that is not known. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

#include "bench/base/pool.h"

/* The known name that is closest to `word`, if a typing error may have made
   the one into the other; else NULL. `known` ends with NULL. */
const char *suggest_name(const char *word, const char *const *known);

/* The same as the end of a message, "; did you mean 'x'?", or "" without a
   suggestion. */
const char *suggest(struct pool *, const char *word, const char *const *known);

#endif
