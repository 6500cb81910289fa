/* SPDX-License-Identifier: MIT */
/* A store cannot fail. Without memory for buffers, an overwritten object is
   freed only with the heap, and nothing else leaks. A heap can be destroyed
   without memory. */
#include "collectors/shared/counting/rc_heap.h"
#include "tests/support/memory.h"
#include "tests/support/support.h"

static bool is_exhausted;

bool memory_refuses(enum memory_request request) {
  return is_exhausted &&
         (request == MEMORY_MALLOC || request == MEMORY_ALIGNED_ALLOC);
}

enum { OVER = 10 };

static void fill(gc_mutator *m, const gc_root *array, size_t count) {
  GC_FRAME(m, f, object);
  for (size_t i = 0; i < count; i++) {
    CHECK(test_make(m, &f.object, test_mortal, i) != NULL);
    gc_set_move(m, gc_root_get(array), i, &f.object);
  }
}

/* No safepoint between the stores: a chunk fills up, and there is no other. */
static void stores_go_on(gc_mutator *m) {
  size_t most = rc_of(m)->deferred_max, count = most + OVER;
  GC_FRAME(m, f, array);
  test_deaths_begin(count);
  CHECK(gc_new_array(m, &f.array, test_refs, count) != NULL);
  fill(m, &f.array, count);
  test_settle(m);
  is_exhausted = true;
  for (size_t i = 0; i < count; i++)
    gc_set(m, gc_root_get(&f.array), i, NULL);
  is_exhausted = false;
  test_settle(m);
  CHECK(test_deaths() == most - 1);
  CHECK(gc_verify(m) == 0);
  fill(m, &f.array, count);
  for (size_t i = 0; i < count; i++)
    gc_set(m, gc_root_get(&f.array), i, NULL);
  test_settle(m);
  CHECK(test_deaths() == most - 1 + count);
}

/* Nothing is lost where a chunk with room was to be sealed. */
static void a_chunk_with_room_loses_nothing(void) {
  gc_mutator *m = test_open(0);
  struct rc_mutator *rc = rc_of(m);
  {
    GC_FRAME(m, f, array);
    test_deaths_begin(2);
    CHECK(gc_new_array(m, &f.array, test_refs, 2) != NULL);
    fill(m, &f.array, 2);
    test_settle(m);
    for (size_t i = 0; i < 2; i++)
      gc_set(m, gc_root_get(&f.array), i, NULL);
    rc->taken = rc_heap_of(m->heap)->press_bytes;
    is_exhausted = true;
    gc_rc_defer_press(rc);
    is_exhausted = false;
    CHECK(rc->deferred_count == 2);
    test_settle(m);
    CHECK(test_deaths() == 2);
  }
  test_close(m);
}

/* As a mutator leaves it that goes when others run, who have gone past their
   last look for such; nobody can attach who would apply it. */
static void what_waits_goes_with_the_heap(void) {
  long before = memory_blocks;
  gc_heap *heap = test_heap_create(0);
  struct rc_heap *rc = rc_heap_of(heap);
  struct rc_chunk *chunk = gc_rc_chunk_new(rc);
  CHECK(chunk != NULL);
  chunk->count = 0;
  chunk->taken = 0;
  chunk->epoch = 0;
  gc_rc_chunks_append(&rc->orphans, chunk);
  atomic_store(&rc->orphan_count, 1);
  is_exhausted = true;
  gc_heap_destroy(heap);
  is_exhausted = false;
  CHECK(memory_blocks == before);
}

/* Destroying the heap finalizes the remaining objects. */
int main(void) {
  gc_mutator *m = test_open(0);
  size_t count = 2 * (rc_of(m)->deferred_max + OVER);
  stores_go_on(m);
  test_close(m);
  CHECK(test_deaths() == count);
  a_chunk_with_room_loses_nothing();
  what_waits_goes_with_the_heap();
  return 0;
}
