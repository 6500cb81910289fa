/* SPDX-License-Identifier: MIT */
/* Has all that was printed been written? Only the front end and the runners,
   as they end, can say it: a full disk is met when buffers are flushed. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

static inline bool output_is_written(void) {
  bool was_fine = !ferror(stdout);
  return fflush(stdout) == 0 && was_fine;
}

#endif
