/* SPDX-License-Identifier: MIT */
/* A heap's requests to the system fail, one after the other. First the first
   request fails while a heap is made, attached to and used, then the second,
   and so on until none fails. Each fails once alone, and once with all later
   requests. Each failure is reported, and nothing leaks. This program is
   linked so that all such requests arrive here first. */
#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/heap/faults.h"
#include "tests/support/memory.h"
#include "tests/support/support.h"

/* Number of requests until one fails; 0: none fails. */
static unsigned fail_in;
static bool all_fail; /* all later requests fail too */
static bool has_failed;
static _Atomic long mapped; /* bytes that are mapped */
static unsigned arenas_made, arenas_destroyed;

bool faults_due(void) {
  if (fail_in != 1) {
    fail_in -= fail_in > 1;
    return false;
  }
  fail_in = all_fail;
  has_failed = true;
  return true;
}

bool memory_refuses(enum memory_request request) {
  (void)request;
  return faults_due();
}

/* The last one that was made here; a system that knows no such advice. */
static struct {
  unsigned char *at;
  size_t bytes;
} last_map;
static bool is_old_system;
static unsigned huge_pages_asked;

int __real_madvise(void *, size_t, int);
int __wrap_madvise(void *, size_t, int);
int __wrap_madvise(void *map, size_t bytes, int advice) {
  huge_pages_asked += advice == MADV_HUGEPAGE;
  if (!is_old_system)
    return __real_madvise(map, bytes, advice);
  errno = EINVAL;
  return -1;
}

void *__real_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int file,
                  off_t offset) {
  if (faults_due()) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  void *map = __real_mmap(at, bytes, protection, flags, file, offset);
  if (map != MAP_FAILED && !(flags & MAP_FIXED))
    mapped += (long)bytes;
  last_map.at = map;
  last_map.bytes = bytes;
  return map;
}

int __real_munmap(void *, size_t);
int __wrap_munmap(void *, size_t);
int __wrap_munmap(void *map, size_t bytes) {
  mapped -= (long)bytes;
  return __real_munmap(map, bytes);
}

int __real_pthread_create(pthread_t *, const pthread_attr_t *,
                          void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *,
                          void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *data) {
  return faults_due() ? EAGAIN
                      : __real_pthread_create(thread, attributes, start, data);
}

/* Cells, which are freed with their heap. */
void *__real_mallocx(size_t, int);
void *__wrap_mallocx(size_t, int);
void *__wrap_mallocx(size_t bytes, int flags) {
  return faults_due() ? NULL : __real_mallocx(bytes, flags);
}

int __real_mallctl(const char *, void *, size_t *, void *, size_t);
int __wrap_mallctl(const char *, void *, size_t *, void *, size_t);
int __wrap_mallctl(const char *name, void *old, size_t *old_size, void *new,
                   size_t new_size) {
  arenas_made += strcmp(name, "arenas.create") == 0;
  bool makes = strstr(name, ".create") != NULL;
  return makes && faults_due()
             ? EAGAIN
             : __real_mallctl(name, old, old_size, new, new_size);
}

int __real_mallctlbymib(const size_t *, size_t, void *, size_t *, void *,
                        size_t);
int __wrap_mallctlbymib(const size_t *, size_t, void *, size_t *, void *,
                        size_t);
int __wrap_mallctlbymib(const size_t *mib, size_t length, void *old,
                        size_t *old_size, void *new, size_t new_size) {
  size_t destroy[3], three = 3;
  CHECK(mallctlnametomib("arena.0.destroy", destroy, &three) == 0);
  arenas_destroyed += mib[0] == destroy[0] && mib[2] == destroy[2];
  return __real_mallctlbymib(mib, length, old, old_size, new, new_size);
}

/* --- what is done --------------------------------------------------------- */

/* False: a request failed, and the failure was reported. */
static bool allocate(gc_mutator *m) {
  GC_FRAME(m, f, node, mortal, weak, array);
  if (!test_make(m, &f.node, test_node, 1) ||
      !test_make(m, &f.mortal, test_mortal, 2) ||
      !gc_weak_new(m, &f.weak, gc_root_get(&f.node)) ||
      !gc_new_array(m, &f.array, test_refs, 1000))
    return false;
  gc_set(m, gc_root_get(&f.array), 0, gc_root_get(&f.node));
  return true;
}

