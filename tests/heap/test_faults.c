/* SPDX-License-Identifier: MIT */
/* What a heap asks of the system fails, one request after the other: the first
   on making a heap, attaching and allocating, then the second, until none does.
   Whatever fails is answered, and nothing is left behind. This program is
   linked so that all such requests come here first. */
#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/support/support.h"

/* Requests until one fails; at 0 none does. */
static unsigned fail_in;
static bool has_failed;
/* Blocks that are not freed, bytes that are not unmapped. */
static _Atomic long blocks, mapped;

static bool fails(void) {
  if (fail_in == 0 || --fail_in > 0)
    return false;
  has_failed = true;
  return true;
}

static void *counted(void *block) {
  blocks += block != NULL;
  return block;
}

void *__real_malloc(size_t);
void *__wrap_malloc(size_t);
void *__wrap_malloc(size_t bytes) {
  return fails() ? NULL : counted(__real_malloc(bytes));
}

void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_calloc(size_t count, size_t bytes) {
  return fails() ? NULL : counted(__real_calloc(count, bytes));
}

void *__real_aligned_alloc(size_t, size_t);
void *__wrap_aligned_alloc(size_t, size_t);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes) {
  return fails() ? NULL : counted(__real_aligned_alloc(alignment, bytes));
}

void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);
void *__wrap_realloc(void *block, size_t bytes) {
  if (fails())
    return NULL;
  void *bigger = __real_realloc(block, bytes);
  blocks += block == NULL && bigger != NULL;
  return bigger;
}

void __real_free(void *);
void __wrap_free(void *);
void __wrap_free(void *block) {
  blocks -= block != NULL;
  __real_free(block);
}

void *__real_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int file,
                  off_t offset) {
  if (fails()) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  void *map = __real_mmap(at, bytes, protection, flags, file, offset);
  if (map != MAP_FAILED && !(flags & MAP_FIXED))
    mapped += (long)bytes;
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
  return fails() ? EAGAIN
                 : __real_pthread_create(thread, attributes, start, data);
}

int __real_mallctl(const char *, void *, size_t *, void *, size_t);
int __wrap_mallctl(const char *, void *, size_t *, void *, size_t);
int __wrap_mallctl(const char *name, void *old, size_t *old_size, void *new,
                   size_t new_size) {
  bool makes = strstr(name, ".create") != NULL;
  return makes && fails() ? EAGAIN
                          : __real_mallctl(name, old, old_size, new, new_size);
}

/* --- what is done --------------------------------------------------------- */

/* False: something failed, and said so. */
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
  gc_detach(m);
  return whole;
}

/* The k-th request fails. True: there were fewer. */
static bool play(unsigned k) {
  const struct gc_options options = {.heap_bytes = 16 << 20, .gc_threads = 4};
  gc_heap *heap = NULL;
  test_deaths_begin(3);
  long blocks_before = blocks, mapped_before = mapped;
  fail_in = k;
  has_failed = false;
  int error = gc_heap_create(&options, &heap);
  CHECK((error == 0) == (heap != NULL));
  CHECK(error == 0 || error == ENOMEM || error == EAGAIN);
  bool whole = error == 0 && use(heap);
  CHECK(whole || has_failed);
  fail_in = 0;
  if (heap)
    gc_heap_destroy(heap);
  CHECK(k == 0 || (blocks == blocks_before && mapped == mapped_before));
  return !has_failed;
}

int main(void) {
  unsigned k = 1;
  test_types_define();
  play(0); /* what is made once for a process, a type say, is there now */
  while (!play(k))
    k++;
  printf("%u requests failed, one after the other\n", k - 1);
  CHECK(k > 3);
  return 0;
}
