/* SPDX-License-Identifier: MIT */
/* What bench/peers/cycles.py measures in CPython, on a collector of ours: the
   time of a full collection. Dead rings are dropped beside a live heap. A share
   of the live rings loses a reference but stays alive, so trial deletion must
   examine it. Prints a line for each case and each round: its name, and
   nanoseconds for each dead object or for each live one.

   Usage: cycles-<collector> ROUNDS [CASE] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap/sweepstakes.h"

static gc_type node_type;

/* Makes a ring of `count` nodes, in *out. */
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

/* Makes `rings` rings of `count` nodes, held by an array, and drops them at
   once. */
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

/* cycles.py has the same table. */
static const struct shape {
  const char *name;
  size_t live;         /* objects in rings of LIVE_RING */
  size_t percent;      /* of those rings that lose a reference but live on */
  size_t rings, count; /* dropped, and objects in each */
  int repeats;         /* in a round */
} shapes[] = {
    {"ring_1000000", 0, 0, 1, 1000000, 1},
    {"cycles_100x20", 0, 0, 100, 20, 20},
    {"beside_50000", 50000, 0, 1000, 2, 5},
    {"beside_5000000", 5000000, 0, 1000, 2, 5},
    {"let_go_0", 1000000, 0, 1000, 2, 1},
    {"let_go_10", 1000000, 10, 1000, 2, 1},
    {"let_go_50", 1000000, 50, 1000, 2, 1},
    {"let_go_100", 1000000, 100, 1000, 2, 1},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0], LIVE_RING = 100 };

static bool is_by_live(const struct shape *shape) {
  return strncmp(shape->name, "let_go", 6) == 0;
}

static bool make_live(gc_mutator *m, gc_root *out, gc_type array,
                      size_t rings) {
  GC_FRAME(m, f, ring);
  if (gc_new_array(m, out, array, rings) == NULL)
    return false;
  for (size_t i = 0; i < rings; i++) {
    if (!make_ring(m, &f.ring, LIVE_RING))
      return false;
    gc_set_move(m, gc_root_get(out), i, &f.ring);
  }
  return true;
}

/* Takes some rings into a root and drops it. */
static void let_go(gc_mutator *m, const gc_root *all, size_t percent) {
  GC_FRAME(m, f, ring);
  size_t rings = gc_length(gc_root_get(all));
  for (size_t i = 0; i < rings; i++)
    if (i % 100 < percent)
      gc_root_set(m, &f.ring, gc_get(gc_root_get(all), i));
}

static bool measure(gc_mutator *m, gc_type array, const struct shape *shape,
                    const gc_root *live) {
  size_t dropped = shape->rings * shape->count;
  let_go(m, live, shape->percent);
  if (!drop_rings(m, array, shape->rings, shape->count))
    return false;
  uint64_t begun = gc_now_ns();
  size_t dead = gc_collect(m, GC_FULL);
  uint64_t took = gc_now_ns() - begun;
  if (dead < dropped) {
    fprintf(stderr, "cycles: %zu of %zu objects died\n", dead, dropped);
    return false;
  }
  size_t by = is_by_live(shape) ? shape->live : dropped;
  printf("%s %.3f\n", shape->name, (double)took / (double)by);
  return true;
}

static bool measure_rounds(gc_mutator *m, gc_type array,
                           const struct shape *shape, int rounds) {
  GC_FRAME(m, f, live);
  bool ok = make_live(m, &f.live, array, shape->live / LIVE_RING);
  gc_collect(m, GC_FULL);
  for (int i = 0; ok && i < rounds * shape->repeats; i++)
    ok = measure(m, array, shape, &f.live);
  return ok;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 5;
  gc_heap *heap;
  node_type = gc_type_define(
      &(struct gc_type_desc){.name = "node", .refs = 2, .bytes = 8});
  gc_type array = gc_type_define(
      &(struct gc_type_desc){.name = "array", .tail = GC_REF_TAIL});
  /* Only the measured pass runs, as in the script for CPython. */
  if (gc_heap_create(NULL, &heap) != 0)
    return 4;
  gc_threshold_set(heap, 0, 0);
  gc_mutator *m = gc_attach(heap);
  bool ok = m != NULL;
  for (int i = 0; ok && i < SHAPES; i++)
    if (argc < 3 || strcmp(argv[2], shapes[i].name) == 0)
      ok = measure_rounds(m, array, &shapes[i], rounds);
  if (m)
    gc_detach(m);
  gc_heap_destroy(heap);
  return ok ? 0 : 1;
}
