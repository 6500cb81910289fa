/* SPDX-License-Identifier: MIT */
/* A memory pool, which is freed all at once. The front end runs one command, so
   its strings and arrays belong to the command or to one run. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

struct pool {
  struct pool_block *blocks; /* NULL: empty, and ready for use */
};

/* Allocates zeroed memory. Never NULL: without memory the program prints a
   message and exits. */
void *pool_alloc(struct pool *, size_t size);
char *pool_copy(struct pool *, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) char *pool_format(struct pool *,
                                                        const char *, ...);
/* Makes room for one more item after `count` items. An array that grows this
   way must do so from its first item on. */
void *pool_grow(struct pool *, void *items, size_t count, size_t item_size);
void pool_free(struct pool *);

/* Prints that there is no memory, and exits. */
_Noreturn void pool_exhausted(void);

#endif
