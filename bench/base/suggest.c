/* SPDX-License-Identifier: MIT */
#include "bench/base/suggest.h"

#include <string.h>

/* Longer names are compared by their beginning. One letter may be wrong, or a
   third of them: with more, the suggestion has little to do with the word. */
enum { LETTERS_MAX = 40, LETTERS_PER_ERROR = 3 };

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t letters(const char *word) {
  return strnlen(word, LETTERS_MAX);
}

/* The restricted Damerau-Levenshtein distance: how many letters were left out,
   put in, replaced, or exchanged with their neighbour. row[i][j] is the
   distance of the first i letters of `a` from the first j of `b`. */
static size_t distance(const char *a, const char *b) {
  size_t row[LETTERS_MAX + 1][LETTERS_MAX + 1];
  size_t rows = letters(a), columns = letters(b);
  for (size_t i = 0; i <= rows; i++) {
    for (size_t j = 0; j <= columns; j++) {
      size_t *here = &row[i][j];
      *here = i + j;
      if (i == 0 || j == 0)
        continue;
      *here = least(row[i - 1][j], row[i][j - 1]) + 1;
      *here = least(*here, row[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        *here = least(*here, row[i - 2][j - 2] + 1);
    }
  }
  return row[rows][columns];
}

const char *suggest_name(const char *word, const char *const *known) {
  const char *best = NULL;
  size_t errors = letters(word) / LETTERS_PER_ERROR;
  size_t best_distance = (errors > 0 ? errors : 1) + 1;
  for (; *known != NULL; known++) {
    size_t d = distance(word, *known);
    if (d < best_distance) {
      best_distance = d;
      best = *known;
    }
  }
  return best;
}

const char *suggest(struct pool *pool, const char *word,
                    const char *const *known) {
  const char *name = suggest_name(word, known);
  return name != NULL ? pool_format(pool, "; did you mean '%s'?", name) : "";
}
