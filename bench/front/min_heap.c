/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include "bench/race/heap_search.h"

int min_heap_command(struct options *options) {
  return search_command(options, &heap_search);
}
