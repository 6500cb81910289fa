/* SPDX-License-Identifier: MIT */
/* Garbage between the objects of a workload: byte arrays of random length that
   die at once and fragment memory, like the temporary objects of other code. A
   hole has n words with probability 0.85^n 0.15; for n = 0 there is none. */
#ifndef WORKLOAD_HOLES_H
#define WORKLOAD_HOLES_H

#include "workloads/helpers.h"

enum { WORKLOAD_HOLES = 1 << 12 }; /* drawn before the clock starts */

struct workload_hole_table {
  uint8_t words[WORKLOAD_HOLES]; /* behind the header; the first is length */
};

struct workload_holes {
  const struct workload_hole_table *table; /* NULL: no holes */
  gc_type type;
  uint64_t first, drawn; /* draws, modulo WORKLOAD_HOLES */
};

void workload_holes_draw(struct workload_hole_table *, uint64_t seed);
/* An upper bound of the bytes of any `draws` holes in a row. */
size_t workload_holes_bound(uint64_t seed, uint64_t draws);

/* The holes of a thread. Threads start at different places of the table, so
   that they do not run in step. */
struct workload_holes workload_holes_begin(const struct workload_hole_table *,
                                           unsigned thread);

/* Adds the holes that were made to the figures. */
void workload_holes_tally(const struct workload_holes *,
                          struct workload_figures *);

static inline size_t workload_hole_length(unsigned words) {
  return (words - 1) * sizeof(uint64_t);
}

/* False: out of memory. */
static inline bool workload_hole(gc_mutator *m, struct workload_holes *holes) {
  if (holes->table == NULL)
    return true;
  unsigned words = holes->table->words[holes->drawn++ % WORKLOAD_HOLES];
  if (words == 0)
    return true;
  GC_FRAME(m, f, hole);
  return gc_new_array(m, &f.hole, holes->type, workload_hole_length(words)) !=
         NULL;
}

#endif
