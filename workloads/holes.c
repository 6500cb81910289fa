/* SPDX-License-Identifier: MIT */
#include "workloads/holes.h"

enum { PERCENT = 15 };

void workload_holes_draw(struct workload_hole_table *table, uint64_t seed) {
  struct workload_random random = workload_random_make(seed, 0);
  workload_geometric(&random, PERCENT, table->words, WORKLOAD_HOLES);
}

static void tally(const struct workload_hole_table *table, uint64_t draw,
                  struct workload_figures *figures) {
  unsigned words = table->words[draw % WORKLOAD_HOLES];
  if (words == 0)
    return;
  figures->alloc_objects++;
  figures->alloc_bytes +=
      gc_size_for(workload_bytes_type(), workload_hole_length(words));
}

/* Rounds through the table, rounded up. */
size_t workload_holes_bound(uint64_t seed, uint64_t draws) {
  struct workload_hole_table table;
  workload_holes_draw(&table, seed);
  struct workload_figures round = {0};
  for (unsigned i = 0; i < WORKLOAD_HOLES; i++)
    tally(&table, i, &round);
  return (draws / WORKLOAD_HOLES + 1) * round.alloc_bytes;
}

struct workload_holes
workload_holes_begin(const struct workload_hole_table *table, unsigned thread) {
  uint64_t first = thread * 97u;
  return (struct workload_holes){table, workload_bytes_type(), first, first};
}

void workload_holes_tally(const struct workload_holes *holes,
                          struct workload_figures *figures) {
  if (holes->table == NULL)
    return;
  uint64_t draws = holes->drawn - holes->first;
  struct workload_figures round = {0};
  for (unsigned i = 0; i < WORKLOAD_HOLES; i++)
    tally(holes->table, i, &round);
  figures->alloc_objects += draws / WORKLOAD_HOLES * round.alloc_objects;
  figures->alloc_bytes += draws / WORKLOAD_HOLES * round.alloc_bytes;
  for (uint64_t i = 0; i < draws % WORKLOAD_HOLES; i++)
    tally(holes->table, holes->first + i, figures);
}
