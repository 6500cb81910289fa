/* SPDX-License-Identifier: MIT */
#include "tests/stress/stress.h"

gc_root stress_cells;

gc_mutator *stress_open(size_t heap_bytes, size_t cell_count) {
  gc_mutator *m = test_open(heap_bytes);
  gc_global_add(m->heap, &stress_cells);
  GC_FRAME(m, f, array);
  CHECK(gc_new_array(m, &f.array, test_refs, cell_count) != NULL);
  gc_global_set(m, &stress_cells, gc_root_get(&f.array));
  return m;
}

/* Collects until the collector gives back memory that it keeps for reuse. */
void stress_settle(gc_mutator *m) {
  gc_global_set(m, &stress_cells, NULL);
  for (int i = 0; i < 3; i++)
    test_collect(m);
}

void stress_close(gc_mutator *m) {
  gc_global_remove(m, &stress_cells);
  test_close(m);
}

void stress_check_deaths(size_t n, size_t most) {
  CHECK(test_deaths() >= test_least_dead_of_shared(n, most));
  CHECK(test_deaths() <= test_most_dead(n));
  test_deaths_check();
}

void stress_check_held(gc_mutator *m, size_t before) {
  enum { AT_HAND = 4 << 20 };
  if (test_finds_garbage() && !test_counts_narrowly())
    CHECK(test_held(m->heap) <= before + AT_HAND);
}
