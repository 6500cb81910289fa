/* SPDX-License-Identifier: MIT */
#include "heap/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void gc_panic(const char *file, int line, const char *what) {
  fprintf(stderr, "sweepstakes: broken invariant at %s:%d: %s\n", file, line,
          what);
  abort();
}
