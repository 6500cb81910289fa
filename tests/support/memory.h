/* SPDX-License-Identifier: MIT */
/* For programs that are linked so that what asks the C library for memory comes
   here first (MEMORY in cmake/test.cmake): requests that a test refuses, and a
   count of blocks. */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include <stdbool.h>

enum memory_request {
  MEMORY_MALLOC,
  MEMORY_CALLOC,
  MEMORY_REALLOC,
  MEMORY_ALIGNED_ALLOC
};

/* The test defines it, and answers for each request: does it fail? */
bool memory_refuses(enum memory_request);

/* Blocks that are not freed. Any thread counts. */
extern _Atomic long memory_blocks;

#endif
