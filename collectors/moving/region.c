/* SPDX-License-Identifier: MIT */
/* `moving`: addresses and pages. Invariant: of the region and its shadows,
   exactly the pages of outposts and those of the space from `begin` to `ready`
   can be accessed, and the latter are zero past `at`. It is broken only while
   the world is stopped.

   The region is one reservation, and parts of it are opened and closed. There
   is not a mapping for each space, because the system limits the number of
   mappings. Closed parts that are adjacent become one mapping. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "collectors/moving/moving.h"

/* Pages are opened in steps of so many bytes, because most spaces are small. */
enum { MOVING_STEP = 64 << 10 };
/* Bytes of the region that `shrink` uses. They last for some thousand moves. */
enum { MOVING_SHRUNK_REGION = 256 << 20 };

static size_t rounded(size_t bytes, size_t to) {
  return (bytes + to - 1) / to * to;
}

static bool is_inside(const struct moving_heap *heap, const char *at) {
  return at >= heap->region && at <= heap->region_end;
}

static int reserve(void *at, size_t bytes, int flags, char **out) {
  void *memory =
      mmap(at, bytes, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
  *out = memory;
  return memory == MAP_FAILED ? errno : 0;
}

void gc_moving_pages_drop(char *begin, size_t bytes) {
  char *same;
  int error = reserve(begin, bytes, MAP_FIXED, &same);
  if (error == 0)
    error = reserve(begin + MOVING_REGION, bytes, MAP_FIXED, &same);
  gc_assert_always(error == 0);
}

static bool pages_protect(char *begin, size_t bytes, int protection) {
  return mprotect(begin, bytes, protection) == 0 &&
         mprotect(begin + MOVING_REGION, bytes, protection) == 0;
}

static void space_open(struct moving_heap *heap, char *begin) {
  gc_assert_always(is_inside(heap, begin));
  gc_assert((uintptr_t)begin % sizeof(uint64_t) == 0);
  heap->begin = heap->ready = begin;
  atomic_store(&heap->at, begin);
  atomic_store(&heap->held, heap->outposts.bytes);
}

int gc_moving_region_init(struct moving_heap *heap) {
  int error = reserve(NULL, 2 * MOVING_REGION, 0, &heap->region);
  if (error != 0)
    return error;
  size_t room = heap->base.shrink ? MOVING_SHRUNK_REGION : MOVING_REGION;
  heap->region_end = heap->region + room;
  gc_moving_window_choose(heap);
  heap->kept_from = 1; /* the first move's */
  space_open(heap, heap->region);
  return 0;
}

void gc_moving_region_finish(struct moving_heap *heap) {
  munmap(heap->region, 2 * MOVING_REGION);
}

static bool make_ready(struct moving_heap *heap, size_t bytes) {
  bytes = rounded(bytes, MOVING_STEP);
  gc_assert_always(is_inside(heap, heap->ready));
  size_t left = (size_t)(heap->window_end - heap->ready);
  if (bytes > left ||
      !pages_protect(heap->ready, bytes, PROT_READ | PROT_WRITE))
    return false;
  heap->ready += bytes;
  gc_assert(is_inside(heap, heap->ready));
  return true;
}

char *gc_moving_bump(struct moving_heap *heap, size_t bytes) {
  char *cell = atomic_load(&heap->at);
  gc_assert_always(heap->begin <= cell && cell <= heap->ready);
  gc_assert_always(bytes % 8 == 0);
  size_t left = (size_t)(heap->ready - cell);
  if (bytes > left && !make_ready(heap, bytes - left))
    return NULL;
  atomic_store(&heap->at, cell + bytes);
  atomic_store(&heap->held,
               (size_t)(cell + bytes - heap->begin) + heap->outposts.bytes);
  return cell;
}

/* --- old spaces ----------------------------------------------------------- */

static struct moving_past *past_of(struct moving_heap *heap, uint64_t move) {
  return &heap->past[move % MOVING_PASTS];
}

static void forget_contents(struct moving_heap *heap, size_t most,
                            uint64_t least) {
  while (heap->kept_from <= heap->moves &&
         (heap->kept > most || heap->kept_from < least)) {
    struct moving_past *past = past_of(heap, heap->kept_from++);
    size_t bytes = (size_t)(past->end - past->begin);
    gc_assert_always(past->has_contents && heap->kept >= bytes);
    gc_moving_pieces(&heap->outposts, past->begin, past->end,
                     gc_moving_pages_drop);
    past->has_contents = false;
    heap->kept -= bytes;
  }
}

/* The window is used up, and its addresses are used again. An address then no
   longer shows in which space it was, so the old spaces are forgotten. */
static void begin_anew(struct moving_heap *heap) {
  forget_contents(heap, 0, UINT64_MAX);
  for (int i = 0; i < MOVING_PASTS; i++)
    heap->past[i].move = 0;
  gc_moving_window_choose(heap);
  space_open(heap, heap->window);
}

/* The copies take at most half of the rest of the window, so that as much is
   left for allocation. */
struct moving_past gc_moving_space_begin(struct moving_heap *heap) {
  struct moving_past old = {heap->begin, heap->ready, heap->moves + 1, true};
  gc_assert_always(gc_world_is_stopped(&heap->base));
  size_t left = (size_t)(heap->window_end - heap->ready);
  size_t room = (size_t)(heap->window_end - heap->window);
  if (left / 2 < atomic_load(&heap->held) + room / 8)
    begin_anew(heap);
  else
    space_open(heap, heap->ready);
  heap->objects = 0;
  return old;
}

static void pages_close(char *begin, size_t bytes) {
  bool is_closed = pages_protect(begin, bytes, PROT_NONE);
  gc_assert_always(is_closed);
}

void gc_moving_space_end(struct moving_heap *heap, struct moving_past old) {
  size_t bytes = (size_t)(old.end - old.begin);
  gc_assert_always(old.move == heap->moves + 1);
  gc_assert_always(old.end <= heap->begin || heap->ready <= old.begin);
  if (heap->moves >= MOVING_PASTS)
    forget_contents(heap, SIZE_MAX, old.move - MOVING_PASTS + 1);
  gc_moving_pieces(&heap->outposts, old.begin, old.end, pages_close);
  heap->moves = old.move;
  *past_of(heap, old.move) = old;
  heap->kept += bytes;
  gc_assert(heap->kept_from <= heap->moves);
  forget_contents(heap, MOVING_KEPT, 0);
}
