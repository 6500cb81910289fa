/* SPDX-License-Identifier: MIT */
#include "heap/assert.h"

#include <stdio.h>
#include <stdlib.h>

void __gcov_dump(void); /* only in coverage builds */

_Noreturn void gc_abort(void) {
  if (GC_COVERAGE)
    __gcov_dump(); /* abort() would lose the counters */
  abort();
}

_Noreturn void gc_panic(const char *file, int line, const char *what) {
  fprintf(stderr, "sweepstakes: broken invariant at %s:%d: %s\n", file, line,
          what);
  gc_abort();
}

_Noreturn void gc_misuse(const char *sentence) {
  fprintf(stderr, "sweepstakes: %s\n", sentence);
  gc_abort();
}
