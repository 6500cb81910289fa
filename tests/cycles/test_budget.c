/* SPDX-License-Identifier: MIT */
/* A pass over older candidates that was cut short continues as such a pass,
   even if none is due any more. */
#include <string.h>

#include "tests/support/support.h"

enum { LARGE = 40000 }; /* more than the first pass under a budget looks at */

static struct {
  size_t passes, freed;
  int generation; /* of the last one */
} seen;

static void on_resumed(void *data, const struct gc_pause *pause) {
  (void)data;
  if (strcmp(pause->cause, "candidates") != 0 || pause->generation < 0)
    return;
  seen.passes++;
  seen.freed += pause->objects_freed;
  seen.generation = pause->generation;
}

static void drop_ring(gc_mutator *m, size_t size) {
  GC_FRAME(m, f, first, node);
  gc_ref last = test_make(m, &f.first, test_node, 0);
  CHECK(last != NULL);
  gc_set(m, last, 0, last);
  for (size_t i = 1; i < size; i++) {
    CHECK(test_make(m, &f.node, test_node, i) != NULL);
    gc_ref first = gc_root_get(&f.first), node = gc_root_get(&f.node);
    gc_set(m, node, 0, gc_get(first, 0));
    gc_set(m, first, 0, node);
  }
}

static int next_pass(gc_mutator *m) {
  size_t before = seen.passes;
  for (int i = 0; i < 10000 && seen.passes == before; i++) {
    drop_ring(m, 2);
    gc_safepoint(m);
  }
  CHECK(seen.passes == before + 1);
  return seen.generation;
}

int main(void) {
  const struct gc_options options = {
      .tuning = "candidates=10,gen1=1,gen2=0,budget_us=60000000"};
  const struct gc_listener listener = {.resumed = on_resumed};
  gc_heap *heap;
  test_types_define();
  CHECK(gc_heap_create(&options, &heap) == 0);
  gc_listen(heap, &listener);
  gc_mutator *m = gc_attach(heap);
  CHECK(next_pass(m) == 0);
  gc_threshold_set(heap, 0, 0);
  drop_ring(m, LARGE);
  gc_threshold_set(heap, 0, 10);
  CHECK(next_pass(m) == 1);
  CHECK(seen.freed < LARGE);
  gc_threshold_set(heap, 1, 0);
  while (seen.freed < LARGE)
    CHECK(next_pass(m) == 1);
  CHECK(next_pass(m) == 0);
  gc_listen(heap, NULL);
  test_close(m);
  return 0;
}
