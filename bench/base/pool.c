/* SPDX-License-Identifier: MIT */
#include "bench/base/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"

struct pool_block {
  struct pool_block *next;
  size_t used, size;
  max_align_t bytes[];
};

/* Blocks that hold a thousand short strings each. */
enum { BLOCK_BYTES = 32768 };

_Noreturn void pool_exhausted(void) {
  exit(complain(EXIT_MEMORY, "there is no memory left for the front end"));
}

static struct pool_block *block_add(struct pool *pool, size_t size) {
  if (size < BLOCK_BYTES)
    size = BLOCK_BYTES;
  struct pool_block *block = calloc(1, sizeof *block + size);
  if (block == NULL)
    pool_exhausted();
  block->size = size;
  block->next = pool->blocks;
  return pool->blocks = block;
}

void *pool_alloc(struct pool *pool, size_t size) {
  size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
  struct pool_block *block = pool->blocks;
  if (block == NULL || block->size - block->used < size)
    block = block_add(pool, size);
  void *memory = (char *)block->bytes + block->used;
  block->used += size;
  return memory;
}

char *pool_copy(struct pool *pool, const char *text, size_t length) {
  char *copy = pool_alloc(pool, length + 1);
  if (length > 0)
    memcpy(copy, text, length);
  return copy;
}

char *pool_format(struct pool *pool, const char *format, ...) {
  char *text;
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(&text, format, arguments);
  va_end(arguments);
  if (length < 0)
    pool_exhausted();
  char *copy = pool_copy(pool, text, (size_t)length);
  free(text);
  return copy;
}

void *pool_grow(struct pool *pool, void *items, size_t count,
                size_t item_size) {
  /* An array is full when its count is a power of two. */
  if ((count & (count - 1)) != 0)
    return items;
  size_t capacity = count == 0 ? 1 : 2 * count;
  void *grown = pool_alloc(pool, capacity * item_size);
  if (count > 0)
    memcpy(grown, items, count * item_size);
  return grown;
}

void pool_free(struct pool *pool) {
  while (pool->blocks != NULL) {
    struct pool_block *block = pool->blocks;
    pool->blocks = block->next;
    free(block);
  }
}
