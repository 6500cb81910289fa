/* SPDX-License-Identifier: MIT */
/* Flushes stdout and checks that everything printed was written. Called when
   the program ends: a full disk shows only when buffers are flushed. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

static inline bool output_is_written(void) {
  bool was_fine = !ferror(stdout);
  return fflush(stdout) == 0 && was_fine;
}

#endif