static bool use(gc_heap *heap) {
  gc_mutator *m = gc_attach(heap);
  if (m == NULL)
    return false;
  bool whole = allocate(m);
  fail_in = 0;
  CHECK(allocate(m));
  gc_collect(m, GC_FULL);
  CHECK(gc_verify(m) == 0);
  gc_detach(m);
  return whole;
}

/* The k-th request fails. Returns true if there were fewer requests. */
static bool play(unsigned k, bool all) {
  const struct gc_options options = {.heap_bytes = 16 << 20, .gc_threads = 4};
  gc_heap *heap = NULL;
  test_deaths_begin(3);
  long blocks_before = memory_blocks, mapped_before = mapped;
  fail_in = k;
  all_fail = all;
  has_failed = false;
  int error = gc_heap_create(&options, &heap);
  CHECK((error == 0) == (heap != NULL));
  CHECK(error == 0 || error == ENOMEM || error == EAGAIN);
  bool whole = error == 0 && use(heap);
  CHECK(whole || has_failed);
  fail_in = 0;
  if (heap)
    gc_heap_destroy(heap);
  CHECK(k == 0 || (memory_blocks == blocks_before && mapped == mapped_before));
  return !has_failed;
}

static void play_all(bool all) {
  unsigned k = 1;
  while (!play(k, all))
    k++;
  printf("%u requests failed, %s\n", k - 1,
         all ? "each with all after it" : "one after the other");
  CHECK(k > 3);
}

/* Leaves an object with a finalizer alive, and a ring. */
static void fill(gc_heap *heap, gc_root *global) {
  gc_mutator *m = gc_attach(heap);
  {
    GC_FRAME(m, f, mortal, ring);
    *global = (gc_root){NULL};
    gc_global_add(heap, global);
    gc_global_set(m, global, test_make(m, &f.mortal, test_mortal, 2));
    gc_ref ring = test_make(m, &f.ring, test_node, 1);
    gc_set(m, ring, 0, ring);
  }
  gc_detach(m);
}

/* Heaps go without any memory: no finalizer can run, and the arenas that cannot
   be remembered for heaps to come are destroyed. Of those before, one is at
   hand, or two where a thread of the collector had one, too. */
static void heaps_go(void) {
  enum { REMEMBERED = 8, HEAPS = REMEMBERED + 1 };
  const struct gc_options options = {.heap_bytes = 1 << 20, .gc_threads = 1};
  gc_heap *heap[HEAPS];
  gc_root global[HEAPS];
  test_deaths_begin(3);
  unsigned made = arenas_made;
  long blocks_before = memory_blocks;
  for (int i = 0; i < HEAPS; i++) {
    CHECK(gc_heap_create(&options, &heap[i]) == 0);
    fill(heap[i], &global[i]);
  }
  made = arenas_made - made;
  fail_in = all_fail = true;
  for (int i = 0; i < HEAPS; i++)
    gc_heap_destroy(heap[i]);
  fail_in = 0;
  CHECK(memory_blocks == blocks_before);
  CHECK(test_deaths() == 0);
  CHECK(made == 0 || made == HEAPS - 1 || made == HEAPS - 2);
  CHECK(arenas_destroyed == (made > 0));
}

/* Pages that the system does not touch for `none` are touched one by one. */
static void pages_are_touched(void) {
  enum { BYTES = 1 << 20, PAGE = 4096 };
  const struct gc_options options = {.heap_bytes = BYTES};
  unsigned char is_resident[BYTES / PAGE];
  gc_heap *heap;
  if (gc_collector.reclaims)
    return;
  is_old_system = true;
  CHECK(gc_heap_create(&options, &heap) == 0);
  is_old_system = false;
  CHECK(last_map.bytes == BYTES);
  CHECK(mincore(last_map.at, BYTES, is_resident) == 0);
  for (int i = 0; i < BYTES / PAGE; i++)
    CHECK(is_resident[i] & 1);
  gc_heap_destroy(heap);
}

/* What the machine gives is not a collector's choice. */
static void no_huge_pages_are_asked_for(void) {
  const struct gc_options options = {.heap_bytes = 96 << 20};
  gc_heap *heap;
  CHECK(gc_heap_create(&options, &heap) == 0);
  CHECK(use(heap));
  gc_heap_destroy(heap);
  CHECK(huge_pages_asked == 0);
}

int main(void) {
  test_types_define();
  play(0, false); /* creates what is made once for a process, such as a type */
  play_all(false);
  play_all(true);
  heaps_go();
  no_huge_pages_are_asked_for();
  pages_are_touched();
  return 0;
}
