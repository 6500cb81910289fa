/* SPDX-License-Identifier: MIT */
/* `moving`: objects that stay where they are.

   Note [Pinned objects]
   A pinned object that is reached in a move is not copied. It becomes an
   outpost: its pages stay open when its space is closed. In everything else a
   move treats it like a copy, as an object that has moved to itself: until the
   end of the move its word has MOVING_GONE and its shadow has its own address.
   Its slots are visited in turn, like those of copies.

   An outpost is not in the space, so each move finds it in the list of the move
   before. If it is still pinned then, it becomes an outpost again. Otherwise it
   is copied into the space like any other object, or dies, and its pages are
   closed. The other objects on its pages are gone, but the pages can still be
   read: a stale reference to such a neighbour is found when it is stored or
   put in a root, but not when it is used.

   The region is used again from its beginning when it is used up. The new
   spaces then keep to the largest part of it without open pages. */
#include <stdlib.h>

#include "collectors/moving/moving.h"

enum { OUTPOST_PAGE = 4096 };

static char *page_down(const char *at) {
  return (char *)((uintptr_t)at / OUTPOST_PAGE * OUTPOST_PAGE);
}

static char *page_up(const char *at) {
  return page_down(at + OUTPOST_PAGE - 1);
}

bool gc_moving_outposts_have(const struct moving_outposts *outposts,
                             gc_ref object) {
  size_t low = 0, high = outposts->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (outposts->first[middle].object < object)
      low = middle + 1;
    else
      high = middle;
  }
  return low < outposts->count && outposts->first[low].object == object;
}

static void reserve(struct moving_outposts *outposts) {
  if (outposts->count < outposts->room)
    return;
  outposts->room = outposts->room * 2 + 16;
  outposts->first =
      realloc(outposts->first, outposts->room * sizeof *outposts->first);
  gc_assert_always(outposts->first != NULL);
}

void gc_moving_outposts_add(struct moving_heap *heap, gc_ref object) {
  struct moving_outposts *outposts = &heap->outposts;
  char *cell = gc_object_cell(object);
  size_t bytes = gc_sizeof(object);
  gc_assert(gc_world_is_stopped(&heap->base));
  reserve(outposts);
  outposts->first[outposts->count++] =
      (struct moving_outpost){object, page_down(cell), page_up(cell + bytes)};
  outposts->bytes += bytes;
  atomic_fetch_add(&heap->held, bytes);
}

static int by_address(const void *a, const void *b) {
  const struct moving_outpost *x = a, *y = b;
  return x->object < y->object ? -1 : x->object > y->object;
}

void gc_moving_outposts_sort(struct moving_outposts *outposts) {
  if (outposts->count > 0)
    qsort(outposts->first, outposts->count, sizeof *outposts->first,
          by_address);
}

void gc_moving_pieces(const struct moving_outposts *outposts, char *begin,
                      char *end, void (*act)(char *begin, size_t bytes)) {
  for (size_t i = 0; i < outposts->count && begin < end; i++) {
    const struct moving_outpost *out = &outposts->first[i];
    if (out->end <= begin || out->begin >= end)
      continue;
    if (out->begin > begin)
      act(begin, (size_t)(out->begin - begin));
    begin = out->end;
  }
  if (begin < end)
    act(begin, (size_t)(end - begin));
}

/* --- a window of the region ----------------------------------------------- */

static bool has_pinned(const struct moving_heap *heap) {
  return heap->outposts.count > 0 || heap->base.pins.count > 0;
}

/* The first open page at or after `at`; `at` itself if it is on one. */
static char *open_after(const struct moving_heap *heap, char *at) {
  char *next = heap->region_end;
  if (heap->ready > at && heap->begin < next)
    next = heap->begin;
  for (size_t i = 0; i < heap->outposts.count; i++) {
    const struct moving_outpost *out = &heap->outposts.first[i];
    if (out->end > at && out->begin < next)
      next = out->begin;
  }
  return next > at ? next : at;
}

static void window_consider(struct moving_heap *heap, char *begin) {
  char *end = open_after(heap, begin);
  if (end - begin > heap->window_end - heap->window) {
    heap->window = begin;
    heap->window_end = end;
  }
}

void gc_moving_window_choose(struct moving_heap *heap) {
  heap->window = heap->region;
  heap->window_end = heap->region_end;
  if (!has_pinned(heap))
    return;
  heap->window_end = heap->region;
  window_consider(heap, heap->region);
  window_consider(heap, heap->ready);
  for (size_t i = 0; i < heap->outposts.count; i++)
    window_consider(heap, heap->outposts.first[i].end);
}
