/* SPDX-License-Identifier: MIT */
#include "tests/support/memory.h"

#include <stdlib.h>

_Atomic long memory_blocks;

static void *counted(void *block) {
  memory_blocks += block != NULL;
  return block;
}

void *__real_malloc(size_t);
void *__wrap_malloc(size_t);
void *__wrap_malloc(size_t bytes) {
  return memory_refuses(MEMORY_MALLOC) ? NULL : counted(__real_malloc(bytes));
}

void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_calloc(size_t count, size_t bytes) {
  return memory_refuses(MEMORY_CALLOC) ? NULL
                                       : counted(__real_calloc(count, bytes));
}

void *__real_aligned_alloc(size_t, size_t);
void *__wrap_aligned_alloc(size_t, size_t);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes) {
  return memory_refuses(MEMORY_ALIGNED_ALLOC)
             ? NULL
             : counted(__real_aligned_alloc(alignment, bytes));
}

void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);
void *__wrap_realloc(void *block, size_t bytes) {
  if (memory_refuses(MEMORY_REALLOC))
    return NULL;
  void *bigger = __real_realloc(block, bytes);
  memory_blocks += block == NULL && bigger != NULL;
  return bigger;
}

void __real_free(void *);
void __wrap_free(void *);
void __wrap_free(void *block) {
  memory_blocks -= block != NULL;
  __real_free(block);
}
