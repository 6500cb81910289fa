/* SPDX-License-Identifier: MIT */
/* Passes when memory is scarce. A pass that gets no memory loses no candidate.
   Neither does a pass that reaches more objects than its tables have room for.
   This program is linked so that calls of mmap and munmap come to the functions
   below. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/support/memory.h"
#include "tests/support/support.h"

static bool is_exhausted;

bool memory_refuses(enum memory_request request) {
  return is_exhausted && request == MEMORY_MALLOC;
}

static size_t map_most =
    SIZE_MAX; /* most bytes that the system grants at once */
static size_t map_left =
    SIZE_MAX; /* and in total, as if by a limit on address space */

void *__real_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int file,
                  off_t offset) {
  if (bytes <= map_most && bytes <= map_left) {
    map_left -= map_left == SIZE_MAX ? 0 : bytes;
    return __real_mmap(at, bytes, protection, flags, file, offset);
  }
  errno = ENOMEM;
  return MAP_FAILED;
}

int __real_munmap(void *, size_t);
int __wrap_munmap(void *, size_t);
int __wrap_munmap(void *at, size_t bytes) {
  map_left += map_left == SIZE_MAX ? 0 : bytes;
  return __real_munmap(at, bytes);
}

enum { RINGS = 3000 };

/* Makes two objects that refer to each other, and stores one of them in slot
   `i` of the kept array. */
static void make_ring(gc_mutator *m, const gc_root *kept, size_t i) {
  GC_FRAME(m, f, a, b);
  CHECK(test_make(m, &f.a, test_node, i) != NULL);
  CHECK(test_make(m, &f.b, test_node, i) != NULL);
  gc_set(m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
  gc_set(m, gc_root_get(&f.b), 0, gc_root_get(&f.a));
  gc_set(m, gc_root_get(kept), i, gc_root_get(&f.a));
}

static void visit_rings(gc_mutator *m, const gc_root *kept) {
  GC_FRAME(m, f, ring);
  for (size_t i = 0; i < RINGS; i++)
    gc_root_set(m, &f.ring, gc_get(gc_root_get(kept), i));
}

static void drop_rings(gc_mutator *m, const gc_root *kept) {
  for (size_t i = 0; i < RINGS; i++)
    gc_set(m, gc_root_get(kept), i, NULL);
  gc_safepoint(m);
}

/* A young pass sorts the older candidates by age, which needs memory for
   chunks. Candidates without such a chunk wait with the young ones, and are
   examined sooner. */
static void no_candidate_is_lost(gc_mutator *m) {
  GC_FRAME(m, f, kept);
  CHECK(gc_new_array(m, &f.kept, test_refs, RINGS) != NULL);
  for (size_t i = 0; i < RINGS; i++)
    make_ring(m, &f.kept, i);
  CHECK(gc_collect(m, GC_FULL) == 0);
  visit_rings(m, &f.kept);
  drop_rings(m, &f.kept);
  is_exhausted = true;
  size_t dead = gc_collect(m, 0);
  dead += gc_collect(m, GC_FULL);
  is_exhausted = false;
  CHECK(dead == 2 * RINGS);
}

/* Makes two objects that refer to each other. The second also refers to the
   ring in `next`. So a ring can only die when all rings that lead to it die. */
static void chain_ring(gc_mutator *m, gc_root *next) {
  GC_FRAME(m, f, a, b);
  CHECK(test_make(m, &f.a, test_node, 1) != NULL);
  CHECK(test_make(m, &f.b, test_node, 2) != NULL);
  gc_set(m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
  gc_set(m, gc_root_get(&f.b), 0, gc_root_get(&f.a));
  gc_set_move(m, gc_root_get(&f.b), 1, next);
  gc_root_move(m, next, &f.a);
}

/* All rings are connected, so a pass that examines one reaches too many for its
   tables, and gives up. It must then restore all counts, whether the rings are
   alive or dead. */
static void what_is_too_large_stays_as_it_is(void) {
  map_most = 16 << 10;
  gc_mutator *m = test_open(0);
  map_most = SIZE_MAX;
  gc_threshold_set(m->heap, 0, 0);
  {
    GC_FRAME(m, f, first);
    for (size_t i = 0; i < RINGS; i++)
      chain_ring(m, &f.first);
    CHECK(gc_collect(m, GC_FULL) == 0);
    CHECK(gc_verify(m) == 0);
    gc_root_clear(m, &f.first);
    CHECK(gc_collect(m, GC_FULL) == 0);
    CHECK(gc_verify(m) == 0);
  }
  test_close(m);
}

/* The holder refers to all nodes, and each node refers to the holder. When a
   pass finds the holder alive, all nodes turn black together. */
static void all_turn_black(gc_mutator *m) {
  enum { NODES = 2 * RINGS };
  GC_FRAME(m, f, holder, node);
  CHECK(gc_new_array(m, &f.holder, test_refs, NODES) != NULL);
  for (size_t i = 0; i < NODES; i++) {
    CHECK(test_make(m, &f.node, test_node, i) != NULL);
    gc_set(m, gc_root_get(&f.node), 0, gc_root_get(&f.holder));
    gc_set(m, gc_root_get(&f.holder), i, gc_root_get(&f.node));
  }
  gc_root_clear(m, &f.node);
  CHECK(gc_collect(m, GC_FULL) == 0);
  CHECK(gc_verify(m) == 0);
}

/* A pass fills one table from another, so both must have the same size, even
   when address space is scarce. Here there is enough for one table of full
   size, but not for a second one. */
static void tables_share_what_addresses_there_are(void) {
  enum { LIMIT = 8 << 20, BATCH = (1 << 20) * sizeof(gc_ref) };
  size_t table = (LIMIT / 16 + 1024) * sizeof(gc_ref);
  map_left = BATCH + table + table / 128;
  gc_mutator *m = test_open(LIMIT);
  map_left = SIZE_MAX;
  gc_threshold_set(m->heap, 0, 0);
  all_turn_black(m);
  test_close(m);
}

int main(void) {
  gc_mutator *m = test_open(0);
  gc_threshold_set(m->heap, 0, 0);
  no_candidate_is_lost(m);
  test_close(m);
  what_is_too_large_stays_as_it_is();
  tables_share_what_addresses_there_are();
  return 0;
}
