/* SPDX-License-Identifier: MIT */
/* Markers: their stacks, and the threads that they run on.

   Note [Markers and the limit]
   All stacks together take a 256th of the limit, for any number of markers.
   Even deep structures need little stack, and Note [Overflow] in mark.c handles
   the others. But a stack has a minimum size. If the stacks of all markers
   would take more than a 64th of the limit at this size, there are fewer
   markers: so small a heap is marked before further markers have woken. So the
   smallest heap in which a program completes does not depend on the number of
   cores. */
#include "collectors/gen/gen.h"

#include <errno.h>
#include <stdlib.h>

enum {
  /* Edges of one marker; of all markers. */
  GEN_STACK_LEAST = 2 * GEN_PIECE,
  GEN_STACKS_MOST = 1 << 20,
  GEN_STACKS_SHARE = 256,
  GEN_MARKERS_SHARE = 64,
  /* Few parts of arrays wait at a time. */
  GEN_EDGES_TO_RANGE = 8,
  GEN_RANGES_MOST = 64,
  GEN_SHRUNK_RANGES = 2,
};

static size_t stack_capacity(const struct gen_heap *heap) {
  size_t all = heap->base.limit / GEN_STACKS_SHARE / sizeof(gc_ref);
  size_t edges =
      (all < GEN_STACKS_MOST ? all : GEN_STACKS_MOST) / heap->base.gc_threads;
  return edges < GEN_STACK_LEAST || heap->base.shrink ? GEN_STACK_LEAST : edges;
}

static size_t range_capacity(const struct gen_heap *heap) {
  size_t ranges = stack_capacity(heap) / GEN_EDGES_TO_RANGE;
  if (heap->base.shrink)
    return GEN_SHRUNK_RANGES;
  return ranges < GEN_RANGES_MOST ? ranges : GEN_RANGES_MOST;
}

size_t gc_gen_marker_bytes(const struct gen_marker *k) {
  return k->capacity * sizeof *k->stack + k->range_capacity * sizeof *k->ranges;
}

/* Note [Markers and the limit] */
static unsigned marker_count(const struct gen_heap *heap) {
  const struct gen_marker least = {.capacity = GEN_STACK_LEAST,
                                   .range_capacity =
                                       GEN_STACK_LEAST / GEN_EDGES_TO_RANGE};
  size_t most =
      heap->base.limit / GEN_MARKERS_SHARE / gc_gen_marker_bytes(&least);
  unsigned count = heap->base.gc_threads;
  return count <= most ? count : most > 1 ? (unsigned)most : 1;
}

static bool marker_init(struct gen_heap *heap, unsigned i) {
  struct gen_marker *k = &heap->markers[i];
  *k = (struct gen_marker){.index = i,
                           .heap = heap,
                           .capacity = stack_capacity(heap),
                           .range_capacity = range_capacity(heap)};
  gc_assert_always(k->capacity >= GEN_STACK_LEAST && k->range_capacity > 0);
  k->stack = malloc(k->capacity * sizeof *k->stack);
  k->ranges = malloc(k->range_capacity * sizeof *k->ranges);
  return k->stack && k->ranges && gc_gen_hold(heap, gc_gen_marker_bytes(k));
}

int gc_gen_marking_init(struct gen_heap *heap) {
  unsigned count = heap->base.gc_threads = marker_count(heap);
  bool ok = true;
  gc_assert_always(count > 0);
  pthread_mutex_init(&heap->sharing.lock, NULL);
  pthread_cond_init(&heap->sharing.changed, NULL);
  heap->markers = aligned_alloc(GC_CACHE_LINE, count * sizeof *heap->markers);
  if (heap->markers == NULL)
    return ENOMEM;
  for (unsigned i = 0; i < count; i++)
    ok &= marker_init(heap, i);
  if (!ok)
    return ENOMEM;
  return count == 1
             ? 0
             : gc_workers_create(&heap->workers, count - 1, heap->base.shake,
                                 gc_gen_worker_mark, heap);
}

void gc_gen_marking_finish(struct gen_heap *heap) {
  gc_workers_destroy(heap->workers);
  for (unsigned i = 0; heap->markers && i < heap->base.gc_threads; i++) {
    free(heap->markers[i].stack);
    free(heap->markers[i].ranges);
  }
  free(heap->markers);
  pthread_cond_destroy(&heap->sharing.changed);
  pthread_mutex_destroy(&heap->sharing.lock);
}
