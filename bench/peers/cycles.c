/* SPDX-License-Identifier: MIT */
/* What bench/peers/cycles.py measures in CPython, on a collector of ours: the
   time that a collection takes for dead cycles, per object. Prints a line for
   each case: its name and nanoseconds for each object, one measurement a round.

   Usage: cycles-<collector> ROUNDS */
#include <stdio.h>
#include <stdlib.h>

#include "heap/sweepstakes.h"

static gc_type node_type;

/* A ring of `count` nodes, in *out. */
static bool make_ring(gc_mutator *m, gc_root *out, size_t count) {
  GC_FRAME(m, f, first, node);
  if (gc_new(m, &f.first, node_type) == NULL)
    return false;
  gc_root_set(m, out, gc_root_get(&f.first));
  for (size_t i = 1; i < count; i++) {
    gc_ref node = gc_new(m, &f.node, node_type);
    if (node == NULL)
      return false;
    gc_set(m, node, 0, gc_root_get(out));
    gc_root_move(m, out, &f.node);
  }
  gc_set(m, gc_root_get(&f.first), 0, gc_root_get(out));
  return true;
}

/* `rings` rings of `count` nodes, held by an array and dropped at once. */
static bool drop_rings(gc_mutator *m, gc_type array, size_t rings,
                       size_t count) {
  GC_FRAME(m, f, all, ring);
  if (gc_new_array(m, &f.all, array, rings) == NULL)
    return false;
  for (size_t i = 0; i < rings; i++) {
    if (!make_ring(m, &f.ring, count))
      return false;
    gc_set_move(m, gc_root_get(&f.all), i, &f.ring);
  }
  return true;
}

static bool measure(gc_mutator *m, gc_type array, const char *name,
                    size_t rings, size_t count) {
  if (!drop_rings(m, array, rings, count))
    return false;
  uint64_t begun = gc_now_ns();
  size_t dead = gc_collect(m, GC_FULL);
  uint64_t took = gc_now_ns() - begun;
  if (dead < rings * count) {
    fprintf(stderr, "cycles: %zu of %zu objects died\n", dead, rings * count);
    return false;
  }
  printf("%s %.2f\n", name, (double)took / (double)(rings * count));
  return true;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 5;
  gc_heap *heap;
  node_type = gc_type_define(
      &(struct gc_type_desc){.name = "node", .refs = 2, .bytes = 8});
  gc_type array = gc_type_define(
      &(struct gc_type_desc){.name = "array", .tail = GC_REF_TAIL});
  /* No pass but the one that is measured, as the script does in CPython. */
  if (gc_heap_create(NULL, &heap) != 0)
    return 4;
  gc_threshold_set(heap, 0, 0);
  gc_mutator *m = gc_attach(heap);
  bool ok = m != NULL;
  for (int i = 0; ok && i < rounds; i++) {
    ok = measure(m, array, "ring_1000000", 1, 1000000);
    for (int k = 0; ok && k < 20; k++)
      ok = measure(m, array, "cycles_100x20", 100, 20);
  }
  if (m)
    gc_detach(m);
  gc_heap_destroy(heap);
  return ok ? 0 : 1;
}
