/* SPDX-License-Identifier: MIT */
/* Huge pages for the library's heap. It asks the system for memory in pieces
   and tells only that it has grown, not where; so we look through the list of
   mappings for those in which it knows of a block. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "collectors/bdw/bdw_heap.h"
#include "collectors/bdw/library.h"

/* The page-table entries of a smaller heap fit in the TLB. */
enum { BDW_HUGE_OVER = 64 << 20, BDW_HUGE_PAGE = 2 << 20 };

/* What else lies in front in the same mapping, a stack perhaps, stays as it
   is. A piece that is free has a header for its first block alone. */
static void mapping_ask(char *start, char *end) {
  enum { BLOCK = 4096 };
  gc_assert(start <= end);
  while (start < end && !GC_is_heap_ptr(start))
    start += BLOCK;
  if (end - start >= BDW_HUGE_PAGE)
    madvise(start, (size_t)(end - start), MADV_HUGEPAGE);
}

/* Called while threads run, so that nobody stands still in malloc. */
void gc_bdw_huge_pages_ask(size_t heap_bytes) {
  FILE *maps =
      heap_bytes > BDW_HUGE_OVER ? fopen("/proc/self/maps", "r") : NULL;
  char line[512];
  while (maps && fgets(line, sizeof line, maps)) {
    void *start, *end;
    char rights[5];
    unsigned long inode;
    int fields =
        sscanf(line, "%p-%p %4s %*s %*s %lu", &start, &end, rights, &inode);
    if (fields == 4 && inode == 0 && strcmp(rights, "rw-p") == 0)
      mapping_ask(start, end);
  }
  if (maps)
    fclose(maps);
}
