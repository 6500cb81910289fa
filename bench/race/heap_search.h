/* SPDX-License-Identifier: MIT */
/* The search for the smallest heap in which a workload completes, and the heap
   limits that follow from it. */
#ifndef RACE_HEAP_SEARCH_H
#define RACE_HEAP_SEARCH_H

#include "bench/race/search.h"

extern const struct search_card heap_search;

#endif
