/* SPDX-License-Identifier: MIT */
/* Markers: their stacks, and the threads that they run on.

   Note [Markers and the limit]
   All stacks together take a 256th of the limit, for any number of markers.
   Even deep structures need little stack, and Note [Overflow] in overflow.c
   handles the others. But a stack has a minimum size. If the stacks of all
   markers would take more than a 64th of the limit at this size, there are
   fewer markers: so small a heap is marked before further markers have woken.
   So the smallest heap in which a program completes does not depend on the
   number of cores. */
#include "collectors/shared/marking/marking.h"

#include <errno.h>
#include <stdlib.h>

enum {
  /* Edges of one marker; of all markers. */
  MARK_STACK_LEAST = 2 * MARK_PIECE,
  MARK_STACKS_MOST = 1 << 20,
  MARK_STACKS_SHARE = 256,
  MARK_MARKERS_SHARE = 64,
  /* Few parts of arrays wait at a time. */
  MARK_EDGES_TO_RANGE = 8,
  MARK_RANGES_MOST = 64,
  MARK_SHRUNK_RANGES = 2,
};

static size_t stack_capacity(const struct marking *marking) {
  size_t all = marking->heap->base.limit / MARK_STACKS_SHARE / sizeof(gc_ref);
  size_t edges =
      (all < MARK_STACKS_MOST ? all : MARK_STACKS_MOST) / marking->count;
  return edges < MARK_STACK_LEAST || marking->heap->base.shrink
             ? MARK_STACK_LEAST
             : edges;
}

static size_t range_capacity(const struct marking *marking) {
  size_t ranges = stack_capacity(marking) / MARK_EDGES_TO_RANGE;
  if (marking->heap->base.shrink)
    return MARK_SHRUNK_RANGES;
  return ranges < MARK_RANGES_MOST ? ranges : MARK_RANGES_MOST;
}

static size_t marker_bytes(const struct marker *k) {
  return k->capacity * sizeof *k->stack + k->range_capacity * sizeof *k->ranges;
}

/* Note [Markers and the limit] */
unsigned gc_marking_count(const struct blk_heap *heap, unsigned count) {
  const struct marker least = {.capacity = MARK_STACK_LEAST,
                               .range_capacity =
                                   MARK_STACK_LEAST / MARK_EDGES_TO_RANGE};
  size_t most = heap->base.limit / MARK_MARKERS_SHARE / marker_bytes(&least);
  return count <= most ? count : most > 1 ? (unsigned)most : 1;
}

static bool marker_init(struct marking *marking, unsigned i) {
  struct marker *k = &marking->markers[i];
  *k = (struct marker){.index = i,
                       .marking = marking,
                       .left = SIZE_MAX,
                       .wide_ns = MARK_WIDE_NS,
                       .capacity = stack_capacity(marking),
                       .range_capacity = range_capacity(marking)};
  pthread_mutex_init(&k->lock, NULL);
  gc_assert_always(k->capacity >= MARK_STACK_LEAST && k->range_capacity > 0);
  k->stack = malloc(k->capacity * sizeof *k->stack);
  k->ranges = malloc(k->range_capacity * sizeof *k->ranges);
  return k->stack && k->ranges && gc_blk_hold(marking->heap, marker_bytes(k));
}

int gc_marking_init(struct marking *marking, struct blk_heap *heap,
                    unsigned count, bool arms, uint8_t note) {
  marking->heap = heap;
  marking->note = note;
  marking->arms = arms;
  marking->count = count;
  bool ok = true;
  gc_assert_always(count > 0);
  gc_watch_init(marking);
  pthread_mutex_init(&marking->sharing.lock, NULL);
  pthread_cond_init(&marking->sharing.changed, NULL);
  marking->markers =
      aligned_alloc(GC_CACHE_LINE, count * sizeof *marking->markers);
  if (marking->markers == NULL)
    return ENOMEM;
  for (unsigned i = 0; i < count; i++)
    ok &= marker_init(marking, i);
  return ok ? 0 : ENOMEM;
}

int gc_marking_start_workers(struct marking *marking) {
  if (marking->count == 1)
    return 0;
  return gc_workers_create(&marking->workers, marking->count - 1,
                           marking->heap->base.shake, gc_mark_worker, marking);
}

size_t gc_marking_bytes(const struct marking *marking) {
  size_t bytes = gc_watch_bytes(marking);
  for (unsigned i = 0; i < marking->count; i++)
    bytes += marker_bytes(&marking->markers[i]);
  return bytes;
}

void gc_marking_finish(struct marking *marking) {
  gc_workers_destroy(marking->workers);
  for (unsigned i = 0; marking->markers && i < marking->count; i++) {
    free(marking->markers[i].stack);
    free(marking->markers[i].ranges);
    pthread_mutex_destroy(&marking->markers[i].lock);
  }
  free(marking->markers);
  pthread_cond_destroy(&marking->sharing.changed);
  pthread_mutex_destroy(&marking->sharing.lock);
  gc_watch_finish(marking);
}
