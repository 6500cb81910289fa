/* SPDX-License-Identifier: MIT */
#include "bench/stats/room.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/base/exit_code.h"

void *room_make(size_t count, size_t size) {
  void *room = calloc(count + 1, size);
  if (room == NULL) {
    fputs("sweepstakes: out of memory while computing statistics\n", stderr);
    exit(EXIT_MEMORY);
  }
  return room;
}
